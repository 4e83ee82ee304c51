/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <stdio.h>
#include <string.h>

void hmz_job_note(const struct hmz_job *self, enum hmz_note_kind kind, const char *format, ...)
{
    const struct hmz_job_listener *listener = &self->options->listener;
    char text[HMZ_ERROR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (listener->note)
        listener->note(listener->data, kind, text);
}

void hmz_job_stage(const struct hmz_job *self, const char *name, uint64_t events, uint64_t bytes)
{
    const struct hmz_job_listener *listener = &self->options->listener;
    if (listener->stage)
        listener->stage(listener->data, name, events, bytes);
}

static void on_progress(void *data, uint64_t events, uint64_t bytes)
{
    const struct hmz_job *job = data;
    const struct hmz_job_listener *listener = &job->options->listener;
    if (listener->advance)
        listener->advance(listener->data, events, bytes);
}

void hmz_job_warn_of_lock(const struct hmz_job *self)
{
    if (!self->state.lock_works)
        hmz_job_note(self, HMZ_NOTE_WARNING,
                     "%s: this file system has no locks; do not run two commands on it at once",
                     self->config->harmonic_path);
}

struct hmz_pool_options hmz_job_pool_options(struct hmz_job *self, enum hmz_pool_policy policy)
{
    return (struct hmz_pool_options){.program = self->options->program,
                                     .jobs = self->options->jobs,
                                     .stall_seconds = self->options->stall_seconds,
                                     .policy = policy,
                                     .stop = self->options->stop,
                                     .progress = on_progress,
                                     .progress_data = self};
}

bool hmz_job_skips_bad(const struct hmz_job *self)
{
    return self->options->skip_bad || self->outcome == HMZ_JOB_ALREADY_COMPLETE;
}

int hmz_job_keep_skipped(struct hmz_job *self, const struct hmz_skipped *skipped, struct hmz_error *err)
{
    struct hmz_skipped *kept = hmz_manifest_add_skipped(&self->manifest);
    if (!kept)
        return hmz_fail_nomem(err, "the list of skipped events");
    *kept = *skipped;
    kept->reason = strdup(skipped->reason);
    self->report.skipped++;
    return kept->reason ? HMZ_OK : hmz_fail_nomem(err, "the list of skipped events");
}

void hmz_job_release(struct hmz_job *self)
{
    hmz_plan_free(self->plan);
    self->plan = NULL;
    hmz_manifest_release(&self->manifest);
    hmz_manifest_release(&self->complete);
    hmz_report_release(&self->report);
    hmz_run_set_free(self->runs);
    self->runs = NULL;
    hmz_state_close(&self->state);
}
