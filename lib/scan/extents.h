/* SPDX-License-Identifier: MIT */
/* Where the data of a merged run's events lie, to find events that claim the same bytes: a damaged address or
 * shape looks right for itself, and only the neighbours tell. 24 bytes a dataset, while the run is scanned.
 */
#ifndef HMZ_EXTENTS_H
#define HMZ_EXTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "hmz_error.h"

struct hmz_extent {
    uint64_t begin, end; /* bytes of the merged run */
    uint64_t event;      /* its number */
};

struct hmz_extents { /* all zero: empty */
    struct hmz_extent *items;
    size_t count;
};

void hmz_extents_release(struct hmz_extents *self);

/* The pieces of the event that are stored raw. */
HMZ_MUST_CHECK int hmz_extents_add(struct hmz_extents *self, const struct hmz_event *event,
                                   struct hmz_error *err);

/* Calls `tell` for each two neighbours of different events that share some bytes but not all: one dataset
 * under two names is no damage. Sorts the items. */
typedef int hmz_extents_tell(void *data, const struct hmz_extent *a, const struct hmz_extent *b,
                             struct hmz_error *err);
HMZ_MUST_CHECK int hmz_extents_each_overlap(struct hmz_extents *self, hmz_extents_tell *tell, void *data,
                                            struct hmz_error *err);

#endif
