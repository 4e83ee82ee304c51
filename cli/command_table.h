/* SPDX-License-Identifier: MIT */
/* What can be asked of the program. This table drives dispatch, the judgement of options, and the help. */
#ifndef HMZ_COMMAND_TABLE_H
#define HMZ_COMMAND_TABLE_H

#include <stddef.h>

#include "commands.h"

/* What a command needs before it begins. */
enum hmz_command_need {
    HMZ_NEEDS_CONFIG_PATH = 1, /* --config, but not its content */
    HMZ_NEEDS_CONFIG = 2,
    HMZ_NEEDS_MERGER_PATH = 4,
    HMZ_NEEDS_WRITABLE = 8, /* harmonic_path */
};

struct hmz_command {
    const char *name;  /* "" for the plain command */
    const char *words; /* after the name */
    int least_words, most_words;
    int needs;
    unsigned takes; /* HMZ_OPTION_BIT of each option */
    int (*run)(const struct hmz_command_input *input, struct hmz_error *err);
    const char *help;  /* one line */
    const char *about; /* whole sentences */
};

extern const struct hmz_command hmz_commands[];
extern const size_t hmz_command_count;

/* NULL for none of this name. */
const struct hmz_command *hmz_command_find(const char *name);

/* Does the command take what was given? HMZ_E_USAGE names the first option or word that it does not, and
 * whose it is. */
HMZ_MUST_CHECK int hmz_command_check(const struct hmz_command *command, const struct hmz_opts *opts,
                                     struct hmz_error *err);

#endif
