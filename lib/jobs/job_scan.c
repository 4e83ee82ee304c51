/* SPDX-License-Identifier: MIT */
/* The scan: one worker per merged run, each in a process of its own because a damaged file can crash libhdf5
 * or make it loop. All runs are scanned before anything is said, so that one try reports all bad runs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doubt.h"
#include "job.h"
#include "plan_index.h"
#include "pool.h"
#include "scan.h"

/* One merged run on its way. */
struct scan_item {
    const struct hmz_run_file *file;
    char *index_path;
    char run_text[16];
    char *second_path;
};

struct scan_list {
    struct scan_item *items; /* every run of the range */
    struct hmz_pool_task *tasks;
    size_t *task_items; /* which item a task is for */
    size_t task_count;
};

static void release_item(struct scan_item *self)
{
    free(self->index_path);
    free(self->second_path);
}

static void release_list(struct scan_list *list, size_t count)
{
    for (size_t i = 0; list->items && i < count; i++)
        release_item(&list->items[i]);
    free(list->items);
    free(list->tasks);
    free(list->task_items);
}

static struct hmz_input_identity identity_of(const struct hmz_run_file *file)
{
    return (struct hmz_input_identity){
        .bytes = file->bytes, .mtime_ns = file->mtime_ns, .inode = file->inode};
}

/* Is there an index of this very file? One that cannot be read counts as none: it is made again. So is one
 * that would stop the job, or leave something out on the word of one scan: what was found may have been the
 * memory or the disk of that hour. */
static bool index_is_current(const struct hmz_job *job, const struct scan_item *item)
{
    struct hmz_index *index;
    struct hmz_error ignored;
    if (hmz_index_open(item->index_path, &index, &ignored) != HMZ_OK)
        return false;
    const struct hmz_input_identity wanted = identity_of(item->file);
    bool current = memcmp(&hmz_index_get_run(index)->identity, &wanted, sizeof wanted) == 0;
    uint64_t finding_count;
    (void)hmz_index_findings(index, &finding_count);
    bool counts = finding_count == 0 || (hmz_job_skips_bad(job) && hmz_index_get_run(index)->confirmed);
    current = current && counts;
    current = current && hmz_index_check(index, &ignored) == HMZ_OK;
    hmz_index_close(index);
    return current;
}

static void add_task(struct scan_list *list, size_t i, bool again)
{
    struct scan_item *item = &list->items[i];
    struct hmz_pool_task *task = &list->tasks[list->task_count];
    snprintf(item->run_text, sizeof item->run_text, "%d", item->file->run);
    *task = (struct hmz_pool_task){.words = {"scan", item->run_text, item->file->path,
                                             again ? item->second_path : item->index_path,
                                             again ? "again" : "first"}};
    snprintf(task->name, sizeof task->name, "merged run %d", item->file->run);
    list->task_items[list->task_count++] = i;
}

/* Sorted largest run first: begun last, it would be alone at the end. */
static int by_size(const void *a, const void *b)
{
    const struct scan_item *left = a;
    const struct scan_item *right = b;
    if (left->file->bytes != right->file->bytes)
        return left->file->bytes > right->file->bytes ? -1 : 1;
    return left->file->run - right->file->run;
}

static int by_run(const void *a, const void *b)
{
    return ((const struct scan_item *)a)->file->run - ((const struct scan_item *)b)->file->run;
}

static int make_items(const struct hmz_job *job, struct scan_list *list, struct hmz_error *err)
{
    for (size_t i = 0; i < job->runs->count; i++) {
        struct scan_item *item = &list->items[i];
        item->file = &job->runs->runs[i];
        item->index_path = hmz_state_index_path(&job->state, item->file->run);
        item->second_path = hmz_state_second_index_path(&job->state, item->file->run);
        if (!item->index_path || !item->second_path)
            return hmz_fail_nomem(err, "a path");
    }
    return HMZ_OK;
}

static int make_list(const struct hmz_job *job, struct scan_list *list, struct hmz_error *err)
{
    size_t count = job->runs->count;
    list->items = calloc(count + 1, sizeof *list->items);
    list->tasks = calloc(count + 1, sizeof *list->tasks);
    list->task_items = calloc(count + 1, sizeof *list->task_items);
    if (!list->items || !list->tasks || !list->task_items)
        return hmz_fail_nomem(err, "the list of runs");
    int status = make_items(job, list, err);
    if (status != HMZ_OK)
        return status;
    qsort(list->items, count, sizeof *list->items, by_size);
    for (size_t i = 0; i < count; i++)
        if (!index_is_current(job, &list->items[i]))
            add_task(list, i, false);
    return HMZ_OK;
}

/* A crash or a loop is damage of that run, kept like any other finding; all else is a failure of ours. */
static int take_result(const struct scan_list *list, size_t t, bool again, struct hmz_error *err)
{
    const struct hmz_pool_task *task = &list->tasks[t];
    const struct scan_item *item = &list->items[list->task_items[t]];
    if (task->result.status == HMZ_OK)
        return HMZ_OK;
    if (task->result.status == HMZ_E_DAMAGED) {
        const struct hmz_scan_request request = {.run = item->file->run,
                                                 .run_path = item->file->path,
                                                 .index_path = again ? item->second_path : item->index_path,
                                                 .again = again};
        return hmz_scan_write_failed(&request, &task->result, err);
    }
    *err = task->result;
    return hmz_place(err, "%s", task->name);
}

