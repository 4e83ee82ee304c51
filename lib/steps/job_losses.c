/* SPDX-License-Identifier: MIT */
/* What must never be lost: before anything of a set is removed, every event and readout that it holds has to
 * be in a merged run, in the folder of the configuration or in that of the set's manifest. Runs that the job
 * does not read are scanned for this question alone; their indexes are part files, which go at the end. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "bytes.h"
#include "holdings.h"
#include "index.h"
#include "job.h"
#include "path.h"
#include "plan_file.h"
#include "pool.h"

enum found { FOUND_NOTHING, FOUND_UNREADABLE, FOUND_RUN };

/* What one folder has of a run. */
struct answer {
    enum found found;
    bool told;        /* what the scan of the job found in it was told already */
    char reason[512]; /* why it cannot be read */
    struct hmz_held_count events, scalers;
};

/* One run that the set holds something of. */
struct subject {
    char *path; /* in the folder at hand, where the job does not read it */
    const char *read_path;
    struct hmz_file_at index;
    char run_text[16];
    struct stat file; /* at `path`, where it was looked at */
    bool seen;        /* `file` is of the folder before, too */
    struct answer now, best;
};

struct inquiry {
    struct hmz_job *job;
    struct hmz_holdings holdings;
    struct hmz_manifest manifest;
    struct hmz_plan *begun;
    struct subject *subjects; /* [holdings.run_count] */
    struct hmz_pool_task *tasks;
    size_t *task_subjects;
    size_t task_count;
};

static void release_context(struct subject *self)
{
    free(self->path);
    self->path = NULL;
    self->index.name[0] = '\0';
}

static void release(struct inquiry *self)
{
    for (size_t i = 0; self->subjects && i < self->holdings.run_count; i++)
        release_context(&self->subjects[i]);
    free(self->subjects);
    free(self->tasks);
    free(self->task_subjects);
    hmz_holdings_release(&self->holdings);
    hmz_manifest_release(&self->manifest);
    hmz_plan_free(self->begun);
}

static bool is_asked(const struct hmz_job *job, const struct hmz_outputs *outputs)
{
    return job->options->force && !job->options->discard_events && outputs->own_count > 0;
}

/* ---- what the set holds ---- */

/* HMZ_END: nothing is begun. */
static int load_begun(const struct hmz_job *job, const struct hmz_state *real, struct hmz_plan **begun_out,
                      struct hmz_error *err)
{
    return hmz_plan_load(hmz_state_plan(real), job->config->merger_path, begun_out, err);
}

static int open_begun(struct inquiry *self, const struct hmz_state *real, const struct hmz_outputs *outputs,
                      struct hmz_error *err)
{
    int status = load_begun(self->job, real, &self->begun, err);
    if (status == HMZ_END || status == HMZ_E_DAMAGED)
        return hmz_fail(err, HMZ_E_USAGE, "the plan that it was begun with is lost");
    if (status != HMZ_OK)
        return status;
    return hmz_holdings_of_begun(&self->holdings, real, self->begun, outputs, err);
}

static int open_holdings(struct inquiry *self, const struct hmz_state *real,
                         const struct hmz_outputs *outputs, struct hmz_error *err)
{
    bool listed;
    int status = hmz_job_load_manifest(real, &self->manifest, &listed, err);
    if (status != HMZ_OK)
        return status;
    if (self->manifest.config.merger_path)
        status = hmz_holdings_of_set(&self->holdings, real, &self->manifest, outputs, err);
    else
        status = open_begun(self, real, outputs, err);
    if (status != HMZ_OK)
        return status;
    size_t count = self->holdings.run_count + 1;
    self->subjects = calloc(count, sizeof *self->subjects);
    self->tasks = calloc(count, sizeof *self->tasks);
    self->task_subjects = calloc(count, sizeof *self->task_subjects);
    return self->subjects && self->tasks && self->task_subjects ? HMZ_OK
                                                                : hmz_fail_nomem(err, "what the set holds");
}

