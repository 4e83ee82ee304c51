/* SPDX-License-Identifier: MIT */
#include "outputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outfile.h"
#include "path.h"
#include "posix_io.h"
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
    if (strcmp(name, HMZ_MANIFEST_NAME) == 0)
        return true; /* what is no manifest of ours was refused before */
    for (size_t i = 0; i < manifest->output_count; i++)
        if (strcmp(manifest->outputs[i].file, name) == 0)
            return true;
    return false;
}

/* A harmonic run is ours from the moment its note is written, a table from the moment the mark is set. */
static int look_in_state(const struct hmz_state *state, const char *name, bool *own_out,
                         struct hmz_error *err)
{
    size_t number;
    bool is_run = hmz_outputs_run_number(name, &number);
    *own_out = false;
    if (is_run && strcmp(hmz_harmonic_name(number).text, name) != 0)
        return HMZ_OK;
    char *mark = is_run ? hmz_state_written_path(state, number) : hmz_state_tables_path(state);
    if (!mark)
        return hmz_fail_nomem(err, "a path");
    *own_out = access(mark, F_OK) == 0;
    free(mark);
    return HMZ_OK;
}

static int add(struct hmz_outputs *self, const struct hmz_output *output, struct hmz_error *err)
{
    if (self->count == self->room) {
        size_t room = self->room ? 2 * self->room : 32;
        struct hmz_output *items = realloc(self->items, room * sizeof *items);
        if (!items)
            return hmz_fail_nomem(err, "a list of files");
        self->items = items;
        self->room = room;
    }
    struct hmz_output *item = &self->items[self->count];
    *item = *output;
    item->name = strdup(output->name);
    if (!item->name)
        return hmz_fail_nomem(err, "a list of files");
    self->count++;
    self->own_count += item->own;
    return HMZ_OK;
}

static int look_at(struct hmz_outputs *self, int folder_fd, const struct hmz_state *state,
                   const struct hmz_manifest *manifest, char *name, struct hmz_error *err)
{
    size_t number;
    struct stat found;
    if (!hmz_outputs_run_number(name, &number) && !is_table(name) && strcmp(name, HMZ_MANIFEST_NAME) != 0)
        return HMZ_OK;
    if (fstatat(folder_fd, name, &found, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? HMZ_OK : hmz_fail_errno(err, errno, "%s: cannot look at it", name);
    struct hmz_output output = {.name = name, .bytes = (uint64_t)found.st_size};
    output.own = in_manifest(manifest, name);
    int status = output.own ? HMZ_OK : look_in_state(state, name, &output.own, err);
    return status == HMZ_OK ? add(self, &output, err) : status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct hmz_output *)a)->name, ((const struct hmz_output *)b)->name);
}

