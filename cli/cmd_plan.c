/* SPDX-License-Identifier: MIT */
/* The dry run: everything that the real run does before its first byte, in a scratch folder. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "bytes.h"
#include "commands.h"
#include "job.h"
#include "json_text.h"
#include "say.h"
#include "scratch.h"
#include "summary.h"
#include "talk.h"

/* What this set needs, and what another mode would. */
static void print_disk(const struct hmz_job *job)
{
    hmz_say(stdout, "disk             needs %s, %s%s\n", hmz_bytes_text(job->space.need_bytes).text,
            job->space.free_known ? hmz_bytes_text(job->space.free_bytes).text : "what is free is not known",
            job->space.free_known ? " free" : "");
    for (int mode = 0; job->plan->linkable && mode < HMZ_MODE_COUNT; mode++)
        if (mode != (int)job->plan->settings.mode)
            hmz_say(stdout, "                 mode: %s would need %s\n",
                    hmz_mode_facts((enum hmz_mode)mode)->name,
                    hmz_bytes_text(job->space.mode_need_bytes[mode]).text);
    if (!job->plan->linkable)
        hmz_say(stdout,
                "                 mode: link is not possible: runs of merger 0.1.0 can only be copied\n");
}

static void print_text(const struct hmz_job *job)
{
    const struct hmz_plan *plan = job->plan;
    const struct hmz_summary summary = hmz_summary_of_job(job, -1);
    hmz_summary_print_runs(stdout, &summary);
    hmz_summary_print(stdout, &summary);
    for (size_t i = 0; i < plan->file_count; i++) {
        const struct hmz_plan_file *file = &plan->files[i];
        hmz_say(stdout,
                "%-14s %12s events  %9s  merged run %d event %" PRIu64 " to merged run %d event %" PRIu64
                "\n",
                hmz_harmonic_name(i).text, hmz_count_text(job->report.files[i].events).text,
                hmz_bytes_text(file->file_bytes).text, file->first_id.run, file->first_id.event,
                file->last_id.run, file->last_id.event);
    }
    print_disk(job);
    hmz_summary_print_end(stdout, &summary);
    if (job->outcome == HMZ_JOB_ALREADY_COMPLETE)
        hmz_summary_print_already(stdout, job);
}

static json_t *id_json(const struct hmz_event_id *id)
{
    return json_pack("{s:i, s:I}", "run", id->run, "event", (json_int_t)id->event);
}

static json_t *file_json(const struct hmz_job *job, size_t number)
{
    const struct hmz_plan_file *file = &job->plan->files[number];
    const struct hmz_report_file *told = &job->report.files[number];
    return json_pack("{s:s, s:I, s:I, s:I, s:o, s:o}", "file", hmz_harmonic_name(number).text, "events",
                     (json_int_t)told->events, "payload_bytes", (json_int_t)told->payload_bytes, "file_bytes",
                     (json_int_t)file->file_bytes, "first", id_json(&file->first_id), "last",
                     id_json(&file->last_id));
}

static int print_json(const struct hmz_job *job, struct hmz_error *err)
{
    json_t *files = json_array();
    for (size_t i = 0; i < job->plan->file_count; i++)
        files = hmz_json_append(files, file_json(job, i));
    json_t *root = json_pack(
        "{s:o, s:I, s:o}", "files", files, "need_bytes", (json_int_t)job->space.need_bytes, "free_bytes",
        job->space.free_known ? json_integer((json_int_t)job->space.free_bytes) : json_null());
    int result = root ? json_dumpf(root, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : -1;
    json_decref(root);
    printf("\n");
    return result == 0 ? HMZ_OK : hmz_fail(err, HMZ_E_FAILED, "cannot print the plan as JSON");
}

/* The job looks at this before all else. Here it is told at the end, so that the plan can be seen. */
static int judge_folder(const struct hmz_config *config, int status, struct hmz_error *err)
{
    struct hmz_error unwritable;
    int judged =
        hmz_config_check_folders(config, HMZ_CONFIG_READS_MERGER | HMZ_CONFIG_WRITES_HARMONIC, &unwritable);
    if (judged == HMZ_OK || status == HMZ_E_INTERRUPTED)
        return status;
    *err = unwritable;
    return judged;
}

int hmz_cmd_plan(const struct hmz_command_input *input, struct hmz_error *err)
{
    struct hmz_talk talk;
    char *scratch = NULL;
    int status = hmz_scratch_make(&scratch, err);
    if (status != HMZ_OK)
        return status;
    hmz_talk_begin(&talk, input->opts->quiet);
    const struct hmz_job_options options = hmz_talk_job_options(&talk, input);
    struct hmz_job job = {.config = input->config, .options = &options, .state = HMZ_STATE_CLOSED};
    status = hmz_job_prepare(&job, scratch, err);
    hmz_talk_end(&talk);
    int printed = HMZ_OK;
    struct hmz_error print_err;
    if (job.plan && input->opts->json)
        printed = print_json(&job, &print_err);
    else if (job.plan)
        print_text(&job);
    if (status == HMZ_OK && printed != HMZ_OK) {
        *err = print_err;
        status = printed;
    }
    if (status == HMZ_OK && job.report.skipped > 0)
        status = HMZ_CLI_SKIPPED;
    status = judge_folder(input->config, status, err);
    hmz_scratch_remove(&job.state, scratch);
    hmz_job_release(&job);
    return status;
}