static int run_tasks(struct hmz_job *job, struct scan_list *list, bool again, struct hmz_error *err)
{
    const struct hmz_pool_options options = hmz_job_pool_options(job, HMZ_POOL_KEEP_GOING);
    if (list->task_count == 0)
        return HMZ_OK;
    hmz_job_stage(job, again ? "second scan" : "scan", 0, 0);
    int status = hmz_pool_run(&options, list->tasks, list->task_count, err);
    for (size_t t = 0; status == HMZ_OK && t < list->task_count; t++)
        status = take_result(list, t, again, err);
    return status;
}

/* What would be left out is looked for once more (doubt.h). */
static int scan_twice(struct hmz_job *job, struct scan_list *list, struct hmz_error *err)
{
    struct hmz_error ignored;
    int status = HMZ_OK;
    list->task_count = 0;
    for (size_t i = 0; status == HMZ_OK && i < job->runs->count; i++) {
        bool doubted;
        status = hmz_doubt_any(list->items[i].index_path, &doubted, err);
        if (status == HMZ_OK && doubted)
            add_task(list, i, true);
    }
    if (status == HMZ_OK)
        status = run_tasks(job, list, true, err);
    if (status != HMZ_OK)
        return status;
    for (size_t t = 0; t < list->task_count; t++) {
        const struct scan_item *item = &list->items[list->task_items[t]];
        struct hmz_error *why = status == HMZ_OK ? err : &ignored; /* the first counts, all are settled */
        int settled = hmz_doubt_settle(item->file->run, item->index_path, item->second_path, why);
        status = status == HMZ_OK ? settled : status;
    }
    return status;
}

/* ---- what was found ---- */

static int keep_skipped(struct hmz_job *job, int32_t run, const struct hmz_finding *finding,
                        struct hmz_error *err)
{
    const struct hmz_skipped skipped = {.run = run,
                                        .kind = finding->kind == HMZ_FINDING_EVENT    ? HMZ_SKIPPED_EVENT
                                                : finding->kind == HMZ_FINDING_SCALER ? HMZ_SKIPPED_SCALER
                                                                                      : HMZ_SKIPPED_RUN,
                                        .number = finding->number,
                                        .reason = finding->text};
    return hmz_job_keep_skipped(job, &skipped, err);
}

enum { FINDINGS_IN_FULL = 20 };

static int take_findings(struct hmz_job *job, const struct hmz_index *index, int *worst,
                         struct hmz_error *err)
{
    uint64_t count;
    const struct hmz_finding *findings = hmz_index_findings(index, &count);
    int32_t run = hmz_index_get_run(index)->run;
    bool may_skip = hmz_job_skips_bad(job) && hmz_index_get_run(index)->confirmed;
    int status = HMZ_OK;
    for (uint64_t i = 0; status == HMZ_OK && i < count; i++) {
        bool skip = may_skip && findings[i].status == HMZ_E_DAMAGED;
        if (i < FINDINGS_IN_FULL)
            hmz_job_note(job, skip ? HMZ_NOTE_SKIPPED : HMZ_NOTE_ERROR, "merged run %d: %s", run,
                         findings[i].text);
        if (skip)
            status = keep_skipped(job, run, &findings[i], err);
        else if (*worst != HMZ_E_USAGE)
            *worst = findings[i].status;
    }
    if (count > FINDINGS_IN_FULL)
        hmz_job_note(job, HMZ_NOTE_WARNING, "merged run %d: %" PRIu64 " more like these", run,
                     count - FINDINGS_IN_FULL);
    return status;
}

/* Closes the index. */
static int take_index(struct hmz_job *job, struct hmz_index *index, int *worst, struct hmz_error *err)
{
    int status = hmz_report_add_run(&job->report, index, err);
    if (status == HMZ_OK)
        status = take_findings(job, index, worst, err);
    hmz_index_close(index);
    return status;
}

int hmz_job_take_scan(struct hmz_job *job, struct hmz_error *err)
{
    int worst = HMZ_OK;
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < job->plan->run_count; i++) {
        struct hmz_index *index;
        status = hmz_plan_index_open(&job->state, &job->plan->runs[i], &index, err);
        if (status == HMZ_OK)
            status = take_index(job, index, &worst, err);
    }
    if (status == HMZ_OK && worst != HMZ_OK)
        return hmz_fail(err, HMZ_E_DAMAGED, "damaged merged runs, see above; run `prepare` again");
    return status == HMZ_OK ? hmz_report_take_plan(&job->report, job->plan, err) : status;
}

int hmz_job_scan(struct hmz_job *job, struct hmz_error *err)
{
    struct scan_list list = {0};
    int worst = HMZ_OK;
    int status = make_list(job, &list, err);
    if (status == HMZ_OK)
        status = run_tasks(job, &list, false, err);
    if (status == HMZ_OK && hmz_job_skips_bad(job))
        status = scan_twice(job, &list, err);
    /* What was found is told in order of run. */
    if (status == HMZ_OK)
        qsort(list.items, job->runs->count, sizeof *list.items, by_run);
    for (size_t i = 0; status == HMZ_OK && i < job->runs->count; i++) {
        struct hmz_index *index;
        status = hmz_index_open(list.items[i].index_path, &index, err);
        if (status == HMZ_OK)
            status = take_index(job, index, &worst, err);
    }
    release_list(&list, job->runs->count);
    if (status == HMZ_OK && worst == HMZ_E_USAGE)
        status = hmz_fail(err, HMZ_E_USAGE, "harmonic runs cannot be harmonized again; nothing was written");
    else if (status == HMZ_OK && worst != HMZ_OK)
        status =
            hmz_fail(err, HMZ_E_DAMAGED,
                     "damaged merged runs, see above; nothing was written. --skip-bad leaves the damaged "
                     "events out and lists them");
    return status;
}
