/* SPDX-License-Identifier: MIT */
/* The plain command: the three steps one after the other. */
#include <stdio.h>
#include <time.h>

#include "commands.h"
#include "job.h"
#include "summary.h"
#include "talk.h"

static double now_seconds(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int steps(struct hmz_job *job, struct hmz_error *err)
{
    int status = hmz_job_prepare(job, NULL, err);
    if (status != HMZ_OK || job->outcome == HMZ_JOB_ALREADY_COMPLETE)
        return status;
    status = hmz_job_write(job, err);
    return status == HMZ_OK ? hmz_job_finish(job, err) : status;
}

static void print_summary(const struct hmz_job *job, double seconds)
{
    if (job->outcome == HMZ_JOB_ALREADY_COMPLETE) {
        fprintf(stderr, "%s: already complete, nothing to do\n", job->config->harmonic_path);
        return;
    }
    hmz_summary_print(stderr, job);
    hmz_summary_print_end(stderr, job, seconds);
    fprintf(stderr, "complete\n");
}

int hmz_cmd_run(const struct hmz_command_input *input, struct hmz_error *err)
{
    struct hmz_talk talk;
    hmz_talk_begin(&talk, input->opts->quiet);
    const struct hmz_job_options options = hmz_talk_job_options(&talk, input);
    struct hmz_job job = {.config = input->config, .options = &options, .state = HMZ_STATE_CLOSED};
    double began = now_seconds();
    int status = steps(&job, err);
    hmz_talk_end(&talk);
    if (status == HMZ_OK && !input->opts->quiet)
        print_summary(&job, now_seconds() - began);
    if (status == HMZ_OK && job.report.skipped > 0)
        status = HMZ_CLI_SKIPPED;
    hmz_job_release(&job);
    return status;
}