/* ---- one folder ---- */

/* NULL: the job does not read it. */
static const struct hmz_run_file *read_by_job(const struct hmz_job *job, int32_t run)
{
    for (size_t i = 0; i < job->runs->count; i++)
        if (job->runs->runs[i].run == run)
            return &job->runs->runs[i];
    return NULL;
}

/* An older scan may have left one of another file, where that of today did not end. */
static bool is_index_of(struct hmz_file_at at, const struct hmz_run_file *file)
{
    struct hmz_index *index;
    struct hmz_error ignored;
    if (hmz_index_open(at, &index, &ignored) != HMZ_OK)
        return false;
    bool fits = hmz_file_identity_same(&hmz_index_get_run(index)->identity, &file->identity);
    hmz_index_close(index);
    return fits;
}

/* What the job has scanned is not scanned again. */
static void take_from_job(struct inquiry *self, const struct hmz_run_file *file, size_t i)
{
    struct answer *answer = &self->subjects[i].now;
    const struct hmz_file_at index = hmz_state_index(&self->job->state, file->run);
    answer->told = true;
    answer->found = is_index_of(index, file) ? FOUND_RUN : FOUND_UNREADABLE;
    self->subjects[i].read_path = file->path;
    if (answer->found == FOUND_RUN)
        self->holdings.runs[i].index = index;
    else
        snprintf(answer->reason, sizeof answer->reason, "its scan did not end, see above");
}

static void add_scan(struct inquiry *self, size_t i)
{
    struct subject *subject = &self->subjects[i];
    struct hmz_pool_task *task = &self->tasks[self->task_count];
    int32_t run = self->holdings.runs[i].run;
    snprintf(subject->run_text, sizeof subject->run_text, "%" PRId32, run);
    *task = (struct hmz_pool_task){.words = {"scan", subject->run_text, subject->path,
                                             self->job->state.harmonic.path,
                                             hmz_state_scratch(&self->job->state), subject->index.name}};
    snprintf(task->name, sizeof task->name, "merged run %" PRId32, run);
    self->task_subjects[self->task_count++] = i;
}

static int find_in_folder(struct inquiry *self, const char *folder, size_t i, struct hmz_error *err)
{
    struct subject *subject = &self->subjects[i];
    struct stat file;
    subject->path = hmz_path_join(folder, self->holdings.runs[i].file);
    subject->index = hmz_state_held_index(&self->job->state, self->holdings.runs[i].run);
    subject->read_path = subject->path;
    if (!subject->path)
        return hmz_fail_nomem(err, "a path");
    if (stat(subject->path, &file) != 0) {
        bool gone = errno == ENOENT || errno == ENOTDIR;
        subject->now.found = gone ? FOUND_NOTHING : FOUND_UNREADABLE;
        snprintf(subject->now.reason, sizeof subject->now.reason, "%s", strerror(errno));
        return HMZ_OK;
    }
    bool same = subject->seen && subject->file.st_dev == file.st_dev && subject->file.st_ino == file.st_ino;
    subject->file = file;
    subject->seen = true;
    if (S_ISREG(file.st_mode) && !same)
        add_scan(self, i);
    return HMZ_OK;
}

/* `own`: the folder of the configuration, of which the job has scanned what it reads. */
static int find_run(struct inquiry *self, const char *folder, bool own, size_t i, struct hmz_error *err)
{
    struct subject *subject = &self->subjects[i];
    struct hmz_held_run *held = &self->holdings.runs[i];
    release_context(subject);
    subject->now = (struct answer){.found = FOUND_NOTHING};
    held->index.name[0] = held->sums.name[0] = '\0';
    const struct hmz_run_file *file = own ? read_by_job(self->job, held->run) : NULL;
    if (!file)
        return find_in_folder(self, folder, i, err);
    take_from_job(self, file, i);
    return HMZ_OK;
}

/* A failure that says nothing of the run. */
static bool is_of_us(int status)
{
    return status == HMZ_E_SPACE || status == HMZ_E_NOMEM || status == HMZ_E_INTERRUPTED;
}

