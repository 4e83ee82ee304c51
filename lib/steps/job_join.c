/* SPDX-License-Identifier: MIT */
/* How `write` and `finish` take up what `prepare` left, perhaps on another machine and weeks later. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "job_pieces.h"
#include "plan_file.h"

/* ---- the plan ---- */

static int not_prepared(const struct hmz_job *self, struct hmz_error *err)
{
    return hmz_fail(err, HMZ_E_USAGE, "%s: nothing is prepared here; run `harmonizer -c FILE prepare` first",
                    self->config->harmonic_path);
}

static int load_plan(struct hmz_job *self, struct hmz_error *err)
{
    const struct hmz_config *config = self->config;
    int status = hmz_plan_load(hmz_state_plan(&self->state), &config->merger, &self->plan, err);
    if (status == HMZ_END)
        return not_prepared(self, err);
    if (status != HMZ_OK)
        return status;
    const struct hmz_settings_text other = hmz_settings_compare(&self->plan->settings, &config->settings);
    if (other.text[0])
        return hmz_fail(err, HMZ_E_USAGE, "%s: prepared with %s; run `prepare` again, or take the old one",
                        config->harmonic_path, other.text);
    return HMZ_OK;
}

/* ---- the merged runs ---- */

static int check_runs(const struct hmz_job *self, struct hmz_error *err)
{
    struct hmz_job_changes changes;
    int status = hmz_job_tell_plan_changes(self, self->plan, &changes, err);
    if (status != HMZ_OK || changes.changed + changes.added + changes.gone + changes.left_out == 0)
        return status;
    if (changes.gone > 0)
        return hmz_fail(
            err, HMZ_E_CHANGED,
            "merged runs that `prepare` has seen are gone, see above; bring them back and run the same "
            "command again");
    return hmz_fail(
        err, HMZ_E_CHANGED,
        "the merged runs are not those of `prepare`, see above; run `prepare` again, with --force "
        "if harmonic runs were written");
}

/* ---- at the end of the plain command ---- */

static int check_at_end(const struct hmz_job *now, struct hmz_error *err)
{
    struct hmz_job_changes changes;
    const char *folder = now->config->harmonic_path;
    int status = hmz_job_tell_plan_changes(now, now->plan, &changes, err);
    if (status != HMZ_OK || changes.changed + changes.added + changes.gone == 0)
        return status;
    if (changes.gone > 0)
        return hmz_fail(
            err, HMZ_E_CHANGED,
            "merged runs went away while the set in %s was written, see above; bring them back and run "
            "the same command again to finish it",
            folder);
    if (changes.changed > 0)
        return hmz_fail(err, HMZ_E_CHANGED,
                        "merged runs changed while the set in %s was written, see above: it may lack what "
                        "they have now; when the merger has finished, begin it again with --force",
                        folder);
    return hmz_fail(
        err, HMZ_E_CHANGED,
        "merged runs came into the range while the set in %s was written, see above: it lacks them; leave "
        "them out with max_run or skip_runs and run the same command again to finish it, or begin it again "
        "with --force",
        folder);
}

int hmz_job_check_at_end(const struct hmz_job *self, struct hmz_error *err)
{
    struct hmz_job now = {
        .config = self->config, .options = self->options, .state = HMZ_STATE_CLOSED, .plan = self->plan};
    int status = hmz_job_list_runs(&now, err);
    if (status == HMZ_E_USAGE) /* all of them went away, or one is there twice */
        status = err->status = HMZ_E_CHANGED;
    if (status == HMZ_OK)
        status = check_at_end(&now, err);
    now.plan = NULL; /* borrowed */
    hmz_job_release(&now);
    return status;
}

/* ---- joining ---- */

/* Of a set that is complete nothing but a state folder can be left to do. */
static int leave_complete(struct hmz_job *self, enum hmz_lock lock, struct hmz_error *err)
{
    return lock == HMZ_LOCK_EXCLUSIVE ? hmz_state_remove(&self->state, err) : HMZ_OK;
}

static int join(struct hmz_job *self, enum hmz_lock lock, struct hmz_outputs *outputs, struct hmz_error *err)
{
    int joined = hmz_state_join(&self->state, self->config->harmonic_path, lock, err);
    if (joined != HMZ_OK && joined != HMZ_END)
        return joined;
    int status = hmz_job_look_at_folder(self, &self->state, outputs, err);
    if (status != HMZ_OK)
        return status;
    if (self->outcome == HMZ_JOB_ALREADY_COMPLETE)
        return joined == HMZ_OK ? leave_complete(self, lock, err) : HMZ_OK;
    if (joined == HMZ_END)
        return not_prepared(self, err);
    hmz_job_warn_of_lock(self);
    status = hmz_state_remove_parts(&self->state, err);
    if (status == HMZ_OK)
        status = load_plan(self, err);
    return status == HMZ_OK ? check_runs(self, err) : status;
}

static int join_with(struct hmz_job *self, enum hmz_lock lock, struct hmz_error *err)
{
    struct hmz_outputs outputs = {0};
    int status = hmz_job_list_runs(self, err);
    if (status == HMZ_OK)
        status = hmz_job_fill_config(self, err);
    if (status == HMZ_OK)
        status = join(self, lock, &outputs, err);
    hmz_outputs_release(&outputs);
    return status;
}

int hmz_job_join_write(struct hmz_job *self, struct hmz_error *err)
{
    return join_with(self, HMZ_LOCK_SHARED, err);
}

int hmz_job_join_finish(struct hmz_job *self, struct hmz_error *err)
{
    int status = join_with(self, HMZ_LOCK_EXCLUSIVE, err);
    if (status != HMZ_OK || self->outcome == HMZ_JOB_ALREADY_COMPLETE)
        return status;
    return hmz_job_take_scan(self, err);
}
