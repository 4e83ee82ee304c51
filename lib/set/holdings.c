/* SPDX-License-Identifier: MIT */
#include "holdings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "file_hash.h"
#include "index.h"
#include "outfile.h"
#include "path.h"
#include "posix_io.h"
#include "tables.h"
#include "written.h"

void hmz_holdings_release(struct hmz_holdings *self)
{
    if (self->events_fd >= 0)
        close(self->events_fd); /* only read */
    if (self->scalers_fd >= 0)
        close(self->scalers_fd);
    for (size_t i = 0; i < self->run_count; i++)
        free(self->runs[i].file);
    for (size_t i = 0; self->file_sums && i < self->begun->file_count; i++)
        free(self->file_sums[i]);
    free(self->runs);
    free(self->files_there);
    free(self->file_sums);
    *self = HMZ_HOLDINGS_NONE;
}

bool hmz_held_run_is_there(const struct hmz_held_run *self)
{
    return self->events.missing + self->events.other + self->events.spoilt + self->scalers.missing +
               self->scalers.other ==
           0;
}

/* ---- a set with tables ---- */

static bool is_there(const struct hmz_outputs *outputs, const char *name)
{
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->items[i].own && strcmp(outputs->items[i].name, name) == 0)
            return true;
    return false;
}

static bool any_harmonic_run(const struct hmz_outputs *outputs)
{
    size_t number;
    for (size_t i = 0; i < outputs->count; i++)
        if (outputs->items[i].own && hmz_outputs_run_number(outputs->items[i].name, &number))
            return true;
    return false;
}

static int open_table(const struct hmz_state *state, const struct hmz_manifest *manifest, const char *name,
                      int *fd_out, struct hmz_error *err)
{
    const struct hmz_manifest_output *output = hmz_manifest_find_output(manifest, name);
    if (!output)
        return hmz_fail(err, HMZ_E_USAGE, "the manifest lists no %s", name);
    int status = hmz_file_open(hmz_state_output(state, name), O_RDONLY, fd_out, err);
    if (status == HMZ_END)
        return hmz_fail(err, HMZ_E_USAGE, "%s is missing", name);
    if (status == HMZ_OK)
        status = hmz_manifest_check_output(output, *fd_out, err);
    return status == HMZ_E_DAMAGED ? (err->status = HMZ_E_USAGE) : status;
}

/* `needed`: the set holds something that only this table tells of. */
static int open_where_there(const struct hmz_state *state, const struct hmz_manifest *manifest,
                            const struct hmz_outputs *outputs, const char *name, int *fd_out,
                            struct hmz_error *err)
{
    if (is_there(outputs, name))
        return open_table(state, manifest, name, fd_out, err);
    return any_harmonic_run(outputs) ? hmz_fail(err, HMZ_E_USAGE, "%s is missing", name) : HMZ_OK;
}

static int add_run(struct hmz_holdings *self, int32_t run, const char *file, struct hmz_error *err)
{
    self->runs[self->run_count] = (struct hmz_held_run){.run = run, .file = strdup(file)};
    return self->runs[self->run_count++].file ? HMZ_OK : hmz_fail_nomem(err, "what the set holds");
}

int hmz_holdings_of_set(struct hmz_holdings *self_out, const struct hmz_state *state,
                        const struct hmz_manifest *manifest, const struct hmz_outputs *outputs,
                        struct hmz_error *err)
{
    int status = HMZ_OK;
    *self_out = HMZ_HOLDINGS_NONE;
    self_out->runs = calloc(manifest->input_count + 1, sizeof *self_out->runs);
    if (!self_out->runs)
        return hmz_fail_nomem(err, "what the set holds");
    for (size_t i = 0; status == HMZ_OK && i < manifest->input_count; i++)
        status = add_run(self_out, manifest->inputs[i].run, manifest->inputs[i].file, err);
    if (status == HMZ_OK && any_harmonic_run(outputs))
        status = open_where_there(state, manifest, outputs, HMZ_EVENTS_TABLE, &self_out->events_fd, err);
    if (status == HMZ_OK)
        status = open_where_there(state, manifest, outputs, HMZ_SCALERS_TABLE, &self_out->scalers_fd, err);
    return status;
}

