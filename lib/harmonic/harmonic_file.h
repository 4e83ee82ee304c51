/* SPDX-License-Identifier: MIT */
/* Writes one harmonic run: the tree by libhdf5, the bytes beside it, then fsync, read-back, rename.
 *
 * Everything that is needed is on disk: the plan and the indexes in the state folder, the merged runs at the
 * paths that the plan names. One call is one task of a worker process. */
#ifndef HMZ_HARMONIC_FILE_H
#define HMZ_HARMONIC_FILE_H

#include <stddef.h>

#include "hmz_error.h"
#include "plan.h"
#include "state.h"
#include "tick.h"
#include "unreadable.h"

struct hmz_harmonic_task {
    const struct hmz_state *state; /* borrowed; needs no lock of its own */
    const struct hmz_plan *plan;
    size_t number;        /* of the harmonic run */
    struct hmz_tick tick; /* events and bytes moved */
    bool skip_bad;        /* events that cannot be read are noted and left out (unreadable.h) */
};

/* HMZ_E_CHANGED: a merged run is not the one that was scanned. HMZ_E_DAMAGED: content that cannot be read.
 * HMZ_E_SPACE: disk or quota full. After any failure there is no part file and nothing under the final name
 * that was not there before. Messages name the merged run or the harmonic run, and the event. */
HMZ_MUST_CHECK int hmz_harmonic_run_write(const struct hmz_harmonic_task *task, struct hmz_error *err);

/* One try, without the events of `known`. HMZ_END: more cannot be read (with skip_bad only); these are in
 * `found_out` then, which is empty before and the caller's to release. */
HMZ_MUST_CHECK int hmz_harmonic_file_write(const struct hmz_harmonic_task *task,
                                           const struct hmz_unreadable *known,
                                           struct hmz_unreadable *found_out, struct hmz_error *err);

#endif
