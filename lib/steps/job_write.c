/* SPDX-License-Identifier: MIT */
/* One task per harmonic run, handed to worker processes as they get free. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "job.h"
#include "job_pieces.h"
#include "pool.h"
#include "sealed_file.h"
#include "unreadable.h"
#include "written.h"

/* Does it hold all its events, or all but those that may be left out? */
static bool has_all_events(const struct hmz_job *job, const struct hmz_state *state, size_t i,
                           const struct hmz_written *written)
{
    struct hmz_unreadable unreadable = {0};
    struct hmz_error ignored;
    const struct hmz_plan_file *file = &job->plan->files[i];
    bool all = hmz_unreadable_load(&unreadable, hmz_state_unreadable(state, i), &ignored) == HMZ_OK &&
               (unreadable.count == 0 || job->options->skip_bad) &&
               written->event_count + unreadable.count == file->end - file->first;
    hmz_unreadable_release(&unreadable);
    return all;
}

bool hmz_job_is_written(const struct hmz_job *job, const struct hmz_state *state, size_t i)
{
    struct hmz_written written = {0};
    struct hmz_error ignored;
    struct stat found;
    bool there = hmz_file_look(hmz_state_output(state, hmz_harmonic_name(i).text), &found) &&
                 S_ISREG(found.st_mode) &&
                 hmz_written_load(&written, hmz_state_written(state, i), &ignored) == HMZ_OK &&
                 written.plan_id == job->plan->id && (uint64_t)found.st_size == written.file_bytes &&
                 has_all_events(job, state, i, &written);
    hmz_written_release(&written);
    return there;
}

/* ---- shards ---- */

static const char shards_magic[] = "HMZSHD1";

uint32_t hmz_job_shard_of(const struct hmz_job *self, size_t i, uint32_t count)
{
    /* Harmonic runs [k files / count, (k + 1) files / count) are in shard k + 1. */
    uint64_t files = self->plan->file_count;
    return (uint32_t)(((uint64_t)i * count + count - 1) / files) + 1;
}

static bool is_ours(const struct hmz_job *job, size_t i)
{
    const struct hmz_job_options *options = job->options;
    return options->shard_count == 0 || hmz_job_shard_of(job, i, options->shard_count) == options->shard;
}

uint32_t hmz_job_load_shards(const struct hmz_job *self)
{
    uint8_t *bytes;
    struct hmz_cursor cursor;
    struct hmz_error ignored; /* it is a help for messages, no more */
    uint32_t count = 0;
    if (hmz_sealed_load(hmz_state_shards(&self->state), shards_magic, &bytes, &cursor, &ignored) == HMZ_OK) {
        count = hmz_cursor_u32(&cursor);
        free(bytes);
    }
    return count;
}

/* For `finish`, which names the shards that lack. */
static int note_shards(const struct hmz_job *self, struct hmz_error *err)
{
    struct hmz_buffer content = {0};
    if (self->options->shard_count == 0 || hmz_job_load_shards(self) == self->options->shard_count)
        return HMZ_OK;
    hmz_buffer_put_u32(&content, self->options->shard_count);
    int status = hmz_sealed_save(hmz_state_shards(&self->state), shards_magic, &content, err);
    hmz_buffer_release(&content);
    return status;
}

/* ---- tasks ---- */

struct task_text {
    char number[24];
};

static void make_tasks(struct hmz_job *job, const char *folders, struct hmz_pool_task *tasks,
                       struct task_text *texts, size_t *count_out)
{
    *count_out = 0;
    for (size_t i = 0; i < job->plan->file_count; i++) {
        const struct hmz_plan_file *file = &job->plan->files[i];
        if (!is_ours(job, i))
            continue;
        if (hmz_job_is_written(job, &job->state, i)) {
            const struct hmz_job_listener *listener = &job->options->listener;
            if (i < job->report.file_count) /* `write` as a command of its own has no report */
                job->report.files[i].kept = true;
            if (listener->keep)
                listener->keep(listener->data, file->end - file->first, file->payload_bytes);
            continue;
        }
        struct task_text *text = &texts[*count_out];
        snprintf(text->number, sizeof text->number, "%zu", i);
        tasks[*count_out] =
            (struct hmz_pool_task){.words = {"write", job->state.harmonic.path, text->number, folders,
                                             job->options->skip_bad ? "skip" : "stop"}};
        snprintf(tasks[*count_out].name, sizeof tasks->name, "harmonic run %zu", i);
        (*count_out)++;
    }
}

/* ---- failures ---- */

