/* SPDX-License-Identifier: MIT */
/* The set against the merged runs: they are scanned again, the plan is made again, and each harmonic run is
 * compared by a worker of its own. */
#include "verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare_run.h"
#include "job_pieces.h"
#include "plan_file.h"
#include "pool.h"
#include "run_ranges.h"
#include "written.h"

/* ---- the merged runs ---- */

static const struct hmz_manifest_input *find_input(const struct hmz_manifest *manifest, int32_t run)
{
    for (size_t i = 0; i < manifest->input_count; i++)
        if (manifest->inputs[i].run == run)
            return &manifest->inputs[i];
    return NULL;
}

static void warn_of_changed(const struct hmz_job *job, struct hmz_run_ranges *runs)
{
    char *list = NULL;
    struct hmz_error ignored;
    if (hmz_run_ranges_take_text(runs, &list, &ignored) != HMZ_OK || runs->count == 0) {
        free(list);
        return;
    }
    hmz_job_note(job->options, HMZ_NOTE_WARNING,
                 runs->count == 1
                     ? "merged run %s has changed since the set was made of it, or was copied"
                     : "merged runs %s have changed since the set was made of them, or were copied",
                 list);
    free(list);
}

/* All merged runs that the set was made of, and no others? Without them all there is nothing to compare. */
static bool check_inputs(const struct hmz_job *job, struct hmz_verification *out)
{
    uint64_t before = out->differences.count;
    const bool holds_data = hmz_mode_facts(out->manifest.config.settings.mode)->holds_data;
    struct hmz_run_ranges changed = {0};
    for (size_t i = 0; i < job->manifest.input_count; i++) {
        const struct hmz_difference_context context = {.run = job->manifest.inputs[i].run};
        if (!find_input(&out->manifest, context.run))
            hmz_differences_add(&out->differences, &context, "merged run %d is not in the set", context.run);
    }
    for (size_t i = 0; i < out->manifest.input_count; i++) {
        const struct hmz_manifest_input *input = &out->manifest.inputs[i];
        const struct hmz_difference_context context = {.run = input->run};
        const struct hmz_manifest_input *now = find_input(&job->manifest, input->run);
        if (!now && !hmz_run_selection_has(&job->config->selection, input->run))
            hmz_differences_add(&out->differences, &context,
                                "merged run %d is in the set, but %s of the configuration leave%s it out",
                                input->run, hmz_run_selection_keys(&job->config->selection),
                                job->config->selection.range_count ? "" : "s");
        else if (!now)
            hmz_differences_add(
                &out->differences, &context,
                !holds_data
                    ? "merged run %d is linked to, but its file is not there: its events cannot be read in "
                      "this "
                      "set"
                    : "merged run %d is in the set, but its file is not there; verify --checksums checks "
                      "the set without it",
                input->run);
        else if (!hmz_file_identity_same(&now->identity, &input->identity) &&
                 !holds_data) /* its bytes are compared with nothing */
            hmz_differences_add(
                &out->differences, &context,
                "merged run %d has changed since the set was linked to it, or was copied: write "
                "the set again with --force",
                input->run);
        else if (!hmz_file_identity_same(&now->identity, &input->identity))
            hmz_run_ranges_add(&changed, input->run, (int64_t)input->run + 1);
    }
    warn_of_changed(job, &changed);
    return out->differences.count == before;
}

static void warn_of_size(const struct hmz_job *job, const struct hmz_settings *made)
{
    const struct hmz_settings *now = &job->config->settings;
    if (now->target_bytes != made->target_bytes || now->harmonic_count != made->harmonic_count ||
        now->processes != made->processes)
        hmz_job_note(
            job->options, HMZ_NOTE_WARNING,
            "the set was made with another size than the configuration has now; it is compared as it "
            "was made");
}

/* ---- what was skipped ---- */

