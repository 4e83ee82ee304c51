/* SPDX-License-Identifier: MIT */
/* The one way by which words reach a terminal. */
#ifndef HMZ_SAY_H
#define HMZ_SAY_H

#include <stdio.h>

#include "hmz_error.h"

/* printf of a line or a part of one: what files, paths and messages hold is made harmless (plain_text.h), a
 * line break at the end of the text stays one. At most 8 KiB; more is cut. */
void hmz_say(FILE *to, const char *format, ...) HMZ_PRINTF(2, 3) __attribute__((nonnull(2)));

#endif
