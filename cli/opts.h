/* SPDX-License-Identifier: MIT */
/* The command line, parsed by tables: options here, commands in main.c. */
#ifndef HMZ_OPTS_H
#define HMZ_OPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "hmz_error.h"

enum { HMZ_OPTS_ARGS_LAST = 64 };

struct hmz_opts {
    const char *config_path;
    const char *command;                      /* "" for the plain command */
    const char *args[HMZ_OPTS_ARGS_LAST + 1]; /* what follows the command */
    int arg_count;
    int passed_count; /* those of them after -- */
    uint32_t jobs;
    uint32_t stall_seconds;
    uint32_t shards;             /* slurm: how many; 0: not given */
    uint32_t shard, shard_count; /* --shard I/N; 0 of 0: not given */
    bool json, quiet, force, skip_bad, checksums, print;
    bool help, version;
};

/* HMZ_E_USAGE: an unknown option, a missing or bad value. */
HMZ_MUST_CHECK int hmz_opts_parse(int argc, char **argv, struct hmz_opts *out, struct hmz_error *err);

#endif
