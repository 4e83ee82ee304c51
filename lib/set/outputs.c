/* SPDX-License-Identifier: MIT */
#include "outputs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "list.h"
#include "outfile.h"
#include "stop.h"
#include "tables.h"

enum { RUN_DIGITS_LEAST = 4, RUN_DIGITS_MOST = 10 };

bool hmz_outputs_run_number(const char *name, size_t *number_out)
{
    size_t number = 0;
    if (strncmp(name, "run_", 4) != 0)
        return false;
    size_t digits = strspn(name + 4, "0123456789");
    if (digits < RUN_DIGITS_LEAST || digits > RUN_DIGITS_MOST || strcmp(name + 4 + digits, ".h5") != 0)
        return false;
    for (size_t i = 0; i < digits; i++)
        number = 10 * number + (size_t)(name[4 + i] - '0');
    *number_out = number;
    return true;
}

static bool is_table(const char *name)
{
    for (size_t i = 0; i < HMZ_TABLE_COUNT; i++)
        if (strcmp(hmz_tables[i].name, name) == 0)
            return true;
    return false;
}

static bool in_manifest(const struct hmz_manifest *manifest, const char *name)
{
    /* What is no manifest of ours was refused before. */
    return strcmp(name, HMZ_MANIFEST_NAME) == 0 || hmz_manifest_find_output(manifest, name);
}

/* A harmonic run is ours from the moment its note is written, a table from the moment the mark is set. */
static bool in_state(const struct hmz_state *state, const char *name)
{
    size_t number;
    bool is_run = hmz_outputs_run_number(name, &number);
    if (is_run && strcmp(hmz_harmonic_name(number).text, name) != 0)
        return false;
    return hmz_file_is_there(is_run ? hmz_state_written(state, number) : hmz_state_tables(state));
}

static int add(struct hmz_outputs *self, const struct hmz_output *output, struct hmz_error *err)
{
    struct hmz_output *item = hmz_list_add(&self->items, &self->count, sizeof *self->items);
    if (!item)
        return hmz_fail_nomem(err, "a list of files");
    *item = *output;
    item->name = strdup(output->name);
    if (!item->name)
        return hmz_fail_nomem(err, "a list of files");
    self->own_count += item->own;
    self->link_count += item->link;
    return HMZ_OK;
}

struct look {
    struct hmz_outputs *outputs;
    const struct hmz_state *state;
    const struct hmz_manifest *manifest;
};

static int look_at(void *data, const char *name, struct hmz_error *err)
{
    const struct look *self = data;
    const struct hmz_folder *folder = &self->state->harmonic;
    size_t number;
    struct stat found;
    if (!hmz_outputs_run_number(name, &number) && !is_table(name) && strcmp(name, HMZ_MANIFEST_NAME) != 0)
        return HMZ_OK;
    if (fstatat(folder->fd, name, &found, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? HMZ_OK
                               : hmz_fail_errno(err, errno, "%s/%s: cannot look at it", folder->path, name);
    bool listed = in_manifest(self->manifest, name) || in_state(self->state, name);
    bool link = S_ISLNK(found.st_mode) && strcmp(name, HMZ_MANIFEST_NAME) != 0;
    struct hmz_output output = {
        .name = (char *)name, .mode = found.st_mode, .own = listed && S_ISREG(found.st_mode)};
    output.link = listed && link && fstatat(folder->fd, name, &found, 0) == 0 && S_ISREG(found.st_mode);
    output.bytes = (uint64_t)found.st_size;
    return add(self->outputs, &output, err);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct hmz_output *)a)->name, ((const struct hmz_output *)b)->name);
}

