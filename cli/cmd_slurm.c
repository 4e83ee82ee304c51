/* SPDX-License-Identifier: MIT */
/* Submits the three steps to Slurm, by a script that --print shows. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands.h"
#include "slurm_script.h"
#include "stop.h"

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

enum { SHARDS_DEFAULT = 16 };

static int check_paths(const struct hmz_slurm_script *script, struct hmz_error *err)
{
    const char *const paths[] = {script->program, script->config, script->folder};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (strchr(paths[i], '\n'))
            return hmz_fail(err, HMZ_E_USAGE, "slurm: a path with a line break in it: %s", paths[i]);
    return HMZ_OK;
}

int hmz_cmd_slurm(const struct hmz_command_input *input, struct hmz_error *err)
{
    const struct hmz_opts *opts = input->opts;
    char folder[PATH_MAX];
    if (opts->passed_count < opts->arg_count)
        return hmz_fail(err, HMZ_E_USAGE, "slurm: \"%s\": options for sbatch come after --", opts->args[0]);
    if (!getcwd(folder, sizeof folder))
        return hmz_fail_errno(err, errno, "the current directory");
    char *program = realpath(input->program, NULL);
    char *config = realpath(opts->config_path, NULL);
    const struct hmz_slurm_script script = {.program = program,
                                            .config = config,
                                            .folder = folder,
                                            .shards = opts->shards ? opts->shards : SHARDS_DEFAULT,
                                            .sbatch = opts->args,
                                            .sbatch_count = opts->arg_count,
                                            .force = opts->force,
                                            .skip_bad = opts->skip_bad};
    int status = program && config ? check_paths(&script, err)
                                   : hmz_fail_errno(err, errno, "the path of %s",
                                                    program ? opts->config_path : input->program);
    if (status == HMZ_OK && opts->print)
        hmz_slurm_script_print(stdout, &script);
    else if (status == HMZ_OK)
        status = submit(&script, input->stop, err);
    free(program);
    free(config);
    return status;
}
