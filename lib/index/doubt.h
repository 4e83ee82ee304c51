/* SPDX-License-Identifier: MIT */
/* Nothing is left out on the word of one scan: memory may have been short, or the disk not there for a
 * moment. A second scan of the same run, in another process, must find it, too. */
#ifndef HMZ_DOUBT_H
#define HMZ_DOUBT_H

#include <stdbool.h>
#include <stdint.h>

#include "hmz_error.h"

/* Does the index at `path` tell of damage that only one scan has found? */
HMZ_MUST_CHECK int hmz_doubt_any(const char *path, bool *doubted_out, struct hmz_error *err);

/* The second index takes the place of the first, if it has found nothing that the first has not. Otherwise
 * the first is forgotten, and it is HMZ_E_FAILED (the message names run and place), or HMZ_E_CHANGED where
 * the two are not of the same file. */
HMZ_MUST_CHECK int hmz_doubt_settle(int32_t run, const char *first_path, const char *second_path,
                                    struct hmz_error *err);

#endif
