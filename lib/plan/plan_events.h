/* SPDX-License-Identifier: MIT */
/* What is gathered of the events from the indexes while a plan is made, 10 bytes each. */
#ifndef HMZ_PLAN_EVENTS_H
#define HMZ_PLAN_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "hmz_error.h"
#include "plan.h"
#include "state.h"
#include "stop.h"

/* One scanned run, in order of run number. */
struct hmz_plan_input {
    int32_t run;
    const char *path;
};

/* HDF5 metadata of one event. */
struct hmz_plan_metadata {
    uint32_t copy_bytes; /* in a copy */
    uint32_t link_bytes; /* in a harmonic run of links */
};

/* What many events have in common. */
struct hmz_plan_kind {
    struct hmz_plan_metadata metadata; /* 0 where they carry something over that is not in each the same */
    uint8_t spyral;                    /* enum hmz_spyral */
    bool dropped;                      /* Spyral cannot read it, and 977 is 2 */
};

struct hmz_plan_events {           /* all zero: empty; owns all that it points to */
    uint64_t *sizes;               /* bytes of the event's datasets */
    uint16_t *kinds;               /* indexes in `kind_table` */
    struct hmz_plan_metadata *own; /* of those whose kind does not say it; NULL: there are none */
    struct hmz_plan_kind *kind_table;
    size_t kind_count;
    uint64_t count;
    uint64_t capacity;
    uint64_t total; /* sum of sizes */
};

void hmz_plan_events_release(struct hmz_plan_events *self);

/* Where the events go, and how. */
struct hmz_plan_target {
    const struct hmz_state *state; /* of the indexes, and of harmonic_path, where links begin */
    enum hmz_frib frib;
    const volatile sig_atomic_t *stop; /* stop.h */
};

/* Adds the events of one merged run, and describes it in *run. The index is missing or damaged: HMZ_E_FAILED,
 * HMZ_E_DAMAGED. */
HMZ_MUST_CHECK int hmz_plan_events_add_run(struct hmz_plan_events *self, const struct hmz_plan_input *input,
                                           struct hmz_plan_run *run, const struct hmz_plan_target *target,
                                           struct hmz_error *err);

#endif
