/* SPDX-License-Identifier: MIT */
/* Everything up to the first byte of output: lock, scan, plan, and the questions that must be answered before
 * writing: is the set there already, whose files lie in the folder, is there room. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bytes.h"
#include "file_hints.h"
#include "job.h"
#include "job_pieces.h"
#include "outputs.h"
#include "plan_file.h"

/* A merged run that changed this recently may still be written to. */
enum { FRESH_SECONDS = 60 };

/* ---- what is there ---- */

/* One line, about the run that changed last: it is the one that may still be written. */
static void warn_fresh(const struct hmz_job *self)
{
    int64_t now = (int64_t)time(NULL);
    const struct hmz_run_file *last = NULL;
    size_t others = 0;
    for (size_t i = 0; i < self->runs->count; i++) {
        const struct hmz_run_file *file = &self->runs->runs[i];
        int64_t age = now - file->identity.mtime_ns / 1000000000;
        if (age < 0 || age >= FRESH_SECONDS)
            continue;
        others += last != NULL;
        if (!last || file->identity.mtime_ns >= last->identity.mtime_ns)
            last = file;
    }
    char more[48] = "";
    if (others > 0)
        snprintf(more, sizeof more, " (and %zu more within %d s)", others, FRESH_SECONDS);
    if (last)
        hmz_job_note(self->options, HMZ_NOTE_WARNING,
                     "merged run %d changed %" PRId64 " s ago%s: is the merger still writing?", last->run,
                     now - last->identity.mtime_ns / 1000000000, more);
}

/* ---- the folder ---- */

/* Not before it is known that the new set has room. */
static int make_way(struct hmz_job *self, const struct hmz_outputs *outputs, struct hmz_error *err)
{
    if (!self->options->force)
        return HMZ_OK;
    int status = hmz_outputs_remove_own(outputs, &self->state, self->options->stop, err);
    return status == HMZ_OK ? hmz_state_forget_outputs(&self->state, err) : status;
}

/* ---- plan ---- */

/* What differs between the unfinished set that is there and the job, before the plan of the job is known.
 * HMZ_OK: nothing. */
static int judge_begun(const struct hmz_job *self, const struct hmz_plan *begun, struct hmz_error *err)
{
    const char *folder = self->config->harmonic_path;
    struct hmz_job_changes changes;
    const struct hmz_settings_text other = hmz_settings_compare(&begun->settings, &self->config->settings);
    int status = hmz_job_tell_plan_changes(self, begun, &changes, err);
    if (status != HMZ_OK)
        return status;
    if (changes.gone > 0)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "%s holds an unfinished harmonic set of merged runs that are gone, see above: what is "
            "written of it may be the only place that has their events. Bring them back and run the "
            "same command again, or choose another harmonic_path",
            folder);
    if (changes.changed > 0)
        return hmz_fail(
            err, HMZ_E_CHANGED,
            "%s holds an unfinished harmonic set of merged runs that changed since it was begun, see "
            "above; begin it again with --force",
            folder);
    if (other.text[0])
        return hmz_fail(err, HMZ_E_USAGE,
                        "%s holds an unfinished harmonic set of another plan: %s; take the old value to go "
                        "on, or begin it again with --force",
                        folder, other.text);
    if (changes.added + changes.left_out > 0)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "%s holds an unfinished harmonic set of other merged runs, see above; take the same ones "
            "to go on, or begin it again with --force",
            folder);
    return HMZ_OK;
}

/* Output files of a set that --force was replacing when it was interrupted. */
static int refuse_half_replaced(const struct hmz_job *self, struct hmz_error *err)
{
    return hmz_fail(
        err, HMZ_E_USAGE,
        "%s holds what is left of a harmonic set that an interrupted --force was replacing; go on "
        "with --force",
        self->config->harmonic_path);
}

/* An unfinished set of another plan is in the way once it has output files. */
static int refuse_other_plan(const struct hmz_job *self, const struct hmz_plan *begun, struct hmz_error *err)
{
    int status = judge_begun(self, begun, err);
    if (status != HMZ_OK)
        return status;
    return hmz_fail(
        err, HMZ_E_USAGE,
        "%s holds an unfinished harmonic set that was begun with other events left out as damaged, or "
        "by another version of the program; begin it again with --force",
        self->config->harmonic_path);
}

static int load_begun(const struct hmz_job *self, const struct hmz_state *real, struct hmz_plan **begun,
                      struct hmz_error *err)
{
    return hmz_plan_load(hmz_state_plan(real), &self->config->merger, begun, err);
}

static int compare_with_begun(struct hmz_job *self, const struct hmz_state *real,
                              const struct hmz_outputs *outputs, struct hmz_error *err)
{
    struct hmz_plan *begun = NULL;
    int status = load_begun(self, real, &begun, err);
    if (status != HMZ_OK && status != HMZ_END && status != HMZ_E_DAMAGED)
        return status;
    self->begun_before = begun && begun->id == self->plan->id;
    if (self->begun_before || self->options->force || outputs->own_count == 0)
        status = HMZ_OK;
    else if (status == HMZ_E_DAMAGED)
        status = err->status = HMZ_E_USAGE; /* its message says how to begin again */
    else
        status = begun ? refuse_other_plan(self, begun, err) : refuse_half_replaced(self, err);
    hmz_plan_free(begun);
    return status;
}