static void tell_skipped(struct hmz_verification *out, const struct hmz_skipped *skipped, const char *what)
{
    const struct hmz_difference_context context = {
        .run = skipped->run, .has_event = skipped->kind == HMZ_SKIPPED_EVENT, .event = skipped->number};
    if (skipped->kind == HMZ_SKIPPED_RUN)
        hmz_differences_add(&out->differences, &context, "merged run %d: %s", skipped->run, what);
    else
        hmz_differences_add(&out->differences, &context, "merged run %d, %s %" PRIu64 ": %s", skipped->run,
                            skipped->kind == HMZ_SKIPPED_EVENT ? "event" : "scaler readout", skipped->number,
                            what);
}

/* The manifest lists exactly what cannot be taken from the merged runs. */
static int check_skipped(const struct hmz_job *job, struct hmz_verification *out, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; i < job->manifest.skipped_count; i++)
        if (!hmz_job_lists(&out->manifest, &job->manifest.skipped[i]))
            tell_skipped(out, &job->manifest.skipped[i], job->manifest.skipped[i].reason);
    for (size_t i = 0; status == HMZ_OK && i < out->manifest.skipped_count; i++) {
        const struct hmz_skipped *skipped = &out->manifest.skipped[i];
        if (hmz_job_lists(&job->manifest, skipped))
            continue;
        /* What the scan does not see the copy may have: the worker that compares that harmonic run is told.
         */
        status = hmz_job_hand_over(job, skipped, err);
        if (status == HMZ_END) {
            tell_skipped(out, skipped, "listed as damaged, but it can be read");
            status = HMZ_OK;
        }
    }
    return status;
}

/* ---- the cut ---- */

static void check_cut(const struct hmz_job *job, struct hmz_verification *out)
{
    size_t runs = 0;
    for (size_t i = 0; i < out->manifest.output_count; i++)
        runs += out->manifest.outputs[i].is_run;
    const struct hmz_difference_context manifest = {.run = -1, .file = HMZ_MANIFEST_NAME};
    if (runs != job->plan->file_count)
        hmz_differences_add(&out->differences, &manifest, "lists %zu harmonic runs, expected %zu", runs,
                            job->plan->file_count);
    for (size_t i = 0; i < job->plan->file_count; i++) {
        const struct hmz_run_name name = hmz_harmonic_name(i);
        const struct hmz_difference_context context = {.run = -1, .file = name.text};
        const struct hmz_manifest_output *output = hmz_manifest_find_output(&out->manifest, name.text);
        if (!output || !output->is_run)
            hmz_differences_add(&out->differences, &context, "is not listed in the manifest");
    }
}

/* ---- the harmonic runs ---- */

struct comparison {
    size_t run; /* the harmonic run */
    char number[24];
};

/* What the manifest says of a harmonic run that was compared. */
static void check_listed(struct hmz_verification *out, const struct hmz_run_name *name,
                         const struct hmz_written *found)
{
    const struct hmz_difference_context context = {.run = -1, .file = name->text};
    const struct hmz_manifest_output *listed = hmz_manifest_find_output(&out->manifest, name->text);
    if (!listed)
        return;
    if (memcmp(&found->hash, &listed->hash, sizeof found->hash) != 0)
        hmz_differences_add(&out->differences, &context, "XXH3-128 is %s, the manifest says %s",
                            hmz_file_hash_text(found->hash).text, hmz_file_hash_text(listed->hash).text);
    bool same_ids = found->event_count == 0 || (hmz_event_id_compare(&found->first, &listed->first) == 0 &&
                                                hmz_event_id_compare(&found->last, &listed->last) == 0);
    if (found->event_count != listed->events || !same_ids)
        hmz_differences_add(&out->differences, &context,
                            "the manifest lists other events than the merged runs give: %" PRIu64
                            " events, expected %" PRIu64,
                            listed->events, found->event_count);
}

static int take_result(struct hmz_job *job, struct hmz_verification *out, size_t i,
                       const struct hmz_error *result, struct hmz_error *err)
{
    struct hmz_written written = {0};
    const struct hmz_run_name name = hmz_harmonic_name(i);
    if (result->status != HMZ_OK)
        return hmz_verify_judge(out, name.text, result, err);
    int status = hmz_differences_load(&out->differences, hmz_state_differences(&job->state, i), err);
    if (status == HMZ_OK)
        status = hmz_written_load(&written, hmz_state_written(&job->state, i), err);
    if (status == HMZ_OK && written.plan_id == job->plan->id)
        check_listed(out, &name, &written);
    hmz_written_release(&written);
    return status;
}

