/* SPDX-License-Identifier: MIT */
#include "inquiry.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index.h"
#include "job_pieces.h"
#include "path.h"
#include "plan_file.h"

static void release_path(struct hmz_inquiry_subject *self)
{
    free(self->path);
    self->path = NULL;
    self->index.name[0] = '\0';
}

void hmz_inquiry_release(struct hmz_inquiry *self)
{
    for (size_t i = 0; self->subjects && i < self->holdings.run_count; i++)
        release_path(&self->subjects[i]);
    free(self->subjects);
    free(self->tasks);
    free(self->task_subjects);
    hmz_holdings_release(&self->holdings);
    hmz_manifest_release(&self->manifest);
    hmz_plan_free(self->begun);
}

/* ---- what the set holds ---- */

int hmz_inquiry_load_begun(const struct hmz_job *job, const struct hmz_state *real,
                           struct hmz_plan **begun_out, struct hmz_error *err)
{
    return hmz_plan_load(hmz_state_plan(real), &job->config->merger, begun_out, err);
}

static int open_begun(struct hmz_inquiry *self, const struct hmz_state *real,
                      const struct hmz_outputs *outputs, struct hmz_error *err)
{
    int status = hmz_inquiry_load_begun(self->job, real, &self->begun, err);
    if (status == HMZ_END || status == HMZ_E_DAMAGED)
        return hmz_fail(err, HMZ_E_USAGE, "the plan that it was begun with is lost");
    if (status != HMZ_OK)
        return status;
    return hmz_holdings_of_begun(&self->holdings, real, self->begun, outputs, err);
}