static int take_scan(struct inquiry *self, size_t t, struct hmz_error *err)
{
    const struct hmz_error *result = &self->tasks[t].result;
    size_t i = self->task_subjects[t];
    struct answer *answer = &self->subjects[i].now;
    if (is_of_us(result->status)) {
        *err = *result;
        return hmz_context(err, "%s", self->tasks[t].name);
    }
    answer->found = result->status == HMZ_OK ? FOUND_RUN : FOUND_UNREADABLE;
    if (result->status == HMZ_OK)
        self->holdings.runs[i].index = self->subjects[i].index;
    else
        snprintf(answer->reason, sizeof answer->reason, "%.*s", (int)sizeof answer->reason - 1, result->text);
    return HMZ_OK;
}

static int scan(struct inquiry *self, struct hmz_error *err)
{
    const struct hmz_pool_options options = hmz_job_pool_options(self->job, HMZ_POOL_KEEP_GOING);
    if (self->task_count == 0)
        return HMZ_OK;
    hmz_job_stage(self->job, "scan", 0, 0);
    int status = hmz_pool_run(&options, self->tasks, self->task_count, err);
    for (size_t t = 0; status == HMZ_OK && t < self->task_count; t++)
        status = take_scan(self, t, err);
    return status;
}

/* ---- the data ---- */

/* What the scan sees of the events is there; their data are read where the set has checksums of them. */
static bool wants_sums(const struct inquiry *self, size_t i)
{
    const struct hmz_held_run *held = &self->holdings.runs[i];
    enum hmz_mode mode = self->begun ? self->begun->mode : self->manifest.config.mode;
    return !held->settled && held->index.name[0] && held->events.held > 0 && hmz_held_run_is_there(held) &&
           hmz_mode_facts(mode)->holds_data;
}

static void add_sums(struct inquiry *self, size_t i)
{
    struct subject *subject = &self->subjects[i];
    struct hmz_pool_task *task = &self->tasks[self->task_count];
    struct hmz_held_run *held = &self->holdings.runs[i];
    enum hmz_frib made = self->begun ? self->begun->frib : self->manifest.config.frib;
    held->sums = hmz_state_held_sums(&self->job->state, held->run);
    *task =
        (struct hmz_pool_task){.words = {"sums", subject->read_path, self->job->state.harmonic.path,
                                         hmz_state_scratch(&self->job->state), held->index.name,
                                         held->sums.name, made == HMZ_FRIB_SET_ASIDE ? "set_aside" : "keep"}};
    snprintf(task->name, sizeof task->name, "merged run %" PRId32, held->run);
    self->task_subjects[self->task_count++] = i;
}

/* A run that cannot be read to its end has nothing of what the set holds. */
static int take_sums(struct inquiry *self, size_t t, struct hmz_error *err)
{
    const struct hmz_error *result = &self->tasks[t].result;
    size_t i = self->task_subjects[t];
    struct answer *answer = &self->subjects[i].now;
    if (result->status == HMZ_OK)
        return HMZ_OK;
    if (is_of_us(result->status)) {
        *err = *result;
        return hmz_context(err, "%s", self->tasks[t].name);
    }
    self->holdings.runs[i].index.name[0] = self->holdings.runs[i].sums.name[0] = '\0';
    answer->found = FOUND_UNREADABLE;
    snprintf(answer->reason, sizeof answer->reason, "%.*s", (int)sizeof answer->reason - 1, result->text);
    return HMZ_OK;
}

static int ask_for_data(struct inquiry *self, struct hmz_error *err)
{
    const struct hmz_pool_options options = hmz_job_pool_options(self->job, HMZ_POOL_KEEP_GOING);
    uint64_t events = 0;
    self->task_count = 0;
    for (size_t i = 0; i < self->holdings.run_count; i++)
        if (wants_sums(self, i)) {
            events += self->holdings.runs[i].events.held;
            add_sums(self, i);
        }
    if (self->task_count == 0)
        return HMZ_OK;
    hmz_job_stage(self->job, "check", events, 0);
    int status = hmz_pool_run(&options, self->tasks, self->task_count, err);
    for (size_t t = 0; status == HMZ_OK && t < self->task_count; t++)
        status = take_sums(self, t, err);
    return status == HMZ_OK ? hmz_holdings_compare(&self->holdings, self->job->options->stop, err) : status;
}