/* ---- a set that is not finished ---- */

/* Harmonic run `number` lies there under its final name: was it written for this plan? */
static int take_file(struct hmz_holdings *self, size_t number, struct hmz_error *err)
{
    struct hmz_written written = {0};
    int status = hmz_written_load(&written, hmz_state_written(self->state, number), err);
    if (status == HMZ_END || status == HMZ_E_DAMAGED ||
        (status == HMZ_OK && (written.plan_id != self->begun->id || number >= self->begun->file_count)))
        status =
            hmz_fail(err, HMZ_E_USAGE, "the note of harmonic run %zu is lost, or of another plan", number);
    if (status == HMZ_OK)
        self->files_there[number] = true;
    /* Where events were left out, their places are not those of the plan. */
    if (status == HMZ_OK && hmz_mode_facts(self->begun->settings.mode)->holds_data &&
        written.event_count == self->begun->files[number].end - self->begun->files[number].first) {
        self->file_sums[number] = written.checksums;
        written.checksums = NULL;
    }
    hmz_written_release(&written);
    return status;
}

int hmz_holdings_of_begun(struct hmz_holdings *self_out, const struct hmz_state *state,
                          const struct hmz_plan *begun, const struct hmz_outputs *outputs,
                          struct hmz_error *err)
{
    int status = HMZ_OK;
    *self_out = HMZ_HOLDINGS_NONE;
    self_out->state = state;
    self_out->begun = begun;
    self_out->has_scalers = is_there(outputs, HMZ_SCALERS_TABLE);
    self_out->runs = calloc(begun->run_count + 1, sizeof *self_out->runs);
    self_out->files_there = calloc(begun->file_count + 1, sizeof *self_out->files_there);
    self_out->file_sums = calloc(begun->file_count + 1, sizeof *self_out->file_sums);
    if (!self_out->runs || !self_out->files_there || !self_out->file_sums)
        return hmz_fail_nomem(err, "what the set holds");
    for (size_t i = 0; status == HMZ_OK && i < begun->run_count; i++)
        status = add_run(self_out, begun->runs[i].run, hmz_path_name(begun->runs[i].path), err);
    for (size_t i = 0; status == HMZ_OK && i < outputs->count; i++) {
        size_t number;
        if (outputs->items[i].own && hmz_outputs_run_number(outputs->items[i].name, &number))
            status = take_file(self_out, number, err);
    }
    return status;
}

/* ---- indexes of the begun plan ---- */

/* One that is lost already is told where it matters; one that cannot be read now must not be lost. */
static int is_planned(struct hmz_file_at at, const struct hmz_plan_run *run, bool *planned_out,
                      struct hmz_error *err)
{
    struct hmz_index *index;
    struct stat found;
    *planned_out = false;
    if (!hmz_file_look(at, &found) && errno == ENOENT)
        return HMZ_OK;
    int status = hmz_index_open(at, &index, err);
    if (status != HMZ_OK)
        return status == HMZ_E_DAMAGED ? HMZ_OK : status;
    *planned_out = hmz_index_hash(index) == run->index_hash;
    hmz_index_close(index);
    return HMZ_OK;
}

int hmz_holdings_keep_index(const struct hmz_state *state, const struct hmz_plan_run *run,
                            struct hmz_error *err)
{
    bool planned;
    const struct hmz_file_at index = hmz_state_index(state, run->run);
    const struct hmz_file_at kept = hmz_state_begun_index(state, run->run);
    int status = is_planned(index, run, &planned, err);
    if (planned && renameat(state->folder.fd, index.name, state->folder.fd, kept.name) != 0)
        status = hmz_fail_write(err, errno, "%s/%s: cannot be kept as %s", state->folder.path, index.name,
                                kept.name);
    return status == HMZ_OK ? hmz_folder_sync(&state->folder, err) : status;
}
