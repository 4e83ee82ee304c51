/* SPDX-License-Identifier: MIT */
/* When every harmonic run is there: the tables, then the manifest, then the state folder goes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "causes.h"
#include "file_hash.h"
#include "job.h"
#include "job_pieces.h"
#include "outfile.h"
#include "sealed_file.h"
#include "stop.h"
#include "tables.h"
#include "unreadable.h"
#include "written.h"

static int load_run(const struct hmz_job *self, size_t i, struct hmz_written *written,
                    struct hmz_unreadable *unreadable, struct hmz_error *err)
{
    const struct hmz_plan_file *file = &self->plan->files[i];
    int status = hmz_written_load(written, hmz_state_written(&self->state, i), err);
    if (status == HMZ_OK)
        status = hmz_unreadable_load(unreadable, hmz_state_unreadable(&self->state, i), err);
    if (status == HMZ_END ||
        (status == HMZ_OK && written->event_count + unreadable->count != file->end - file->first))
        status = hmz_fail(err, HMZ_E_FAILED, "harmonic run %zu is not written yet", i);
    return status;
}

static int add_output(struct hmz_job *self, size_t i, const struct hmz_written *written,
                      struct hmz_error *err)
{
    struct hmz_manifest_output *output = hmz_manifest_add_output(&self->manifest);
    if (output)
        *output = (struct hmz_manifest_output){.file = strdup(hmz_harmonic_name(i).text),
                                               .bytes = written->file_bytes,
                                               .is_run = true,
                                               .events = written->event_count,
                                               .first = written->first,
                                               .last = written->last,
                                               .hash = written->hash};
    return output && output->file ? HMZ_OK : hmz_fail_nomem(err, "the manifest");
}

static int keep_unreadable(struct hmz_job *self, const struct hmz_unreadable_event *event,
                           struct hmz_error *err)
{
    const struct hmz_skipped skipped = {
        .run = event->id.run, .kind = HMZ_SKIPPED_EVENT, .number = event->id.event, .reason = event->reason};
    return hmz_job_keep_skipped(self, &skipped, err);
}

/* Adds a harmonic run to the manifest; what it left out too. */
static int add_run(struct hmz_job *self, size_t i, struct hmz_error *err)
{
    struct hmz_written written = {0};
    struct hmz_unreadable unreadable = {0};
    int status = load_run(self, i, &written, &unreadable, err);
    if (status == HMZ_OK)
        status = add_output(self, i, &written, err);
    for (size_t k = 0; status == HMZ_OK && k < unreadable.count; k++)
        status = keep_unreadable(self, &unreadable.items[k], err);
    hmz_written_release(&written);
    hmz_unreadable_release(&unreadable);
    return status;
}

/* What the copy left out: entries of the list from `first` on, which are in order of run and event. */
static int tell_unreadable(const struct hmz_job *self, size_t first, struct hmz_error *err)
{
    const struct hmz_manifest *manifest = &self->manifest;
    struct hmz_causes causes = {0};
    int status = HMZ_OK;
    for (size_t i = first; status == HMZ_OK && i < manifest->skipped_count; i++) {
        const struct hmz_skipped *skipped = &manifest->skipped[i];
        const struct hmz_cause_of finding = {.note = HMZ_NOTE_SKIPPED,
                                             .kind = HMZ_FINDING_EVENT,
                                             .number = skipped->number,
                                             .text = skipped->reason};
        status = hmz_causes_add(&causes, &finding, err);
        if (i + 1 == manifest->skipped_count || manifest->skipped[i + 1].run != skipped->run)
            hmz_causes_tell(&causes, self->options, skipped->run);
    }
    hmz_causes_release(&causes);
    return status;
}

static int add_runs(struct hmz_job *self, struct hmz_error *err)
{
    uint64_t events = 0;
    size_t by_scan = self->manifest.skipped_count;
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < self->plan->file_count; i++) {
        status = hmz_stop_check(self->options->stop, err);
        if (status == HMZ_OK)
            status = add_run(self, i, err);
        if (status == HMZ_OK)
            events += self->manifest.outputs[i].events;
    }
    if (status == HMZ_OK)
        status = tell_unreadable(self, by_scan, err);
    if (status == HMZ_OK && events == 0 && self->plan->event_count > 0)
        status = hmz_fail(err, HMZ_E_DAMAGED, "no event of the range can be read: nothing is left to write");
    return status;
}