/* ---- both folders ---- */

/* A run of which nothing could be taken, with what the scan says of it. */
static int look_for_finding(const struct hmz_held_run *held, struct answer *answer, struct hmz_error *err)
{
    struct hmz_index *index;
    uint64_t count;
    int status = hmz_index_open(held->index, &index, err);
    if (status != HMZ_OK)
        return status;
    const struct hmz_finding *findings = hmz_index_findings(index, &count);
    for (uint64_t k = 0; k < count; k++)
        if (findings[k].kind == HMZ_FINDING_RUN) {
            answer->found = FOUND_UNREADABLE;
            snprintf(answer->reason, sizeof answer->reason, "%s",
                     answer->told ? "see above" : findings[k].text);
        }
    hmz_index_close(index);
    return HMZ_OK;
}

static uint64_t lost(const struct answer *answer)
{
    return answer->events.missing + answer->events.other + answer->events.spoilt + answer->scalers.missing +
           answer->scalers.other;
}

/* The folder that has more of a run is the one that is told of. */
static int take_answer(struct inquiry *self, size_t i, bool own, struct hmz_error *err)
{
    struct subject *subject = &self->subjects[i];
    struct hmz_held_run *held = &self->holdings.runs[i];
    subject->now.events = held->events;
    subject->now.scalers = held->scalers;
    held->settled = hmz_held_run_is_there(held);
    int status = held->settled || !held->index.name[0] ? HMZ_OK : look_for_finding(held, &subject->now, err);
    if (own || lost(&subject->now) < lost(&subject->best))
        subject->best = subject->now;
    return status;
}

static int ask_folder(struct inquiry *self, const char *folder, bool own, struct hmz_error *err)
{
    struct hmz_holdings *holdings = &self->holdings;
    int status = HMZ_OK;
    self->task_count = 0;
    for (size_t i = 0; status == HMZ_OK && i < holdings->run_count; i++)
        if (!holdings->runs[i].settled)
            status = find_run(self, folder, own, i, err);
    if (status == HMZ_OK)
        status = scan(self, err);
    if (status == HMZ_OK)
        status = hmz_holdings_compare(holdings, self->job->options->stop, err);
    if (status == HMZ_OK)
        status = ask_for_data(self, err);
    for (size_t i = 0; status == HMZ_OK && i < holdings->run_count; i++)
        if (!holdings->runs[i].settled)
            status = take_answer(self, i, own, err);
    return status;
}

static bool all_settled(const struct hmz_holdings *holdings)
{
    for (size_t i = 0; i < holdings->run_count; i++)
        if (!holdings->runs[i].settled)
            return false;
    return true;
}

static int ask_folders(struct inquiry *self, struct hmz_error *err)
{
    const char *other = self->manifest.config.merger_path; /* an unfinished set does not say */
    int status = ask_folder(self, self->job->config->merger_path, true, err);
    if (status == HMZ_OK && other && !all_settled(&self->holdings))
        status = ask_folder(self, other, false, err);
    return status;
}

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

