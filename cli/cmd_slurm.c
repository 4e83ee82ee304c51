/* SPDX-License-Identifier: MIT */
/* Submits the three steps to Slurm, by a script that --print shows. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "job.h"
#include "slurm_script.h"
#include "stop.h"
#include "talk.h"

#ifdef __APPLE__
extern char **environ; /* POSIX has it, unistd.h of macOS does not declare it */
#endif

/* A signal is handed on to the script, which takes back what it submitted. */
static int run_script(const char *text, const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    const char *const argv[] = {"sh", "-c", text, NULL};
    pid_t pid;
    int ended;
    int error_number = posix_spawn(&pid, "/bin/sh", NULL, NULL, (char *const *)argv, environ);
    if (error_number)
        return hmz_fail_errno(err, error_number, "/bin/sh: cannot be started");
    while (waitpid(pid, &ended, 0) < 0) {
        if (errno != EINTR)
            return hmz_fail_errno(err, errno, "cannot wait for sbatch");
        if (*stop)
            kill(pid, *stop);
    }
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0)
        return HMZ_OK;
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == HMZ_SLURM_LEFT)
        return hmz_fail(err, HMZ_E_FAILED,
                        "not all was submitted to Slurm, and a job may be left there, see above");
    if (hmz_stop_check(stop, err) == HMZ_OK)
        return hmz_fail(err, HMZ_E_FAILED, "nothing was submitted to Slurm, see above");
    return err->status;
}

static int submit(const struct hmz_slurm_script *script, const volatile sig_atomic_t *stop,
                  struct hmz_error *err)
{
    char *text = NULL;
    size_t length;
    FILE *memory = open_memstream(&text, &length);
    if (!memory)
        return hmz_fail_nomem(err, "a script");
    hmz_slurm_script_print(memory, script);
    int status = fclose(memory) == 0 ? run_script(text, stop, err) : hmz_fail_nomem(err, "a script");
    free(text);
    return status;
}

/* ---- what is asked before ---- */

enum { SHARDS_DEFAULT = 16 };

/* More shards than harmonic runs would do nothing. */
static uint32_t shards_of(const struct hmz_command_input *input)
{
    uint32_t wanted = input->opts->shards ? input->opts->shards : SHARDS_DEFAULT;
    uint64_t count = input->config->settings.harmonic_count;
    return count > 0 && count < wanted ? (uint32_t)count : wanted;
}

static int check_paths(const struct hmz_slurm_script *script, struct hmz_error *err)
{
    const char *const paths[] = {script->program, script->config, script->folder};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        for (const char *at = paths[i]; *at; at++)
            if ((unsigned char)*at < 0x20 || *at == 0x7f)
                return hmz_fail(err, HMZ_E_USAGE,
                                "slurm: a path with a line break or another control character: %s", paths[i]);
    return HMZ_OK;
}

/* The steps read the configuration again, when they begin. */
static int find_config(const char *path, char **real_out, struct hmz_error *err)
{
    struct stat found;
    *real_out = realpath(path, NULL);
    if (*real_out && stat(*real_out, &found) == 0 && S_ISREG(found.st_mode))
        return HMZ_OK;
    return hmz_fail(
        err, HMZ_E_USAGE,
        "slurm: %s is no file that the steps could read again when they begin, later and on other "
        "machines; write the configuration into a file",
        path);
}

/* What would end `prepare` at once is told now, not when the queue gets to it. */
static int foresee(const struct hmz_command_input *input, struct hmz_error *err)
{
    struct hmz_talk talk;
    hmz_talk_begin(&talk, input->opts->quiet);
    const struct hmz_job_options options = hmz_talk_job_options(&talk, input);
    struct hmz_job job = {.config = input->config, .options = &options, .state = HMZ_STATE_CLOSED};
    int status = hmz_job_foresee(&job, err);
    hmz_talk_end(&talk);
    hmz_job_release(&job);
    return status;
}

/* ---- the command ---- */

static int make_script(const struct hmz_command_input *input, const struct hmz_slurm_script *script,
                       struct hmz_error *err)
{
    int status = check_paths(script, err);
    if (status == HMZ_OK)
        status = foresee(input, err);
    if (status != HMZ_OK)
        return status;
    if (!input->opts->print)
        return submit(script, input->stop, err);
    hmz_slurm_script_print(stdout, script);
    return HMZ_OK;
}

int hmz_cmd_slurm(const struct hmz_command_input *input, struct hmz_error *err)
{
    const struct hmz_opts *opts = input->opts;
    char folder[PATH_MAX];
    char *config = NULL;
    if (opts->passed_count < opts->arg_count)
        return hmz_fail(err, HMZ_E_USAGE, "slurm: \"%s\": options for sbatch come after --", opts->args[0]);
    if (!getcwd(folder, sizeof folder))
        return hmz_fail_errno(err, errno, "the current directory");
    char *program = realpath(input->program, NULL);
    int status = program ? find_config(opts->config_path, &config, err)
                         : hmz_fail_errno(err, errno, "the path of %s", input->program);
    const struct hmz_slurm_script script = {
        .program = program,
        .config = config,
        .folder = folder,
        .shards = shards_of(input),
        .jobs = opts->given & HMZ_OPTION_BIT(HMZ_OPTION_JOBS) ? opts->jobs : 0,
        .sbatch = opts->args,
        .sbatch_count = opts->arg_count,
        .force = opts->force,
        .discard_events = opts->discard_events,
        .skip_bad = opts->skip_bad,
    };
    if (status == HMZ_OK)
        status = make_script(input, &script, err);
    free(program);
    free(config);
    return status;
}
