/* SPDX-License-Identifier: MIT */
/* When every harmonic run is there: the tables, then the manifest, then the state folder goes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file_hash.h"
#include "job.h"
#include "outfile.h"
#include "path.h"
#include "sealed_file.h"
#include "tables.h"
#include "written.h"

static int add_run(struct hmz_job *self, size_t i, struct hmz_error *err)
{
    struct hmz_written written = {0};
    const struct hmz_plan_file *file = &self->plan->files[i];
    char *path = hmz_state_written_path(&self->state, i);
    int status = path ? hmz_written_load(&written, path, err) : hmz_fail_nomem(err, "a path");
    free(path);
    if (status == HMZ_END)
        status = hmz_fail(err, HMZ_E_FAILED, "harmonic run %zu is not written yet", i);
    if (status != HMZ_OK)
        return status;
    struct hmz_manifest_output *output = hmz_manifest_add_output(&self->manifest);
    if (output)
        *output = (struct hmz_manifest_output){.file = strdup(hmz_harmonic_name(i).text),
                                               .bytes = written.file_bytes,
                                               .is_run = true,
                                               .events = written.event_count,
                                               .first = file->first_place,
                                               .last = file->last_place,
                                               .hash = written.hash};
    if (!output || !output->file)
        status = hmz_fail_nomem(err, "the manifest");
    hmz_written_release(&written);
    return status;
}

static int fill_table(struct hmz_job *self, const struct hmz_table *table, struct hmz_outfile *file,
                      struct hmz_error *err)
{
    struct hmz_file_hash hash;
    const struct hmz_tick nobody = {0};
    int status = table->write(self->plan, &self->state, file, err);
    if (status == HMZ_OK)
        status = hmz_outfile_sync(file, err);
    if (status == HMZ_OK)
        status = hmz_file_hash_take(file->fd, file->length, &nobody, &hash, err);
    if (status != HMZ_OK)
        return status;
    struct hmz_manifest_output *output = hmz_manifest_add_output(&self->manifest);
    if (output)
        *output =
            (struct hmz_manifest_output){.file = strdup(table->name), .bytes = file->length, .hash = hash};
    return output && output->file ? HMZ_OK : hmz_fail_nomem(err, "the manifest");
}

static int write_table(struct hmz_job *self, const struct hmz_table *table, struct hmz_error *err)
{
    struct hmz_outfile file = HMZ_OUTFILE_CLOSED;
    char *part = hmz_state_part_path(&self->state, table->name);
    char *final_path = hmz_path_join(self->state.harmonic_path, table->name);
    int status = part && final_path ? hmz_outfile_create(&file, part, err) : hmz_fail_nomem(err, "a path");
    if (status == HMZ_OK)
        status = fill_table(self, table, &file, err);
    if (status == HMZ_OK)
        status = hmz_outfile_commit(&file, final_path, err);
    hmz_outfile_discard(&file);
    free(part);
    free(final_path);
    return status == HMZ_OK ? HMZ_OK : hmz_place(err, "%s", table->name);
}

/* From here on tables in harmonic_path are this job's, should it be interrupted. */
static int mark_tables(struct hmz_job *self, struct hmz_error *err)
{
    struct hmz_buffer nothing = {0};
    char *path = hmz_state_tables_path(&self->state);
    int status = path ? hmz_sealed_save(path, "HMZTBL1", &nothing, err) : hmz_fail_nomem(err, "a path");
    free(path);
    return status;
}

static int write_manifest(struct hmz_job *self, struct hmz_error *err)
{
    char *part = hmz_state_part_path(&self->state, HMZ_MANIFEST_NAME);
    char *path = hmz_path_join(self->state.harmonic_path, HMZ_MANIFEST_NAME);
    int status =
        part && path ? hmz_manifest_save(&self->manifest, part, path, err) : hmz_fail_nomem(err, "a path");
    free(part);
    free(path);
    return status;
}

int hmz_job_finish(struct hmz_job *self, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < self->plan->file_count; i++)
        status = add_run(self, i, err);
    if (status == HMZ_OK)
        status = mark_tables(self, err);
    for (size_t i = 0; status == HMZ_OK && i < HMZ_TABLE_COUNT; i++)
        status = write_table(self, &hmz_tables[i], err);
    if (status == HMZ_OK)
        status = write_manifest(self, err);
    return status == HMZ_OK ? hmz_state_remove(&self->state, err) : status;
}
