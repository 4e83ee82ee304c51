/* SPDX-License-Identifier: MIT */
/* Visits a range of events of the plan, merged run by merged run, with each run opened for its bytes. The
 * writer, the read-back and the comparison of a harmonic run use it. Where the plan wants it, FRIB data that
 * Spyral dies on are set aside here (spyral.h), so each visitor sees the event as it is in the harmonic run.
 */
#ifndef HMZ_EVENT_WALK_H
#define HMZ_EVENT_WALK_H

#include <stdint.h>

#include "event.h"
#include "hmz_error.h"
#include "plan.h"
#include "run_source.h"
#include "state.h"

struct hmz_event_walk {
    const struct hmz_plan *plan;
    const struct hmz_state *state; /* where the indexes are */
    uint64_t first, end;           /* events counted through all runs */
    /* Called for each event in order; ends the walk where it returns no HMZ_OK. */
    int (*visit)(void *data, struct hmz_run_source *source, const struct hmz_event *event,
                 struct hmz_error *err);
    void *data;
};

/* HMZ_E_CHANGED: a merged run is not the one that was scanned, before or after its events were visited. */
HMZ_MUST_CHECK int hmz_event_walk(const struct hmz_event_walk *self, struct hmz_error *err);

#endif
