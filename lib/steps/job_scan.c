/* SPDX-License-Identifier: MIT */
/* The scan: one worker per merged run, each in a process of its own because a damaged file can crash libhdf5
 * or make it loop. All runs are scanned before anything is said, so that one try reports all bad runs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "causes.h"
#include "job.h"
#include "job_pieces.h"
#include "plan_index.h"
#include "pool.h"

/* One merged run on its way. */
struct scan_item {
    const struct hmz_run_file *file;
    struct hmz_file_at index;
    char run_text[16];
    struct hmz_error failure; /* HMZ_OK, or why there is no index now */
};

struct scan_list {
    struct scan_item *items; /* every run of the range */
    struct hmz_pool_task *tasks;
    size_t *task_items; /* which item a task is for */
    size_t task_count;
};

static void release_list(struct scan_list *list)
{
    free(list->items);
    free(list->tasks);
    free(list->task_items);
}

/* Is there an index of this very file? One that cannot be read counts as none: it is made again. So is one
 * that would stop the job: the file may have been mended without a change of its time. */
static bool index_is_current(const struct hmz_job *job, const struct scan_item *item)
{
    struct hmz_index *index;
    struct hmz_error ignored;
    if (hmz_index_open(item->index, &index, &ignored) != HMZ_OK)
        return false;
    bool current = hmz_file_identity_same(&hmz_index_get_run(index)->identity, &item->file->identity);
    uint64_t finding_count;
    (void)hmz_index_findings(index, &finding_count);
    current = current && (finding_count == 0 || hmz_job_skips_bad(job));
    current = current && hmz_index_check(index, &ignored) == HMZ_OK;
    hmz_index_close(index);
    return current;
}

static void add_task(const struct hmz_job *job, struct scan_list *list, size_t i)
{
    struct scan_item *item = &list->items[i];
    struct hmz_pool_task *task = &list->tasks[list->task_count];
    snprintf(item->run_text, sizeof item->run_text, "%d", item->file->run);
    *task =
        (struct hmz_pool_task){.words = {"scan", item->run_text, item->file->path, job->state.harmonic.path,
                                         hmz_state_scratch(&job->state), item->index.name}};
    snprintf(task->name, sizeof task->name, "merged run %d", item->file->run);
    list->task_items[list->task_count++] = i;
}

/* Sorted largest run first: begun last, it would be alone at the end. */
static int by_size(const void *a, const void *b)
{
    const struct scan_item *left = a;
    const struct scan_item *right = b;
    if (left->file->identity.bytes != right->file->identity.bytes)
        return left->file->identity.bytes > right->file->identity.bytes ? -1 : 1;
    return left->file->run - right->file->run;
}

static int by_run(const void *a, const void *b)
{
    return ((const struct scan_item *)a)->file->run - ((const struct scan_item *)b)->file->run;
}

static int make_list(const struct hmz_job *job, struct scan_list *list, struct hmz_error *err)
{
    size_t count = job->runs->count;
    list->items = calloc(count + 1, sizeof *list->items);
    list->tasks = calloc(count + 1, sizeof *list->tasks);
    list->task_items = calloc(count + 1, sizeof *list->task_items);
    if (!list->items || !list->tasks || !list->task_items)
        return hmz_fail_nomem(err, "the list of runs");
    for (size_t i = 0; i < count; i++)
        list->items[i] = (struct scan_item){.file = &job->runs->runs[i],
                                            .index = hmz_state_index(&job->state, job->runs->runs[i].run)};
    qsort(list->items, count, sizeof *list->items, by_size);
    for (size_t i = 0; i < count; i++)
        if (!index_is_current(job, &list->items[i]))
            add_task(job, list, i);
    return HMZ_OK;
}

