/* SPDX-License-Identifier: MIT */
/* The checksums that the events of a merged run would have in a harmonic run, taken by reading all their
 * data: does the merged run still hold what a set was made of? */
#ifndef HMZ_EVENT_SUMS_H
#define HMZ_EVENT_SUMS_H

#include <stdint.h>

#include "folder.h"
#include "hmz_error.h"
#include "plan.h"
#include "tick.h"

enum hmz_sum_kind {
    HMZ_SUM_KNOWN = 0,
    HMZ_SUM_UNKNOWN = 1,    /* only a harmonic run that holds the event can tell: it has objects of libhdf5 */
    HMZ_SUM_UNREADABLE = 2, /* the data are damaged */
};

struct hmz_event_sum {
    enum hmz_sum_kind kind;
    uint64_t checksum;
};

struct hmz_event_sums {          /* all zero: none */
    struct hmz_event_sum *items; /* in order of the index; owned */
    uint64_t count;
};

struct hmz_event_sums_request {
    const char *run_path;
    struct hmz_file_at index; /* of the run */
    struct hmz_file_at out;   /* where the checksums go */
    enum hmz_frib frib;       /* of the set: under which name FRIB data are sorted */
    struct hmz_tick tick;     /* events and bytes */
};

/* Reads all events of a run. HMZ_E_FAILED: the run cannot be read now (which is no damage). libhdf5 can crash
 * on a damaged run: call this in a process of its own. */
HMZ_MUST_CHECK int hmz_event_sums_take(const struct hmz_event_sums_request *request, struct hmz_error *err);

/* No such file or a broken one: HMZ_E_DAMAGED. */
HMZ_MUST_CHECK int hmz_event_sums_load(struct hmz_event_sums *self_out, struct hmz_file_at at,
                                       struct hmz_error *err);
void hmz_event_sums_release(struct hmz_event_sums *self);

#endif