/* One for each harmonic run that is there: those that lack were told of. Returns how many. */
static size_t make_tasks(const struct hmz_job *job, const struct hmz_verification *out, const char *folders,
                         struct hmz_pool_task *tasks, struct comparison *comparisons)
{
    size_t count = 0;
    for (size_t i = 0; i < job->plan->file_count; i++) {
        struct comparison *comparison = &comparisons[count];
        const struct hmz_run_name name = hmz_harmonic_name(i);
        if (!hmz_verify_find(out, name.text))
            continue;
        comparison->run = i;
        snprintf(comparison->number, sizeof comparison->number, "%zu", i);
        tasks[count] =
            (struct hmz_pool_task){.words = {"compare", job->state.harmonic.path,
                                             hmz_state_scratch(&job->state), comparison->number, folders}};
        snprintf(tasks[count++].name, sizeof tasks->name, "%s", name.text);
    }
    return count;
}

static int run_tasks(struct hmz_job *job, struct hmz_verification *out, struct hmz_pool_task *tasks,
                     struct comparison *comparisons, struct hmz_error *err)
{
    char *folders;
    const struct hmz_pool_options options = hmz_job_pool_options(job->options, HMZ_POOL_KEEP_GOING);
    int status = hmz_run_folders_pack(&job->config->merger, &folders, err);
    if (status != HMZ_OK)
        return status;
    size_t count = make_tasks(job, out, folders, tasks, comparisons);
    hmz_job_stage(job->options, "verify", job->plan->event_count, job->plan->payload_bytes);
    status = hmz_pool_run(&options, tasks, count, err);
    for (size_t i = 0; status == HMZ_OK && i < count; i++)
        status = take_result(job, out, comparisons[i].run, &tasks[i].result, err);
    free(folders);
    return status;
}

static int compare_runs(struct hmz_job *job, struct hmz_verification *out, struct hmz_error *err)
{
    size_t count = job->plan->file_count;
    int status = hmz_plan_save(job->plan, hmz_state_plan(&job->state), err);
    struct hmz_pool_task *tasks = calloc(count + 1, sizeof *tasks);
    struct comparison *comparisons = calloc(count + 1, sizeof *comparisons);
    if (status == HMZ_OK)
        status = tasks && comparisons ? run_tasks(job, out, tasks, comparisons, err)
                                      : hmz_fail_nomem(err, "the list of harmonic runs");
    free(tasks);
    free(comparisons);
    return status;
}

/* ---- all of it ---- */

static int compare(struct hmz_job *job, struct hmz_verification *out, struct hmz_error *err)
{
    int status = hmz_job_scan(job, err);
    if (status == HMZ_OK)
        status = hmz_job_make_plan(job, &out->manifest.config.settings, err);
    if (status != HMZ_OK)
        return status;
    out->runs_read = hmz_report_sum(&job->report).runs_read;
    status = check_skipped(job, out, err);
    check_cut(job, out);
    if (status == HMZ_OK)
        status = compare_runs(job, out, err);
    /* The table of events needs the checksums of them all: after a difference there may be none of some. */
    if (status == HMZ_OK && out->differences.count == 0)
        status = hmz_verify_tables(job, out, err);
    return status;
}

int hmz_verify_set(struct hmz_job *job, const char *scratch, struct hmz_verification *out,
                   struct hmz_error *err)
{
    job->dry = true;
    int status = hmz_verify_begin(job->config->harmonic_path, out, err);
    if (status == HMZ_OK)
        status = hmz_job_list_runs(job, err);
    if (status == HMZ_OK)
        status = hmz_state_look(&job->state, job->config->harmonic_path, scratch, err);
    if (status == HMZ_OK && check_inputs(job, out)) {
        warn_of_size(job, &out->manifest.config.settings);
        status = compare(job, out, err);
    }
    return status == HMZ_OK ? hmz_differences_check(&out->differences, err) : status;
}