int hmz_outputs_list(struct hmz_outputs *self_out, const struct hmz_state *state,
                     const struct hmz_manifest *manifest, struct hmz_error *err)
{
    *self_out = (struct hmz_outputs){0};
    struct look look = {.outputs = self_out, .state = state, .manifest = manifest};
    int status = hmz_folder_each(&state->harmonic, look_at, &look, err);
    if (status != HMZ_OK) {
        hmz_outputs_release(self_out);
        return status;
    }
    if (self_out->count)
        qsort(self_out->items, self_out->count, sizeof *self_out->items, by_name);
    return HMZ_OK;
}

void hmz_outputs_release(struct hmz_outputs *self)
{
    for (size_t i = 0; i < self->count; i++)
        free(self->items[i].name);
    free(self->items);
    *self = (struct hmz_outputs){0};
}

enum { NAMED_FILES = 8 };

/* Harmonic runs beside tables, or all tables, and nothing that a state or a manifest knows. */
static bool has_lost_manifest(const struct hmz_outputs *self)
{
    size_t tables = 0;
    bool files = true;
    for (size_t i = 0; i < self->count; i++) {
        tables += is_table(self->items[i].name);
        files = files && S_ISREG(self->items[i].mode);
    }
    return files && self->own_count == 0 && tables > 0 && (tables < self->count || tables == HMZ_TABLE_COUNT);
}

int hmz_outputs_refuse_foreign(const struct hmz_outputs *self, const char *harmonic_path,
                               enum hmz_outputs_use use, struct hmz_error *err)
{
    char names[NAMED_FILES * 40] = "";
    bool links_pass = use == HMZ_OUTPUTS_READ;
    size_t foreign = self->count - self->own_count - (links_pass ? self->link_count : 0);
    size_t named = 0;
    for (size_t i = 0; i < self->count && named < NAMED_FILES; i++) {
        if (self->items[i].own || (self->items[i].link && links_pass))
            continue;
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", named++ ? ", " : "", self->items[i].name);
        used = strlen(names);
        if (!S_ISREG(self->items[i].mode))
            snprintf(names + used, sizeof names - used, " (%s)", hmz_file_kind_text(self->items[i].mode));
    }
    const char *more = foreign > named ? " and more" : "";
    if (foreign == 0)
        return HMZ_OK;
    if (has_lost_manifest(self))
        return hmz_fail(
            err, HMZ_E_USAGE,
            "%s: the manifest is missing: this set is not complete (%s%s); put manifest.json back from "
            "a copy. Without it these files are not touched, with --force neither; a new set needs "
            "another harmonic_path",
            harmonic_path, names, more);
    return hmz_fail(err, HMZ_E_USAGE,
                    "%s holds files that this program did not write there: %s%s; choose an empty "
                    "harmonic_path or move them away, or put back the manifest.json that lists them",
                    harmonic_path, names, more);
}

/* ---- a manifest that is not there ---- */

/* Are there files that no command would go on with; is there a state to go on from? */
static int look_for_set(const char *harmonic_path, bool *begun_out, struct hmz_error *err)
{
    struct hmz_state state;
    struct hmz_outputs outputs;
    struct hmz_manifest replaced = {0};
    int status = hmz_state_look(&state, harmonic_path, NULL, err);
    if (status != HMZ_OK)
        return status;
    status = hmz_manifest_load(&replaced, hmz_state_replaced(&state), err);
    if (status == HMZ_OK || status == HMZ_END)
        status = hmz_outputs_list(&outputs, &state, &replaced, err);
    if (status == HMZ_OK) {
        *begun_out = state.folder.fd >= 0;
        status = hmz_outputs_refuse_foreign(&outputs, harmonic_path, HMZ_OUTPUTS_REPLACE, err);
        hmz_outputs_release(&outputs);
    }
    hmz_manifest_release(&replaced);
    hmz_state_close(&state);
    return status;
}

