/* SPDX-License-Identifier: MIT */
/* The command line, parsed by one table of options, from which the help comes, too. Which command takes which
 * of them is in the table of commands (command_table.h). */
#ifndef HMZ_OPTS_H
#define HMZ_OPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "hmz_error.h"

enum { HMZ_OPTS_ARGS_LAST = 64 };

/* In the order of the help. */
enum hmz_option_id {
    HMZ_OPTION_CONFIG,
    HMZ_OPTION_JOBS,
    HMZ_OPTION_SHARD,
    HMZ_OPTION_SHARDS,
    HMZ_OPTION_PRINT,
    HMZ_OPTION_CHECKSUMS,
    HMZ_OPTION_HARMONIC,
    HMZ_OPTION_JSON,
    HMZ_OPTION_QUIET,
    HMZ_OPTION_FORCE,
    HMZ_OPTION_DISCARD_EVENTS,
    HMZ_OPTION_SKIP_BAD,
    HMZ_OPTION_HELP,
    HMZ_OPTION_VERSION,
    HMZ_OPTION_STALL_SECONDS,
    HMZ_OPTIONS_END,
};

#define HMZ_OPTION_BIT(id) (1u << (id))

struct hmz_option {
    const char *name;     /* without the dashes */
    const char *argument; /* what its value is called in the help; NULL: it takes none */
    const char *help;     /* NULL: hidden */
    char letter;          /* 0: none */
};

struct hmz_opts {
    const char *config_path;
    const char *command;                      /* "" for the plain command */
    const char *args[HMZ_OPTS_ARGS_LAST + 1]; /* what follows the command */
    int arg_count;
    int passed_count; /* those of them after -- */
    unsigned given;   /* HMZ_OPTION_BIT of each option that is there */
    uint32_t jobs;
    uint32_t stall_seconds;
    uint32_t shards;             /* slurm: how many; 0: not given */
    uint32_t shard, shard_count; /* --shard I/N; 0 of 0: not given */
    bool json, quiet, force, discard_events, skip_bad, checksums, harmonic, print;
    bool help, version;
};

const struct hmz_option *hmz_option(enum hmz_option_id id);

/* Options and words may stand in any order; what follows -- are words. The value of an option is the next
 * word, or stands behind it: --jobs 4, --jobs=4, -j 4, -j4. Names are written in full: a part of one may mean
 * another option tomorrow.
 *
 * HMZ_E_USAGE: an unknown option, a missing, bad or needless value. `out` holds what was read before it. */
HMZ_MUST_CHECK int hmz_opts_parse(int argc, char **argv, struct hmz_opts *out, struct hmz_error *err);

#endif
