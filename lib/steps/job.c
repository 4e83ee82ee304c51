/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <string.h>

#include "job_pieces.h"

void hmz_job_warn_of_lock(const struct hmz_job *self)
{
    if (!self->state.lock_works)
        hmz_job_note(self->options, HMZ_NOTE_WARNING,
                     "%s: this file system has no locks; do not run two commands on it at once",
                     self->config->harmonic_path);
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
