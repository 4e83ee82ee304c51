/* SPDX-License-Identifier: MIT */
/* Compares one harmonic run with the merged runs: the file as a whole, then event by event (compare_event.h).
 *
 * libhdf5 can crash or hang on a damaged file: call this in a process of its own. */
#ifndef HMZ_COMPARE_RUN_H
#define HMZ_COMPARE_RUN_H

#include <stddef.h>

#include "differences.h"
#include "hmz_error.h"
#include "plan.h"
#include "state.h"
#include "tick.h"
#include "written.h"

struct hmz_compare_task {
    const struct hmz_state *state; /* where plan and indexes are; harmonic_path is the set's */
    const struct hmz_plan *plan;
    size_t number;        /* of the harmonic run */
    struct hmz_tick tick; /* events and bytes compared */
};

/* Adds what differs to `differences`. *written_out: length and hash of the harmonic run as they are,
 * checksums of the merged runs' bytes; its plan_id is 0 where the run is not there to be compared; released
 * by the caller. HMZ_E_DAMAGED, HMZ_E_CHANGED: a merged run cannot be read. */
HMZ_MUST_CHECK int hmz_compare_run(const struct hmz_compare_task *task, struct hmz_differences *differences,
                                   struct hmz_written *written_out, struct hmz_error *err);

#endif