int hmz_outputs_list(struct hmz_outputs *self_out, const struct hmz_state *state,
                     const struct hmz_manifest *manifest, struct hmz_error *err)
{
    *self_out = (struct hmz_outputs){0};
    DIR *folder = hmz_io_open_folder(state->harmonic_path);
    if (!folder)
        return hmz_fail_errno(err, errno, "%s: cannot be listed", state->harmonic_path);
    int status = HMZ_OK;
    struct dirent *entry;
    while (status == HMZ_OK && (errno = 0, entry = readdir(folder)))
        status = look_at(self_out, dirfd(folder), state, manifest, entry->d_name, err);
    if (status == HMZ_OK && errno != 0)
        status = hmz_fail_errno(err, errno, "cannot be listed");
    closedir(folder);
    if (status != HMZ_OK) {
        hmz_outputs_release(self_out);
        return hmz_place(err, "%s", state->harmonic_path);
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
    for (size_t i = 0; i < self->count; i++)
        tables += is_table(self->items[i].name);
    return self->own_count == 0 && tables > 0 && (tables < self->count || tables == HMZ_TABLE_COUNT);
}

int hmz_outputs_refuse_foreign(const struct hmz_outputs *self, const char *harmonic_path,
                               struct hmz_error *err)
{
    char names[NAMED_FILES * 40] = "";
    size_t foreign = self->count - self->own_count;
    size_t named = 0;
    for (size_t i = 0; i < self->count && named < NAMED_FILES; i++) {
        if (self->items[i].own)
            continue;
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", named++ ? ", " : "", self->items[i].name);
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
    int status = hmz_state_open(&state, harmonic_path, HMZ_LOCK_NONE, err);
    if (status != HMZ_OK)
        return status;
    char *path = hmz_state_replaced_path(&state);
    status = path ? hmz_manifest_load(&replaced, path, err) : hmz_fail_nomem(err, "a path");
    free(path);
    if (status == HMZ_OK || status == HMZ_END)
        status = hmz_outputs_list(&outputs, &state, &replaced, err);
    if (status == HMZ_OK) {
        *begun_out = access(state.folder, F_OK) == 0;
        status = hmz_outputs_refuse_foreign(&outputs, harmonic_path, err);
        hmz_outputs_release(&outputs);
    }
    hmz_manifest_release(&replaced);
    hmz_state_close(&state);
    return status;
}

int hmz_outputs_load_manifest(struct hmz_manifest *self_out, const char *harmonic_path, struct hmz_error *err)
{
    bool begun;
    char *path = hmz_path_join(harmonic_path, HMZ_MANIFEST_NAME);
    int status = path ? hmz_manifest_load(self_out, path, err) : hmz_fail_nomem(err, "a path");
    free(path);
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

static int remove_file(const char *folder, const char *name, struct hmz_error *err)
{
    char *path = hmz_path_join(folder, name);
    if (!path)
        return hmz_fail_nomem(err, name);
    int status = HMZ_OK;
    if (unlink(path) != 0 && errno != ENOENT)
        status = hmz_fail_write(err, errno, "%s: cannot be removed", path);
    free(path);
    return status;
}

static int save_copy(const uint8_t *bytes, size_t length, const char *path, struct hmz_error *err)
{
    struct hmz_outfile file = HMZ_OUTFILE_CLOSED;
    char *part = hmz_text_new("%s.part", path);
    int status = part ? hmz_outfile_create_own(&file, part, err) : hmz_fail_nomem(err, path);
    if (status == HMZ_OK)
        status = hmz_outfile_write(&file, bytes, length, err);
    if (status == HMZ_OK)
        status = hmz_outfile_commit(&file, path, err);
    hmz_outfile_discard(&file);
    free(part);
    return status;
}

/* Without its manifest the set is not complete, whatever happens next. The copy is safe before the original
 * goes: a rename from folder to folder may be half done after a power cut, and then nobody knew the files. */
static int set_manifest_aside(const struct hmz_state *state, const char *replaced, struct hmz_error *err)
{
    uint8_t *bytes = NULL;
    size_t length;
    char *path = hmz_path_join(state->harmonic_path, HMZ_MANIFEST_NAME);
    if (!path)
        return hmz_fail_nomem(err, "a path");
    int status = hmz_io_read_file(path, HMZ_MANIFEST_BYTES_LIMIT, &bytes, &length, err);
    if (status == HMZ_OK)
        status = save_copy(bytes, length, replaced, err);
    if (status == HMZ_OK)
        status = remove_file(state->harmonic_path, HMZ_MANIFEST_NAME, err);
    free(bytes);
    free(path);
    /* An earlier --force has set it aside already. */
    if (status == HMZ_END)
        status = HMZ_OK;
    return status == HMZ_OK ? hmz_folder_sync(state->harmonic_path, err) : status;
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
            status = remove_file(state->harmonic_path, self->items[i].name, err);
    }
    return status == HMZ_OK ? hmz_folder_sync(state->harmonic_path, err) : status;
}

int hmz_outputs_remove_own(const struct hmz_outputs *self, const struct hmz_state *state,
                           const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    char *replaced = hmz_state_replaced_path(state);
    int status = replaced ? set_manifest_aside(state, replaced, err) : hmz_fail_nomem(err, "a path");
    for (enum turn turn = HARMONIC_RUNS; status == HMZ_OK && turn < TURN_COUNT; turn++)
        status = remove_in_turn(self, state, turn, stop, err);
    if (status == HMZ_OK && unlink(replaced) != 0 && errno != ENOENT)
        status = hmz_fail_write(err, errno, "%s: cannot be removed", replaced);
    free(replaced);
    return status;
}
