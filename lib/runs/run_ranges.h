/* SPDX-License-Identifier: MIT */
/* A list of runs as people write it: "57, 60 to 62". Runs are added in ascending order.
 *
 *     struct hmz_run_ranges ranges = {0};
 *     hmz_run_ranges_add(&ranges, first, end), …
 *     hmz_run_ranges_take_text(&ranges, &text, err)      or hmz_run_ranges_release() */
#ifndef HMZ_RUN_RANGES_H
#define HMZ_RUN_RANGES_H

#include <stdint.h>

#include "buffer.h"
#include "hmz_error.h"

struct hmz_run_ranges { /* all zero: empty */
    struct hmz_buffer text;
    uint64_t count;        /* of runs */
    uint64_t hidden_count; /* of `count`, not in the text */
    int shown;
    int64_t first, end; /* of a range that may still grow; none where both are the same */
};

/* The runs `first` to before `end`; none where first >= end. */
void hmz_run_ranges_add(struct hmz_run_ranges *self, int64_t first, int64_t end);

/* The text, the caller's to free: "" for none; a long one ends in "and 1,204 more". `count` is right from
 * here on; nothing more can be added. HMZ_E_NOMEM. */
HMZ_MUST_CHECK int hmz_run_ranges_take_text(struct hmz_run_ranges *self, char **text_out,
                                            struct hmz_error *err);

void hmz_run_ranges_release(struct hmz_run_ranges *self);

#endif
