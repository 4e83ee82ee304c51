/* SPDX-License-Identifier: MIT */
/* Interned texts: the same few dataset names come back in every event, and are kept once.
 * Pointers stay valid until hmz_names_release(). */
#ifndef HMZ_NAMES_H
#define HMZ_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

/* A run with more different names than this is not one that any merger wrote. */
enum { HMZ_NAMES_LIMIT = 4096 };

struct hmz_names { /* all zero: empty and ready */
    char **texts;
    size_t count;
};

void hmz_names_release(struct hmz_names *self);

/* The position of `text`, added where it is new. More than HMZ_NAMES_LIMIT of them: HMZ_E_DAMAGED. */
HMZ_MUST_CHECK int hmz_names_index(struct hmz_names *self, const char *text, uint32_t *place_out,
                                   struct hmz_error *err);

/* The kept copy of `text`. */
HMZ_MUST_CHECK int hmz_names_keep(struct hmz_names *self, const char *text, const char **kept_out,
                                  struct hmz_error *err);

#endif
