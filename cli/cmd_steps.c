/* SPDX-License-Identifier: MIT */
/* The plain command, and its three steps as commands of their own, for a batch system. */
#include <stdio.h>
#include <time.h>

#include "commands.h"
#include "info.h"
#include "job.h"
#include "say.h"
#include "summary.h"
#include "talk.h"

static double now_seconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* What a command does, and what it says when that went well and there was something to do. */
struct step {
    int (*run)(struct hmz_job *job, struct hmz_error *err);
    void (*tell)(const struct hmz_job *job, double seconds);
    bool is_whole;       /* it took the time of the whole job */
    bool is_last;        /* events that were skipped show in the exit code */
    bool allows_skipped; /* what earlier steps left out was allowed then */
};

/* A set that was complete before tells of itself. */
static int print_json(const struct hmz_command_input *input, const struct hmz_job *job, double seconds,
                      struct hmz_error *err)
{
    struct hmz_info info;
    if (job->outcome != HMZ_JOB_ALREADY_COMPLETE) {
        const struct hmz_summary summary = hmz_summary_of_job(job, seconds);
        return hmz_summary_print_json(stdout, &summary, false, err);
    }
    int status = hmz_info_open(&info, input->config->harmonic_path, &job->complete, input->stop, err);
    if (status == HMZ_OK)
        status = hmz_summary_print_json(stdout, &info.summary, true, err);
    hmz_info_close(&info);
    return status;
}

static void tell(const struct hmz_job *job, const struct step *step, double seconds)
{
    if (job->outcome == HMZ_JOB_ALREADY_COMPLETE)
        hmz_summary_print_already(stderr, job);
    else
        step->tell(job, seconds);
}

static int run_step(const struct hmz_command_input *input, const struct step *step, struct hmz_error *err)
{
    struct hmz_talk talk;
    hmz_talk_begin(&talk, input->opts->quiet);
    struct hmz_job_options options = hmz_talk_job_options(&talk, input);
    options.skip_bad |= step->allows_skipped;
    struct hmz_job job = {.config = input->config, .options = &options, .state = HMZ_STATE_CLOSED};
    double began = now_seconds();
    int status = step->run(&job, err);
    hmz_talk_end(&talk);
    double seconds = step->is_whole ? now_seconds() - began : -1;
    if (status == HMZ_OK && !input->opts->quiet)
        tell(&job, step, seconds);
    if (status == HMZ_OK && input->opts->json)
        status = print_json(input, &job, seconds, err);
    if (status == HMZ_OK && step->is_last && job.report.skipped > 0)
        status = HMZ_CLI_SKIPPED;
    hmz_job_release(&job);
    return status;
}

/* ---- the plain command ---- */

static int run_all(struct hmz_job *job, struct hmz_error *err)
{
    int status = hmz_job_prepare(job, NULL, err);
    if (status != HMZ_OK || job->outcome == HMZ_JOB_ALREADY_COMPLETE)
        return status;
    status = hmz_job_write(job, err);
    if (status == HMZ_OK)
        status = hmz_job_check_at_end(job, err);
    return status == HMZ_OK ? hmz_job_finish(job, err) : status;
}

static void tell_complete(const struct hmz_job *job, double seconds)
{
    const struct hmz_summary summary = hmz_summary_of_job(job, seconds);
    hmz_summary_print(stderr, &summary);
    hmz_summary_print_end(stderr, &summary);
    hmz_say(stderr, "complete\n");
}

int hmz_cmd_run(const struct hmz_command_input *input, struct hmz_error *err)
{
    static const struct step all = {.run = run_all, .tell = tell_complete, .is_whole = true, .is_last = true};
    return run_step(input, &all, err);
}

/* ---- prepare ---- */

static int run_prepare(struct hmz_job *job, struct hmz_error *err)
{
    return hmz_job_prepare(job, NULL, err);
}

static void tell_prepared(const struct hmz_job *job, double seconds)
{
    (void)seconds;
    const struct hmz_summary summary = hmz_summary_of_job(job, -1);
    hmz_summary_print(stderr, &summary);
    hmz_say(stderr, "%s; next: write --shard 1/N to N/N in any order, then finish\n",
            job->begun_before ? "already prepared" : "prepared");
}

int hmz_cmd_prepare(const struct hmz_command_input *input, struct hmz_error *err)
{
    static const struct step prepare = {.run = run_prepare, .tell = tell_prepared};
    return run_step(input, &prepare, err);
}

/* ---- write ---- */

static int run_write(struct hmz_job *job, struct hmz_error *err)
{
    const struct hmz_job_options *options = job->options;
    int status = hmz_job_join_write(job, err);
    if (status == HMZ_OK && job->outcome != HMZ_JOB_ALREADY_COMPLETE)
        status = hmz_job_write(job, err);
    return status < 0 ? hmz_context(err, "shard %u/%u", options->shard, options->shard_count) : status;
}

static void tell_written(const struct hmz_job *job, double seconds)
{
    (void)seconds;
    size_t count = 0;
    for (size_t i = 0; i < job->plan->file_count; i++)
        count += hmz_job_shard_of(job, i, job->options->shard_count) == job->options->shard;
    hmz_say(stderr, "shard %u/%u: %zu harmonic run%s of %zu written\n", job->options->shard,
            job->options->shard_count, count, count == 1 ? "" : "s", job->plan->file_count);
}

int hmz_cmd_write(const struct hmz_command_input *input, struct hmz_error *err)
{
    static const struct step write = {.run = run_write, .tell = tell_written};
    if (input->opts->shard_count == 0)
        return hmz_fail(err, HMZ_E_USAGE, "write needs --shard I/N, I from 1 to N");
    return run_step(input, &write, err);
}

/* ---- finish ---- */

static int run_finish(struct hmz_job *job, struct hmz_error *err)
{
    int status = hmz_job_join_finish(job, err);
    return status == HMZ_OK && job->outcome != HMZ_JOB_ALREADY_COMPLETE ? hmz_job_finish(job, err) : status;
}

int hmz_cmd_finish(const struct hmz_command_input *input, struct hmz_error *err)
{
    static const struct step finish = {
        .run = run_finish, .tell = tell_complete, .is_last = true, .allows_skipped = true};
    return run_step(input, &finish, err);
}
