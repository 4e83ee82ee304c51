/* SPDX-License-Identifier: MIT */
/* The help: of all commands, or of one. Made from the tables of commands and options, at most 80 columns
 * wide.
 */
#ifndef HMZ_HELP_H
#define HMZ_HELP_H

#include <stdio.h>

#include "opts.h"

/* Prints what `opts` asks for: `help`, `help COMMAND`, `COMMAND --help`, `--help`. HMZ_E_USAGE: there is no
 * such command. */
HMZ_MUST_CHECK int hmz_help_print(FILE *to, const struct hmz_opts *opts, struct hmz_error *err);

#endif
