/* SPDX-License-Identifier: MIT */
/* What a comparison found: the first differences in full, the others counted.
 *
 * Adding never fails by itself: a lack of memory sticks and is asked once with hmz_differences_check(). */
#ifndef HMZ_DIFFERENCES_H
#define HMZ_DIFFERENCES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "folder.h"
#include "hmz_error.h"

enum { HMZ_DIFFERENCES_KEPT = 20 };

struct hmz_difference_context {
    int32_t run;    /* merged run, -1: none */
    bool has_event; /* `event` is of that run */
    uint64_t event;
    const char *file; /* of the harmonic set, "run_0003.h5"; NULL: none */
};

struct hmz_difference {
    struct hmz_difference_context context; /* its `file` is owned */
    char *what;                            /* owned */
};

struct hmz_differences { /* all zero: none */
    struct hmz_difference items[HMZ_DIFFERENCES_KEPT];
    size_t kept;
    uint64_t count; /* kept and not kept */
    bool failed;
};

void hmz_differences_add(struct hmz_differences *self, const struct hmz_difference_context *context,
                         const char *format, ...) HMZ_PRINTF(3, 4);
HMZ_MUST_CHECK int hmz_differences_check(const struct hmz_differences *self, struct hmz_error *err);
void hmz_differences_release(struct hmz_differences *self);

/* From a worker to its parent: sealed (sealed_file.h). hmz_differences_load() adds to what `self` has. */
HMZ_MUST_CHECK int hmz_differences_save(const struct hmz_differences *self, struct hmz_file_at at,
                                        struct hmz_error *err);
HMZ_MUST_CHECK int hmz_differences_load(struct hmz_differences *self, struct hmz_file_at at,
                                        struct hmz_error *err);

#endif
