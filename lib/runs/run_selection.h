/* SPDX-License-Identifier: MIT */
/* Which runs are asked for: ranges, less some. */
#ifndef HMZ_RUN_SELECTION_H
#define HMZ_RUN_SELECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

struct hmz_run_range {
    int32_t first, last; /* 0 <= first <= last */
};

struct hmz_run_selection { /* all zero: all runs that are there; memory owned */
    struct hmz_run_range
        *ranges; /* [range_count], ascending, no two of them touch; none: all that are there */
    size_t range_count;
    int32_t *skip_runs; /* [skip_count], ascending, each once */
    size_t skip_count;
    bool as_list; /* written as `runs`, not as min_run and max_run */
};

void hmz_run_selection_release(struct hmz_run_selection *self);
HMZ_MUST_CHECK int hmz_run_selection_copy(const struct hmz_run_selection *from,
                                          struct hmz_run_selection *to_out, struct hmz_error *err);

/* Each adds to the end, in any order. hmz_run_selection_sort() brings all in order and joins what touches;
 * nothing is added after it. */
HMZ_MUST_CHECK int hmz_run_selection_add_range(struct hmz_run_selection *self, struct hmz_run_range range,
                                               struct hmz_error *err);
HMZ_MUST_CHECK int hmz_run_selection_add_skipped(struct hmz_run_selection *self, int32_t run,
                                                 struct hmz_error *err);
void hmz_run_selection_sort(struct hmz_run_selection *self);

/* Is the run asked for? Is it in a range, skipped or not? */
bool hmz_run_selection_has(const struct hmz_run_selection *self, int32_t run);
bool hmz_run_selection_spans(const struct hmz_run_selection *self, int32_t run);
bool hmz_run_selection_skips(const struct hmz_run_selection *self, int32_t run);

/* The ranges in words: "55 to 69", "55 to 60, 63"; "" for all that are there. The caller frees it. */
HMZ_MUST_CHECK int hmz_run_selection_text(const struct hmz_run_selection *self, char **text_out,
                                          struct hmz_error *err);

/* The keys of the configuration that say it: "min_run, max_run and skip_runs". */
const char *hmz_run_selection_keys(const struct hmz_run_selection *self);

#endif
