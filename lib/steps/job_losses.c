/* SPDX-License-Identifier: MIT */
/* What must never be lost: before anything of a set is removed, every event and readout that it holds has to
 * be in a merged run (inquiry.h). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "inquiry.h"
#include "job_pieces.h"
#include "path.h"

/* ---- what is told ---- */

struct text {
    char at[160];
};

/* "60 events (event 0 to 59)" */
static struct text count_text(uint64_t count, uint64_t of, const char *what, const uint64_t range[2])
{
    struct text out;
    char all[48] = "";
    char numbers[64];
    if (of > count)
        snprintf(all, sizeof all, " of %s", hmz_count_text(of).text);
    if (range[0] == range[1])
        snprintf(numbers, sizeof numbers, "%" PRIu64, range[0]);
    else
        snprintf(numbers, sizeof numbers, "%" PRIu64 " to %" PRIu64, range[0], range[1]);
    snprintf(out.at, sizeof out.at, "%s%s %s%s (%s %s)", hmz_count_text(count).text, all, what,
             of == 1 ? "" : "s", what[0] == 's' ? "readout" : "event", numbers);
    return out;
}

static struct text missing_text(const struct hmz_held_count *count, const char *what)
{
    const uint64_t range[2] = {count->missing_first, count->missing_last};
    return count->missing ? count_text(count->missing, count->held, what, range) : (struct text){""};
}

static struct text other_text(const struct hmz_held_count *count, const char *what)
{
    const uint64_t range[2] = {count->other_first, count->other_last};
    return count->other ? count_text(count->other, count->held, what, range) : (struct text){""};
}

/* "A and B", or the one there is. */
struct pair {
    char at[2 * sizeof(struct text) + 8];
};

static struct pair both(struct text a, struct text b)
{
    struct pair out;
    snprintf(out.at, sizeof out.at, "%s%s%s", a.at, a.at[0] && b.at[0] ? " and " : "", b.at);
    return out;
}

static void tell_run(const struct hmz_job *job, int32_t run, const struct hmz_inquiry_answer *answer)
{
    static const char event[] = "event";
    static const char scaler[] = "scaler readout";
    struct pair missing = both(missing_text(&answer->events, event), missing_text(&answer->scalers, scaler));
    const uint64_t range[2] = {answer->events.spoilt_first, answer->events.spoilt_last};
    const struct text spoilt = answer->events.spoilt
                                   ? count_text(answer->events.spoilt, answer->events.held, event, range)
                                   : (struct text){""};
    struct pair other = both(other_text(&answer->events, event), other_text(&answer->scalers, scaler));
    if (answer->found == HMZ_FOUND_NOTHING)
        hmz_job_note(job->options, HMZ_NOTE_ERROR,
                     "merged run %" PRId32 " is gone: its %s are only in this set", run, missing.at);
    else if (answer->found == HMZ_FOUND_UNREADABLE)
        hmz_job_note(job->options, HMZ_NOTE_ERROR,
                     "merged run %" PRId32 " cannot be read now: its %s are only in this set: %s", run,
                     missing.at, answer->reason);
    else if (spoilt.at[0])
        hmz_job_note(job->options, HMZ_NOTE_ERROR,
                     "merged run %" PRId32
                     " has other data than the set, or data that cannot be read: %s are only in this set",
                     run, spoilt.at);
    else if (missing.at[0])
        hmz_job_note(job->options, HMZ_NOTE_ERROR,
                     "merged run %" PRId32 " has fewer than the set: %s are only in this set%s%s", run,
                     missing.at, other.at[0] ? "; others under the same numbers: " : "", other.at);
    else
        hmz_job_note(job->options, HMZ_NOTE_ERROR,
                     "merged run %" PRId32 " has others under the same numbers: %s are only in this set", run,
                     other.at);
}

static int tell(const struct hmz_inquiry *self, struct hmz_error *err)
{
    const struct hmz_holdings *holdings = &self->holdings;
    const struct hmz_run_folders *folders = &self->job->config->merger;
    const struct hmz_run_folders *others = &self->manifest.config.merger;
    bool two = others->count && !hmz_run_folders_same(folders, others);
    if (hmz_inquiry_settled(self))
        return HMZ_OK;
    for (size_t i = 0; i < holdings->run_count; i++)
        if (!holdings->runs[i].settled)
            tell_run(self->job, holdings->runs[i].run, &self->subjects[i].best);
    return hmz_fail(
        err, HMZ_E_USAGE,
        "%s: nothing was removed or written, for the set there holds what no merged run has now, see "
        "above; put the merged runs back into %s%s%s, choose another harmonic_path, or give those events "
        "up with --force --discard-events",
        self->job->config->harmonic_path, folders->text, two ? " or " : "", two ? others->text : "");
}