static int run_tasks(struct hmz_job *job, struct scan_list *list, struct hmz_error *err)
{
    const struct hmz_pool_options options = hmz_job_pool_options(job->options, HMZ_POOL_KEEP_GOING);
    if (list->task_count == 0)
        return HMZ_OK;
    hmz_job_stage(job->options, "scan", 0, 0);
    int status = hmz_pool_run(&options, list->tasks, list->task_count, err);
    for (size_t t = 0; status == HMZ_OK && t < list->task_count; t++)
        list->items[list->task_items[t]].failure = list->tasks[t].result;
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

static int take_findings(struct hmz_job *job, const struct hmz_index *index, int *worst,
                         struct hmz_error *err)
{
    uint64_t count;
    const struct hmz_finding *findings = hmz_index_findings(index, &count);
    int32_t run = hmz_index_get_run(index)->run;
    bool may_skip = hmz_job_skips_bad(job);
    struct hmz_causes causes = {0};
    int status = HMZ_OK;
    for (uint64_t i = 0; status == HMZ_OK && i < count; i++) {
        bool skip = may_skip && findings[i].status == HMZ_E_DAMAGED;
        const struct hmz_cause_of finding = {.note = skip ? HMZ_NOTE_SKIPPED : HMZ_NOTE_ERROR,
                                             .kind = findings[i].kind,
                                             .number = findings[i].number,
                                             .text = findings[i].text};
        status = hmz_causes_add(&causes, &finding, err);
        if (status == HMZ_OK && skip)
            status = keep_skipped(job, run, &findings[i], err);
        else if (*worst != HMZ_E_USAGE)
            *worst = findings[i].status;
    }
    hmz_causes_tell(&causes, job->options, run);
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

/* ---- what --skip-bad would leave out ---- */

enum { NAMED_RUNS = 12, WORDS_BYTES = 640 };

static void add_count(char *words, uint64_t count, const char *one, const char *many)
{
    size_t used = strlen(words);
    if (count > 0)
        snprintf(words + used, 128 - used, "%s%s %s", used ? ", " : "", hmz_count_text(count).text,
                 count == 1 ? one : many);
}

/* "merged run 61 (whole), 33 events of merged run 63 and more of 2 other runs" */
static void list_losses(const struct hmz_report *report, char words[WORDS_BYTES])
{
    size_t named = 0;
    size_t others = 0;
    words[0] = '\0';
    for (size_t i = 0; i < report->run_count; i++) {
        const struct hmz_report_run *run = &report->runs[i];
        char parts[128] = "";
        add_count(parts, run->skipped_events, "event", "events");
        add_count(parts, run->skipped_scalers, "scaler readout", "scaler readouts");
        add_count(parts, run->skipped_members, "other member", "other members");
        if (!run->left_out && !parts[0])
            continue;
        size_t used = strlen(words);
        if (++named > NAMED_RUNS)
            others++;
        else if (run->left_out)
            snprintf(words + used, WORDS_BYTES - used, "%smerged run %d (whole)", used ? ", " : "",
                     run->index.run);
        else
            snprintf(words + used, WORDS_BYTES - used, "%s%s of merged run %d", used ? ", " : "", parts,
                     run->index.run);
    }
    size_t used = strlen(words);
    if (others > 0)
        snprintf(words + used, WORDS_BYTES - used, ", and more of %zu other runs", others);
}

static int refuse_damage(const struct hmz_job *job, struct hmz_error *err)
{
    char words[WORDS_BYTES];
    if (hmz_report_sum(&job->report).events == 0)
        return hmz_fail(
            err, HMZ_E_DAMAGED,
            "damaged merged runs, see above; nothing was written, and --skip-bad would leave no event");
    list_losses(&job->report, words);
    return hmz_fail(
        err, HMZ_E_DAMAGED,
        "damaged merged runs, see above; nothing was written. Get them again, or leave out what is "
        "damaged. --skip-bad would leave out: %s",
        words);
}

/* What became of all runs, in order of run. */
struct scan_outcome {
    int worst;              /* of what is wrong in the runs */
    size_t failed;          /* runs that could not be scanned to their end */
    struct hmz_error first; /* of these */
};

/* A run that could not be scanned to its end is no damaged one: what kept it from being read is told, and
 * nothing of it is left out. */
static int take_item(struct hmz_job *job, const struct scan_item *item, struct scan_outcome *outcome,
                     struct hmz_error *err)
{
    struct hmz_index *index;
    if (item->failure.status != HMZ_OK && item->failure.reach == HMZ_REACH_JOB) {
        *err = item->failure; /* the same for every run: told once */
        return err->status;
    }
    if (item->failure.status != HMZ_OK) {
        if (outcome->failed++ == 0)
            outcome->first = item->failure;
        hmz_job_note(job->options, HMZ_NOTE_ERROR, "merged run %d: %s", item->file->run, item->failure.text);
        return HMZ_OK;
    }
    int status = hmz_index_open(item->index, &index, err);
    return status == HMZ_OK ? take_index(job, index, &outcome->worst, err) : status;
}

static int judge(const struct hmz_job *job, const struct scan_outcome *outcome, struct hmz_error *err)
{
    if (outcome->failed > 0)
        return hmz_fail(
            err, outcome->first.status,
            "%zu merged run%s could not be read, see above; nothing was written. That is no damage "
            "of content, so --skip-bad does not help: cure the cause, or leave %s out with skip_runs",
            outcome->failed, outcome->failed == 1 ? "" : "s", outcome->failed == 1 ? "it" : "them");
    if (outcome->worst == HMZ_E_USAGE)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "harmonic runs cannot be harmonized again, see above; nothing was written. Leave them "
            "out with skip_runs, or give merger_path the folder of the merged runs");
    return outcome->worst == HMZ_OK ? HMZ_OK : refuse_damage(job, err);
}

int hmz_job_scan(struct hmz_job *job, struct hmz_error *err)
{
    struct scan_list list = {0};
    struct scan_outcome outcome = {0};
    int status = make_list(job, &list, err);
    if (status == HMZ_OK)
        status = run_tasks(job, &list, err);
    if (status == HMZ_OK)
        qsort(list.items, job->runs->count, sizeof *list.items, by_run);
    for (size_t i = 0; status == HMZ_OK && i < job->runs->count; i++)
        status = take_item(job, &list.items[i], &outcome, err);
    release_list(&list);
    return status == HMZ_OK ? judge(job, &outcome, err) : status;
}