static int fill_table(struct hmz_job *self, const struct hmz_table *table, struct hmz_outfile *file,
                      struct hmz_error *err)
{
    struct hmz_file_hash hash;
    const struct hmz_tick nobody = {0};
    const struct hmz_table_source source = {
        .plan = self->plan, .state = &self->state, .report = &self->report, .stop = self->options->stop};
    int status = table->write(&source, file, err);
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
    int status = hmz_outfile_create(&file, hmz_state_part(&self->state, table->name), err);
    if (status == HMZ_OK)
        status = fill_table(self, table, &file, err);
    if (status == HMZ_OK)
        status = hmz_outfile_commit(&file, hmz_state_output(&self->state, table->name), err);
    hmz_outfile_discard(&file);
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "%s", table->name);
}

/* From here on tables in harmonic_path are this job's, should it be interrupted. */
static int mark_tables(struct hmz_job *self, struct hmz_error *err)
{
    struct hmz_buffer nothing = {0};
    return hmz_sealed_save(hmz_state_tables(&self->state), "HMZTBL1", &nothing, err);
}

static int write_manifest(struct hmz_job *self, struct hmz_error *err)
{
    return hmz_manifest_save(&self->manifest, hmz_state_part(&self->state, HMZ_MANIFEST_NAME),
                             hmz_state_output(&self->state, HMZ_MANIFEST_NAME), err);
}

/* ---- what is missing ---- */

enum { MISSING_TEXT_BYTES = 320 };

/* Appends "7" or "7 to 9", while there is room. */
static void say_range(char *text, uint64_t first, uint64_t last)
{
    size_t used = strlen(text);
    const char *comma = used ? ", " : "";
    if (used + 64 > MISSING_TEXT_BYTES)
        snprintf(text + used, MISSING_TEXT_BYTES - used, "%s", strstr(text, "…") ? "" : ", …");
    else if (first == last)
        snprintf(text + used, MISSING_TEXT_BYTES - used, "%s%" PRIu64, comma, first);
    else
        snprintf(text + used, MISSING_TEXT_BYTES - used, "%s%" PRIu64 " to %" PRIu64, comma, first, last);
}

struct missing {
    size_t count;
    uint64_t first, last; /* the range at hand */
    char text[MISSING_TEXT_BYTES];
};

static void add_missing(struct missing *self, uint64_t number)
{
    if (self->count > 0 && number == self->last)
        return;
    if (self->count > 0 && number != self->last + 1)
        say_range(self->text, self->first, self->last);
    if (self->count == 0 || number != self->last + 1)
        self->first = number;
    self->last = number;
    self->count++;
}

/* Names the harmonic runs that are not there, and the shards that would write them. */
static int check_written(const struct hmz_job *self, struct hmz_error *err)
{
    struct missing runs = {0};
    struct missing shards = {0};
    char so_far[HMZ_ERROR_TEXT_BYTES];
    uint32_t shard_count = hmz_job_load_shards(self);
    for (size_t i = 0; i < self->plan->file_count; i++) {
        if (hmz_job_is_written(self, &self->state, i))
            continue;
        add_missing(&runs, i);
        if (shard_count > 0)
            add_missing(&shards, hmz_job_shard_of(self, i, shard_count));
    }
    if (runs.count == 0)
        return HMZ_OK;
    say_range(runs.text, runs.first, runs.last);
    hmz_ignore(hmz_fail(err, HMZ_E_FAILED, "%zu of %zu harmonic runs are not written yet: %s", runs.count,
                        self->plan->file_count, runs.text));
    if (shard_count == 0) {
        snprintf(so_far, sizeof so_far, "%s", err->text);
        return hmz_fail(err, HMZ_E_FAILED, "%s; `write` them, or run the whole job", so_far);
    }
    say_range(shards.text, shards.first, shards.last);
    snprintf(so_far, sizeof so_far, "%s", err->text);
    return hmz_fail(err, HMZ_E_FAILED, "%s; missing or failed: `write --shard I/%u` for I = %s", so_far,
                    shard_count, shards.text);
}

int hmz_job_finish(struct hmz_job *self, struct hmz_error *err)
{
    int status = check_written(self, err);
    if (status == HMZ_OK)
        status = add_runs(self, err);
    if (status == HMZ_OK)
        status = hmz_report_take_out(&self->report, self->plan, &self->state, self->options->stop, err);
    if (status == HMZ_OK)
        status = mark_tables(self, err);
    for (size_t i = 0; status == HMZ_OK && i < HMZ_TABLE_COUNT; i++)
        status = write_table(self, &hmz_tables[i], err);
    if (status == HMZ_OK)
        status = hmz_stop_check(self->options->stop, err);
    if (status == HMZ_OK)
        status = write_manifest(self, err);
    /* The set is complete: what is left takes no time. */
    return status == HMZ_OK ? hmz_state_remove(&self->state, err) : status;
}