static int refuse_untold(const struct hmz_job *job, struct hmz_error *err)
{
    char reason[HMZ_ERROR_TEXT_BYTES];
    snprintf(reason, sizeof reason, "%s", err->text);
    return hmz_fail(
        err, HMZ_E_USAGE,
        "%s: nothing was removed or written, for it cannot be told whether the merged runs have all that "
        "the set there holds: %s; choose another harmonic_path, or give that set up with --force "
        "--discard-events",
        job->config->harmonic_path, reason);
}

/* ---- the question ---- */

static bool is_asked(const struct hmz_job *job, const struct hmz_outputs *outputs)
{
    return job->options->force && !job->options->discard_events && outputs->own_count > 0;
}

/* Is another file there now for this run of the plan? */
static bool has_changed(const struct hmz_job *job, const struct hmz_plan_run *run)
{
    for (size_t i = 0; i < job->runs->count; i++) {
        const struct hmz_run_file *file = &job->runs->runs[i];
        if (file->run == run->run)
            return !hmz_file_identity_same(&file->identity, &run->identity);
    }
    return false;
}

int hmz_job_keep_begun(const struct hmz_job *self, const struct hmz_outputs *outputs, struct hmz_error *err)
{
    struct hmz_plan *begun = NULL;
    if (outputs->own_count == 0)
        return HMZ_OK;
    int status = hmz_inquiry_load_begun(self, &self->state, &begun, err);
    if (status == HMZ_END || status == HMZ_E_DAMAGED)
        return HMZ_OK; /* told when it is asked for */
    for (size_t i = 0; status == HMZ_OK && i < begun->run_count; i++)
        if (has_changed(self, &begun->runs[i]))
            status = hmz_holdings_keep_index(&self->state, &begun->runs[i], err);
    hmz_plan_free(begun);
    return status;
}

/* Cannot be looked at is not gone: prepare will tell. */
static bool is_gone(const struct hmz_run_folders *folders, const char *file)
{
    struct stat found;
    char *path = hmz_run_folders_path(folders, file);
    bool gone = path && stat(path, &found) != 0 && (errno == ENOENT || errno == ENOTDIR);
    free(path);
    return gone;
}

static int name_gone_runs(const struct hmz_job *job, const struct hmz_manifest *manifest,
                          struct hmz_error *err)
{
    size_t gone = 0;
    for (size_t i = 0; i < manifest->input_count; i++) {
        const struct hmz_manifest_input *input = &manifest->inputs[i];
        if (!is_gone(&job->config->merger, input->file) || !is_gone(&manifest->config.merger, input->file))
            continue;
        gone++;
        hmz_job_note(job->options, HMZ_NOTE_ERROR,
                     "merged run %" PRId32 " is gone: what the set has of it is only there", input->run);
    }
    if (gone == 0)
        return HMZ_OK;
    return hmz_fail(
        err, HMZ_E_USAGE,
        "%s: the set there holds what no merged run has now, see above; put the merged runs back, "
        "choose another harmonic_path, or give those events up with --force --discard-events",
        job->config->harmonic_path);
}

int hmz_job_foresee_losses(const struct hmz_job *self, const struct hmz_state *real,
                           const struct hmz_outputs *outputs, struct hmz_error *err)
{
    struct hmz_manifest manifest;
    bool complete;
    if (!is_asked(self, outputs))
        return HMZ_OK;
    int status = hmz_job_load_manifest(real, &manifest, &complete, err);
    if (status != HMZ_OK)
        return status;
    if (manifest.config.merger.count)
        status = name_gone_runs(self, &manifest, err);
    hmz_manifest_release(&manifest);
    return status;
}

int hmz_job_refuse_losses(struct hmz_job *self, const struct hmz_state *real,
                          const struct hmz_outputs *outputs, struct hmz_error *err)
{
    struct hmz_inquiry inquiry = {.job = self, .holdings = HMZ_HOLDINGS_NONE};
    struct hmz_error ignored;
    if (!is_asked(self, outputs))
        return HMZ_OK;
    int status = hmz_inquiry_open(&inquiry, real, outputs, err);
    if (status == HMZ_OK)
        status = hmz_inquiry_ask(&inquiry, err);
    if (status == HMZ_E_USAGE)
        status = refuse_untold(self, err);
    if (status == HMZ_OK)
        status = tell(&inquiry, err);
    hmz_inquiry_release(&inquiry);
    if (!self->dry)
        hmz_ignore(hmz_state_remove_parts(&self->state, &ignored)); /* the next command does it */
    return status;
}
