/* SPDX-License-Identifier: MIT */
/* What the user is told of a job at its end, and `plan` before it: plain numbers, no words. */
#ifndef HMZ_REPORT_H
#define HMZ_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "index.h"

struct hmz_report {             /* all zero: empty */
    struct hmz_index_run *runs; /* by run; owned */
    size_t run_count;
    uint64_t file_bytes; /* of the merged runs */
    uint64_t events;
    uint64_t payload_bytes;
    uint64_t events_without_get_inside; /* before the last GET event of their run */
    uint64_t events_after_last_get;
    uint64_t scalers;
    uint64_t skipped;
};

void hmz_report_release(struct hmz_report *self);

/* Adds one merged run. */
HMZ_MUST_CHECK int hmz_report_add(struct hmz_report *self, const struct hmz_index_run *run,
                                  struct hmz_error *err);

#endif