static void tell_run(const struct hmz_job *job, int32_t run, const struct answer *answer)
{
    static const char event[] = "event";
    static const char scaler[] = "scaler readout";
    struct pair missing = both(missing_text(&answer->events, event), missing_text(&answer->scalers, scaler));
    const uint64_t range[2] = {answer->events.spoilt_first, answer->events.spoilt_last};
    const struct text spoilt = answer->events.spoilt
                                   ? count_text(answer->events.spoilt, answer->events.held, event, range)
                                   : (struct text){""};
    struct pair other = both(other_text(&answer->events, event), other_text(&answer->scalers, scaler));
    if (answer->found == FOUND_NOTHING)
        hmz_job_note(job, HMZ_NOTE_ERROR, "merged run %" PRId32 " is gone: its %s are only in this set", run,
                     missing.at);
    else if (answer->found == FOUND_UNREADABLE)
        hmz_job_note(job, HMZ_NOTE_ERROR,
                     "merged run %" PRId32 " cannot be read now: its %s are only in this set: %s", run,
                     missing.at, answer->reason);
    else if (spoilt.at[0])
        hmz_job_note(job, HMZ_NOTE_ERROR,
                     "merged run %" PRId32
                     " has other data than the set, or data that cannot be read: %s are only in this set",
                     run, spoilt.at);
    else if (missing.at[0])
        hmz_job_note(job, HMZ_NOTE_ERROR,
                     "merged run %" PRId32 " has fewer than the set: %s are only in this set%s%s", run,
                     missing.at, other.at[0] ? "; others under the same numbers: " : "", other.at);
    else
        hmz_job_note(job, HMZ_NOTE_ERROR,
                     "merged run %" PRId32 " has others under the same numbers: %s are only in this set", run,
                     other.at);
}

static int tell(const struct inquiry *self, struct hmz_error *err)
{
    const struct hmz_holdings *holdings = &self->holdings;
    const char *folder = self->job->config->merger_path;
    const char *other = self->manifest.config.merger_path;
    bool two = other && strcmp(other, folder) != 0;
    if (all_settled(holdings))
        return HMZ_OK;
    for (size_t i = 0; i < holdings->run_count; i++)
        if (!holdings->runs[i].settled)
            tell_run(self->job, holdings->runs[i].run, &self->subjects[i].best);
    return hmz_fail(
        err, HMZ_E_USAGE,
        "%s: nothing was removed or written, for the set there holds what no merged run has now, see "
        "above; put the merged runs back into %s%s%s, choose another harmonic_path, or give those events "
        "up with --force --discard-events",
        self->job->config->harmonic_path, folder, two ? " or " : "", two ? other : "");
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
    int status = load_begun(self, &self->state, &begun, err);
    if (status == HMZ_END || status == HMZ_E_DAMAGED)
        return HMZ_OK; /* told when it is asked for */
    for (size_t i = 0; status == HMZ_OK && i < begun->run_count; i++)
        if (has_changed(self, &begun->runs[i]))
            status = hmz_holdings_keep_index(&self->state, &begun->runs[i], err);
    hmz_plan_free(begun);
    return status;
}

/* Cannot be looked at is not gone: prepare will tell. */
static bool is_gone(const char *folder, const char *file)
{
    struct stat found;
    char *path = hmz_path_join(folder, file);
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
        if (!is_gone(job->config->merger_path, input->file) ||
            !is_gone(manifest->config.merger_path, input->file))
            continue;
        gone++;
        hmz_job_note(job, HMZ_NOTE_ERROR,
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
    if (manifest.config.merger_path)
        status = name_gone_runs(self, &manifest, err);
    hmz_manifest_release(&manifest);
    return status;
}

int hmz_job_refuse_losses(struct hmz_job *self, const struct hmz_state *real,
                          const struct hmz_outputs *outputs, struct hmz_error *err)
{
    struct inquiry inquiry = {.job = self, .holdings = HMZ_HOLDINGS_NONE};
    struct hmz_error ignored;
    if (!is_asked(self, outputs))
        return HMZ_OK;
    int status = open_holdings(&inquiry, real, outputs, err);
    if (status == HMZ_OK)
        status = ask_folders(&inquiry, err);
    if (status == HMZ_E_USAGE)
        status = refuse_untold(self, err);
    if (status == HMZ_OK)
        status = tell(&inquiry, err);
    release(&inquiry);
    if (!self->dry)
        hmz_ignore(hmz_state_remove_parts(&self->state, &ignored)); /* the next command does it */
    return status;
}