int hmz_inquiry_open(struct hmz_inquiry *self, const struct hmz_state *real,
                     const struct hmz_outputs *outputs, struct hmz_error *err)
{
    bool listed;
    int status = hmz_job_load_manifest(real, &self->manifest, &listed, err);
    if (status != HMZ_OK)
        return status;
    if (self->manifest.config.merger.count)
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
static void take_from_job(struct hmz_inquiry *self, const struct hmz_run_file *file, size_t i)
{
    struct hmz_inquiry_answer *answer = &self->subjects[i].now;
    const struct hmz_file_at index = hmz_state_index(&self->job->state, file->run);
    answer->told = true;
    answer->found = is_index_of(index, file) ? HMZ_FOUND_RUN : HMZ_FOUND_UNREADABLE;
    self->subjects[i].read_path = file->path;
    if (answer->found == HMZ_FOUND_RUN)
        self->holdings.runs[i].index = index;
    else
        snprintf(answer->reason, sizeof answer->reason, "its scan did not end, see above");
}

static void add_scan(struct hmz_inquiry *self, size_t i)
{
    struct hmz_inquiry_subject *subject = &self->subjects[i];
    struct hmz_pool_task *task = &self->tasks[self->task_count];
    int32_t run = self->holdings.runs[i].run;
    snprintf(subject->run_text, sizeof subject->run_text, "%" PRId32, run);
    *task = (struct hmz_pool_task){.words = {"scan", subject->run_text, subject->path,
                                             self->job->state.harmonic.path,
                                             hmz_state_scratch(&self->job->state), subject->index.name}};
    snprintf(task->name, sizeof task->name, "merged run %" PRId32, run);
    self->task_subjects[self->task_count++] = i;
}

static int find_in_folders(struct hmz_inquiry *self, const struct hmz_run_folders *folders, size_t i,
                           struct hmz_error *err)
{
    struct hmz_inquiry_subject *subject = &self->subjects[i];
    struct stat file;
    subject->path = hmz_run_folders_path(folders, self->holdings.runs[i].file);
    subject->index = hmz_state_held_index(&self->job->state, self->holdings.runs[i].run);
    subject->read_path = subject->path;
    if (!subject->path)
        return hmz_fail_nomem(err, "a path");
    if (stat(subject->path, &file) != 0) {
        bool gone = errno == ENOENT || errno == ENOTDIR;
        subject->now.found = gone ? HMZ_FOUND_NOTHING : HMZ_FOUND_UNREADABLE;
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

/* `own`: the folders of the configuration, of which the job has scanned what it reads. */
static int find_run(struct hmz_inquiry *self, const struct hmz_run_folders *folders, bool own, size_t i,
                    struct hmz_error *err)
{
    struct hmz_inquiry_subject *subject = &self->subjects[i];
    struct hmz_held_run *held = &self->holdings.runs[i];
    release_path(subject);
    subject->now = (struct hmz_inquiry_answer){.found = HMZ_FOUND_NOTHING};
    held->index.name[0] = held->sums.name[0] = '\0';
    const struct hmz_run_file *file = own ? read_by_job(self->job, held->run) : NULL;
    if (!file)
        return find_in_folders(self, folders, i, err);
    take_from_job(self, file, i);
    return HMZ_OK;
}

/* A failure that says nothing of the run. */
static bool is_of_us(const struct hmz_pool_task *task)
{
    int status = task->result.status;
    return task->lost || status == HMZ_E_SPACE || status == HMZ_E_NOMEM || status == HMZ_E_INTERRUPTED;
}

static int take_scan(struct hmz_inquiry *self, size_t t, struct hmz_error *err)
{
    const struct hmz_error *result = &self->tasks[t].result;
    size_t i = self->task_subjects[t];
    struct hmz_inquiry_answer *answer = &self->subjects[i].now;
    if (is_of_us(&self->tasks[t])) {
        *err = *result;
        return hmz_context(err, "%s", self->tasks[t].name);
    }
    answer->found = result->status == HMZ_OK ? HMZ_FOUND_RUN : HMZ_FOUND_UNREADABLE;
    if (result->status == HMZ_OK)
        self->holdings.runs[i].index = self->subjects[i].index;
    else
        snprintf(answer->reason, sizeof answer->reason, "%.*s", (int)sizeof answer->reason - 1, result->text);
    return HMZ_OK;
}

static int scan(struct hmz_inquiry *self, struct hmz_error *err)
{
    const struct hmz_pool_options options = hmz_job_pool_options(self->job->options, HMZ_POOL_KEEP_GOING);
    if (self->task_count == 0)
        return HMZ_OK;
    hmz_job_stage(self->job->options, "scan", 0, 0);
    int status = hmz_pool_run(&options, self->tasks, self->task_count, err);
    for (size_t t = 0; status == HMZ_OK && t < self->task_count; t++)
        status = take_scan(self, t, err);
    return status;
}

/* ---- the data ---- */

/* What the scan sees of the events is there; their data are read where the set has checksums of them. */
static bool wants_sums(const struct hmz_inquiry *self, size_t i)
{
    const struct hmz_held_run *held = &self->holdings.runs[i];
    enum hmz_mode mode = self->begun ? self->begun->settings.mode : self->manifest.config.settings.mode;
    return !held->settled && held->index.name[0] && held->events.held > 0 && hmz_held_run_is_there(held) &&
           hmz_mode_facts(mode)->holds_data;
}

static void add_sums(struct hmz_inquiry *self, size_t i)
{
    struct hmz_inquiry_subject *subject = &self->subjects[i];
    struct hmz_pool_task *task = &self->tasks[self->task_count];
    struct hmz_held_run *held = &self->holdings.runs[i];
    enum hmz_frib made = self->begun ? self->begun->settings.frib : self->manifest.config.settings.frib;
    held->sums = hmz_state_held_sums(&self->job->state, held->run);
    *task = (struct hmz_pool_task){.words = {"sums", subject->read_path, self->job->state.harmonic.path,
                                             hmz_state_scratch(&self->job->state), held->index.name,
                                             held->sums.name, hmz_frib_name(made)}};
    snprintf(task->name, sizeof task->name, "merged run %" PRId32, held->run);
    self->task_subjects[self->task_count++] = i;
}

/* A run that cannot be read to its end has nothing of what the set holds. */
static int take_sums(struct hmz_inquiry *self, size_t t, struct hmz_error *err)
{
    const struct hmz_error *result = &self->tasks[t].result;
    size_t i = self->task_subjects[t];
    struct hmz_inquiry_answer *answer = &self->subjects[i].now;
    if (result->status == HMZ_OK)
        return HMZ_OK;
    if (is_of_us(&self->tasks[t])) {
        *err = *result;
        return hmz_context(err, "%s", self->tasks[t].name);
    }
    self->holdings.runs[i].index.name[0] = self->holdings.runs[i].sums.name[0] = '\0';
    answer->found = HMZ_FOUND_UNREADABLE;
    snprintf(answer->reason, sizeof answer->reason, "%.*s", (int)sizeof answer->reason - 1, result->text);
    return HMZ_OK;
}

static int ask_for_data(struct hmz_inquiry *self, struct hmz_error *err)
{
    const struct hmz_pool_options options = hmz_job_pool_options(self->job->options, HMZ_POOL_KEEP_GOING);
    uint64_t events = 0;
    self->task_count = 0;
    for (size_t i = 0; i < self->holdings.run_count; i++)
        if (wants_sums(self, i)) {
            events += self->holdings.runs[i].events.held;
            add_sums(self, i);
        }
    if (self->task_count == 0)
        return HMZ_OK;
    hmz_job_stage(self->job->options, "check", events, 0);
    int status = hmz_pool_run(&options, self->tasks, self->task_count, err);
    for (size_t t = 0; status == HMZ_OK && t < self->task_count; t++)
        status = take_sums(self, t, err);
    return status == HMZ_OK ? hmz_holdings_compare(&self->holdings, self->job->options->stop, err) : status;
}

/* ---- both folders ---- */

/* A run of which nothing could be taken, with what the scan says of it. */
static int look_for_finding(const struct hmz_held_run *held, struct hmz_inquiry_answer *answer,
                            struct hmz_error *err)
{
    struct hmz_index *index;
    uint64_t count;
    int status = hmz_index_open(held->index, &index, err);
    if (status != HMZ_OK)
        return status;
    const struct hmz_finding *findings = hmz_index_findings(index, &count);
    for (uint64_t k = 0; k < count; k++)
        if (findings[k].kind == HMZ_FINDING_RUN) {
            answer->found = HMZ_FOUND_UNREADABLE;
            snprintf(answer->reason, sizeof answer->reason, "%s",
                     answer->told ? "see above" : findings[k].text);
        }
    hmz_index_close(index);
    return HMZ_OK;
}

static uint64_t lost(const struct hmz_inquiry_answer *answer)
{
    return answer->events.missing + answer->events.other + answer->events.spoilt + answer->scalers.missing +
           answer->scalers.other;
}

/* The folder that has more of a run is the one that is told of. */
static int take_answer(struct hmz_inquiry *self, size_t i, bool own, struct hmz_error *err)
{
    struct hmz_inquiry_subject *subject = &self->subjects[i];
    struct hmz_held_run *held = &self->holdings.runs[i];
    subject->now.events = held->events;
    subject->now.scalers = held->scalers;
    held->settled = hmz_held_run_is_there(held);
    int status = held->settled || !held->index.name[0] ? HMZ_OK : look_for_finding(held, &subject->now, err);
    if (own || lost(&subject->now) < lost(&subject->best))
        subject->best = subject->now;
    return status;
}

static int ask_folders(struct hmz_inquiry *self, const struct hmz_run_folders *folders, bool own,
                       struct hmz_error *err)
{
    struct hmz_holdings *holdings = &self->holdings;
    int status = HMZ_OK;
    self->task_count = 0;
    for (size_t i = 0; status == HMZ_OK && i < holdings->run_count; i++)
        if (!holdings->runs[i].settled)
            status = find_run(self, folders, own, i, err);
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

bool hmz_inquiry_settled(const struct hmz_inquiry *self)
{
    const struct hmz_holdings *holdings = &self->holdings;
    for (size_t i = 0; i < holdings->run_count; i++)
        if (!holdings->runs[i].settled)
            return false;
    return true;
}

int hmz_inquiry_ask(struct hmz_inquiry *self, struct hmz_error *err)
{
    const struct hmz_run_folders *others = &self->manifest.config.merger; /* an unfinished set does not say */
    int status = ask_folders(self, &self->job->config->merger, true, err);
    if (status == HMZ_OK && others->count && !hmz_inquiry_settled(self))
        status = ask_folders(self, others, false, err);
    return status;
}