static bool any_is_written(const struct hmz_job *job)
{
    for (size_t i = 0; i < job->plan->file_count; i++)
        if (hmz_job_is_written(job, &job->state, i))
            return true;
    return false;
}

/* What helps: the same command again, if that can end in another way. */
static const char *advice(const struct hmz_job *job, const struct hmz_error *worst, bool damage_alone)
{
    if (worst->status == HMZ_E_SPACE)
        return "free some room there, then run the same command again to go on";
    if (worst->status == HMZ_E_CHANGED)
        return any_is_written(job) ? "when the merger has finished, begin the set again: --force (of "
                                     "prepare, or of the whole job)"
                                   : "when the merger has finished, run prepare or the whole job again";
    if (!damage_alone)
        return "when the cause is gone, run the same command again to go on";
    if (job->options->skip_bad)
        return "get the merged runs that are damaged again, then begin the set again with --force";
    return "the merged runs hold damage there: add --skip-bad to go on without such events, or get these "
           "runs "
           "again and begin the set again with --force";
}

/* Damage of an event that the scan could not see; that of a file of the state is something else. */
static bool is_damaged_event(const struct hmz_error *result)
{
    return result->status == HMZ_E_DAMAGED && result->reach != HMZ_REACH_JOB;
}

static bool is_worse(const struct hmz_error *result, const struct hmz_error *worst)
{
    return !worst || result->status == HMZ_E_SPACE ||
           (result->status == HMZ_E_CHANGED && worst->status != HMZ_E_SPACE);
}

/* Says of every failed task what failed; the worst decides the exit code: a full disk before all else. */
static int judge(const struct hmz_job *job, const struct hmz_pool_task *tasks, size_t count,
                 struct hmz_error *err)
{
    const struct hmz_error *worst = NULL;
    bool damage_alone = true;
    size_t failed = 0;
    for (size_t i = 0; i < count; i++) {
        const struct hmz_error *result = &tasks[i].result;
        if (result->status == HMZ_OK || result->status == HMZ_E_INTERRUPTED)
            continue;
        hmz_job_note(job->options, HMZ_NOTE_ERROR, "%s: %s", tasks[i].name, result->text);
        damage_alone = damage_alone && is_damaged_event(result);
        if (is_worse(result, worst))
            worst = result;
        failed++;
    }
    if (!worst)
        return HMZ_OK;
    return hmz_fail(err, worst->status, "%zu harmonic run%s could not be written, see above; %s", failed,
                    failed == 1 ? "" : "s", advice(job, worst, damage_alone));
}

static void begin_stage(const struct hmz_job *self)
{
    uint64_t events = 0;
    uint64_t bytes = 0;
    for (size_t i = 0; i < self->plan->file_count; i++) {
        const struct hmz_plan_file *file = &self->plan->files[i];
        events += is_ours(self, i) ? file->end - file->first : 0;
        bytes += is_ours(self, i) ? file->payload_bytes : 0;
    }
    hmz_job_stage(self->options, "write", events, bytes);
}

int hmz_job_write(struct hmz_job *self, struct hmz_error *err)
{
    size_t count = self->plan->file_count;
    size_t task_count = 0;
    char *folders = NULL;
    struct hmz_pool_task *tasks = calloc(count + 1, sizeof *tasks);
    struct task_text *texts = calloc(count + 1, sizeof *texts);
    const struct hmz_pool_options options = hmz_job_pool_options(self->options, HMZ_POOL_STOP_AT_FAILURE);
    int status = tasks && texts ? HMZ_OK : hmz_fail_nomem(err, "the list of harmonic runs");
    begin_stage(self);
    /* What a killed command left would take room that nobody counted with. */
    if (status == HMZ_OK)
        status = hmz_state_remove_parts(&self->state, err);
    if (status == HMZ_OK)
        status = note_shards(self, err);
    if (status == HMZ_OK)
        status = hmz_run_folders_pack(&self->config->merger, &folders, err);
    if (status == HMZ_OK)
        make_tasks(self, folders, tasks, texts, &task_count);
    if (status == HMZ_OK)
        status = hmz_pool_run(&options, tasks, task_count, err);
    if (status == HMZ_OK)
        status = judge(self, tasks, task_count, err);
    if (status != HMZ_OK) {
        /* Workers that were ended could not do it themselves. The failure counts more than this one. */
        struct hmz_error ignored;
        hmz_ignore(hmz_state_remove_parts(&self->state, &ignored));
    }
    free(folders);
    free(tasks);
    free(texts);
    return status;
}
