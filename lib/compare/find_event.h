/* SPDX-License-Identifier: MIT */
/* Finds an original event in a harmonic run: a binary search over orig_run and orig_event. */
#ifndef HMZ_FIND_EVENT_H
#define HMZ_FIND_EVENT_H

#include <stdint.h>

#include "hmz_error.h"
#include "plan.h"

/* *event_out: the event's number in the harmonic run that `fd` reads, which has `event_count` events.
 * HMZ_END: it is not there. Messages begin inside the file. libhdf5 can crash or hang on a damaged file: call
 * this in a process of its own. */
HMZ_MUST_CHECK int hmz_find_event(int fd, uint64_t event_count, const struct hmz_event_id *wanted,
                                  uint64_t *event_out, struct hmz_error *err);

#endif