int hmz_outputs_load_manifest(struct hmz_manifest *self_out, const char *harmonic_path, struct hmz_error *err)
{
    bool begun;
    struct hmz_folder folder;
    int status = hmz_folder_open(&folder, harmonic_path, err);
    if (status != HMZ_OK)
        return status;
    status = hmz_manifest_load(self_out, hmz_file_in(&folder, HMZ_MANIFEST_NAME), err);
    hmz_folder_close(&folder);
    if (status != HMZ_END)
        return status;
    status = look_for_set(harmonic_path, &begun, err);
    if (status == HMZ_E_USAGE)
        return err->status = HMZ_E_FAILED;
    if (status != HMZ_OK)
        return status;
    return begun ? hmz_fail(err, HMZ_E_FAILED,
                            "%s: the manifest is missing: this set is not complete; run the same command "
                            "again that began it, and it goes on",
                            harmonic_path)
                 : hmz_fail(err, HMZ_E_FAILED,
                            "%s: the manifest is missing: there is no harmonic set yet; harmonize first",
                            harmonic_path);
}

uint64_t hmz_outputs_own_bytes(const struct hmz_outputs *self)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < self->count; i++)
        if (self->items[i].own)
            bytes += self->items[i].bytes;
    return bytes;
}

static int save_copy(const uint8_t *bytes, size_t length, struct hmz_file_at at, struct hmz_error *err)
{
    struct hmz_outfile file = HMZ_OUTFILE_CLOSED;
    int status = hmz_outfile_create_own(&file, hmz_file_in(at.folder, "%s.part", at.name), err);
    if (status == HMZ_OK)
        status = hmz_outfile_write(&file, bytes, length, err);
    if (status == HMZ_OK)
        status = hmz_outfile_commit(&file, at, err);
    hmz_outfile_discard(&file);
    return status;
}

/* Without its manifest the set is not complete, whatever happens next. The copy is safe before the original
 * goes: a rename from folder to folder may be half done after a power cut, and then nobody knew the files. */
static int set_manifest_aside(const struct hmz_state *state, struct hmz_error *err)
{
    uint8_t *bytes = NULL;
    size_t length;
    const struct hmz_file_at manifest = hmz_state_output(state, HMZ_MANIFEST_NAME);
    int status = hmz_file_read(manifest, HMZ_MANIFEST_BYTES_LIMIT, &bytes, &length, err);
    if (status == HMZ_OK)
        status = save_copy(bytes, length, hmz_state_replaced(state), err);
    if (status == HMZ_OK)
        status = hmz_file_remove(manifest, err);
    free(bytes);
    /* An earlier --force has set it aside already. */
    if (status == HMZ_END)
        status = HMZ_OK;
    return status == HMZ_OK ? hmz_folder_sync(&state->harmonic, err) : status;
}

/* In this order, so that who goes on after a kill can still tell what the set holds: harmonic runs, whose
 * events are in a table, the tables, of which that of the scalers holds what no harmonic run has. */
enum turn { HARMONIC_RUNS, TABLES, SCALERS, TURN_COUNT };

static enum turn turn_of(const char *name)
{
    size_t number;
    if (strcmp(name, HMZ_SCALERS_TABLE) == 0)
        return SCALERS;
    return hmz_outputs_run_number(name, &number) ? HARMONIC_RUNS : TABLES;
}

static int remove_in_turn(const struct hmz_outputs *self, const struct hmz_state *state, enum turn turn,
                          const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < self->count; i++) {
        status = hmz_stop_check(stop, err);
        if (status == HMZ_OK && self->items[i].own && turn_of(self->items[i].name) == turn)
            status = hmz_file_remove(hmz_state_output(state, self->items[i].name), err);
    }
    return status == HMZ_OK ? hmz_folder_sync(&state->harmonic, err) : status;
}

int hmz_outputs_remove_own(const struct hmz_outputs *self, const struct hmz_state *state,
                           const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    int status = set_manifest_aside(state, err);
    for (enum turn turn = HARMONIC_RUNS; status == HMZ_OK && turn < TURN_COUNT; turn++)
        status = remove_in_turn(self, state, turn, stop, err);
    return status == HMZ_OK ? hmz_file_remove(hmz_state_replaced(state), err) : status;
}