/* Before output files are there, what is noted of another plan can go. With outputs there (--force) it stays
 * until make_way() has removed those. */
static int forget_other_plan(struct hmz_job *self, const struct hmz_outputs *outputs, struct hmz_error *err)
{
    return self->begun_before || outputs->own_count > 0 ? HMZ_OK
                                                        : hmz_state_forget_outputs(&self->state, err);
}

/* ---- space ---- */

static void measure_space(struct hmz_job *self, const struct hmz_state *real,
                          const struct hmz_outputs *outputs)
{
    const bool goes_on = self->begun_before && !self->options->force;
    const uint64_t scalers = hmz_report_sum(&self->report).scalers;
    struct hmz_space *space = &self->space;
    hmz_space_predict(space, self->plan, scalers);
    if (self->outcome == HMZ_JOB_ALREADY_COMPLETE)
        space->need_bytes = 0;
    for (size_t i = 0; goes_on && i < self->plan->file_count; i++)
        if (hmz_job_is_written(self, real, i))
            space->need_bytes -= hmz_space_of_file(self->plan->files[i].file_bytes);
    space->free_known = hmz_file_free_bytes(real->harmonic.fd, &space->free_bytes);
    if (self->options->force)
        space->free_bytes += hmz_outputs_own_bytes(outputs);
}

static int check_space(const struct hmz_job *self, struct hmz_error *err)
{
    const char *folder = self->config->harmonic_path;
    int status = hmz_space_check_limit(self->plan, err);
    if (status == HMZ_OK && !self->space.free_known && self->space.need_bytes > 0)
        hmz_job_note(self->options, HMZ_NOTE_WARNING,
                     "%s: this file system does not tell how much is free; make sure that there are %s",
                     folder, hmz_bytes_text(self->space.need_bytes).text);
    return status == HMZ_OK ? hmz_space_check(&self->space, self->plan, folder, err) : status;
}

/* ---- the step ---- */

/* The state that there may be, of which nothing is taken: as the real run would find it. */
static int look_at_real(const struct hmz_job *self, struct hmz_state *real, struct hmz_error *err)
{
    int status = hmz_state_look(real, self->config->harmonic_path, NULL, err);
    return status == HMZ_OK ? hmz_state_check(real, err) : status;
}

/* `real`: of a dry run, which keeps its own state in `scratch`. */
static int open_state(struct hmz_job *self, const char *scratch, struct hmz_state *real,
                      struct hmz_error *err)
{
    const char *folder = self->config->harmonic_path;
    if (scratch) {
        int status = look_at_real(self, real, err);
        return status == HMZ_OK ? hmz_state_look(&self->state, folder, scratch, err) : status;
    }
    int status = hmz_state_open(&self->state, folder, err);
    if (status == HMZ_OK)
        hmz_job_warn_of_lock(self);
    return status;
}

/* What the real run would say of merged runs, of what lies in the folder, or of the disk. */
static bool is_verdict(int status)
{
    return status == HMZ_OK || status == HMZ_E_DAMAGED || status == HMZ_E_USAGE || status == HMZ_E_CHANGED ||
           status == HMZ_E_SPACE;
}

/* The plan, what it needs, and whether it may be. */
static int scan_and_plan(struct hmz_job *self, const struct hmz_state *real,
                         const struct hmz_outputs *outputs, struct hmz_error *err)
{
    struct hmz_error refused = {0};
    int status = hmz_job_warn_of_same_files(self, err);
    if (status == HMZ_OK)
        status = hmz_job_scan(self, err);
    /* Asked where the scan has found damage, too: --skip-bad is no advice for what only the set has. */
    bool scanned = status == HMZ_OK || status == HMZ_E_DAMAGED || status == HMZ_E_USAGE;
    int refusal = scanned ? hmz_job_refuse_losses(self, real, outputs, &refused) : HMZ_OK;
    if (status == HMZ_OK)
        status = hmz_job_warn_of_numbers(self, err);
    if (status == HMZ_OK && is_verdict(refusal))
        status = hmz_job_make_plan(self, &self->config->settings, err);
    if (status == HMZ_OK && refusal == HMZ_OK)
        refusal = compare_with_begun(self, real, outputs, &refused);
    if (status == HMZ_OK && is_verdict(refusal))
        measure_space(self, real, outputs); /* `plan` prints it, refused or not */
    if (is_verdict(status) && refusal != HMZ_OK) {
        *err = refused;
        return refusal;
    }
    return status == HMZ_OK ? check_space(self, err) : status;
}

/* Everything that the real run does before its first byte, and what that would end with, which is the first
 * verdict of the real run; the plan itself is shown all the same. */
