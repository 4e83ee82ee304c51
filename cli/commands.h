/* SPDX-License-Identifier: MIT */
/* The commands, one function each in a file of its own; the table is in main.c. Each returns a status; what
 * went wrong is in `err` and is printed once, by main. */
#ifndef HMZ_COMMANDS_H
#define HMZ_COMMANDS_H

#include <signal.h>

#include "config.h"
#include "hmz_error.h"
#include "opts.h"

/* Statuses of commands beyond enum hmz_status. Their numbers are no exit codes: main.c has those. */
enum {
    HMZ_CLI_SKIPPED = 100,   /* complete, but events were skipped */
    HMZ_CLI_DIFFERENT = 101, /* verify found differences, and printed them */
};

struct hmz_command_input {
    const struct hmz_opts *opts;
    const struct hmz_config *config; /* NULL for commands that need none */
    const char *program;             /* path of this very program */
    const volatile sig_atomic_t *stop;
};

int hmz_cmd_run(const struct hmz_command_input *input, struct hmz_error *err);
int hmz_cmd_plan(const struct hmz_command_input *input, struct hmz_error *err);
int hmz_cmd_verify(const struct hmz_command_input *input, struct hmz_error *err);
int hmz_cmd_find(const struct hmz_command_input *input, struct hmz_error *err);
int hmz_cmd_info(const struct hmz_command_input *input, struct hmz_error *err);
int hmz_cmd_new(const struct hmz_command_input *input, struct hmz_error *err);
int hmz_cmd_prepare(const struct hmz_command_input *input, struct hmz_error *err);
int hmz_cmd_write(const struct hmz_command_input *input, struct hmz_error *err);
int hmz_cmd_finish(const struct hmz_command_input *input, struct hmz_error *err);
int hmz_cmd_slurm(const struct hmz_command_input *input, struct hmz_error *err);
int hmz_cmd_worker(const struct hmz_command_input *input, struct hmz_error *err);

#endif