static int prepare_dry(struct hmz_job *self, const struct hmz_state *real, struct hmz_outputs *outputs,
                       struct hmz_error *err)
{
    int seen = hmz_job_look_at_folder(self, real, outputs, err);
    if (!is_verdict(seen))
        return seen;
    struct hmz_error first = *err;
    bool complete = self->outcome == HMZ_JOB_ALREADY_COMPLETE;
    uint64_t skipped = self->report.skipped; /* of the set that is complete */
    self->report.skipped = 0;
    warn_fresh(self);
    int status = scan_and_plan(self, real, outputs, err);
    if (complete && is_verdict(status)) {
        self->report.skipped = skipped;
        return self->plan ? hmz_job_leave_out_listed(self, &self->complete, err) : HMZ_OK;
    }
    if (seen != HMZ_OK && is_verdict(status)) {
        *err = first;
        return seen;
    }
    return status;
}

/* A command that was refused leaves nothing behind, not even its lock. Indexes of an interrupted or damaged
 * job stay: the next try need not scan again. */
static void leave_refused(struct hmz_job *self)
{
    struct hmz_error ignored;
    if (self->state.created)
        hmz_ignore(hmz_state_remove(&self->state, &ignored)); /* the refusal counts more */
    self->state.created = false;
}

static int prepare_in(struct hmz_job *self, struct hmz_outputs *outputs, struct hmz_error *err)
{
    const struct hmz_state *real = &self->state;
    int status = hmz_job_look_at_folder(self, real, outputs, err);
    if (status != HMZ_OK) {
        leave_refused(self);
        return status;
    }
    if (self->outcome == HMZ_JOB_ALREADY_COMPLETE)
        return hmz_state_remove(&self->state, err); /* nothing but a lock was made */
    warn_fresh(self);
    status = hmz_state_remove_parts(&self->state, err);
    if (status == HMZ_OK)
        status = hmz_job_keep_begun(self, outputs, err);
    if (status == HMZ_OK)
        status = scan_and_plan(self, real, outputs, err);
    if (status == HMZ_OK)
        status = forget_other_plan(self, outputs, err);
    if (status == HMZ_OK)
        status = make_way(self, outputs, err);
    return status == HMZ_OK ? hmz_plan_save(self->plan, hmz_state_plan(&self->state), err) : status;
}

/* The workers of a job that was stopped could not remove their part files. */
static void leave_stopped(const struct hmz_job *self)
{
    struct hmz_error ignored;
    hmz_ignore(hmz_state_remove_parts(&self->state, &ignored));
}

int hmz_job_prepare(struct hmz_job *self, const char *scratch, struct hmz_error *err)
{
    struct hmz_outputs outputs = {0};
    struct hmz_state real = HMZ_STATE_CLOSED;
    self->dry = scratch != NULL;
    int status = hmz_job_list_runs(self, err);
    if (status == HMZ_OK)
        status = hmz_job_fill_config(self, err);
    if (status == HMZ_OK)
        status = open_state(self, scratch, &real, err);
    if (status == HMZ_OK) {
        status = self->dry ? prepare_dry(self, &real, &outputs, err) : prepare_in(self, &outputs, err);
        if (status == HMZ_E_USAGE && !self->dry)
            leave_refused(self);
        else if (status != HMZ_OK && !self->dry)
            leave_stopped(self);
    }
    hmz_outputs_release(&outputs);
    hmz_state_close(&real);
    return status;
}

/* ---- before the step ---- */

/* compare_with_begun() before the plan is known: by what it will be made of. */
static int foresee_plan(const struct hmz_job *self, const struct hmz_state *real, struct hmz_error *err)
{
    struct hmz_plan *begun = NULL;
    int status = load_begun(self, real, &begun, err);
    if (status == HMZ_E_DAMAGED)
        status = err->status = HMZ_E_USAGE;
    else if (status == HMZ_END)
        status = refuse_half_replaced(self, err);
    else if (status == HMZ_OK)
        status = judge_begun(self, begun, err);
    hmz_plan_free(begun);
    return status;
}

int hmz_job_foresee(struct hmz_job *self, struct hmz_error *err)
{
    struct hmz_outputs outputs = {0};
    struct hmz_state real = HMZ_STATE_CLOSED;
    int status = hmz_job_list_runs(self, err);
    if (status == HMZ_OK)
        status = hmz_job_fill_config(self, err);
    if (status == HMZ_OK)
        status = look_at_real(self, &real, err);
    if (status == HMZ_OK)
        status = hmz_job_look_at_folder(self, &real, &outputs, err);
    if (status == HMZ_OK && self->outcome == HMZ_JOB_GOING && outputs.own_count > 0 && !self->options->force)
        status = foresee_plan(self, &real, err);
    if (status == HMZ_OK)
        status = hmz_job_foresee_losses(self, &real, &outputs, err);
    hmz_outputs_release(&outputs);
    hmz_state_close(&real);
    return status;
}
