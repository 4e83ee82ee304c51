/* SPDX-License-Identifier: MIT */
/* Finds where an original event went, from the harmonic set alone: the manifest says which harmonic run, a
 * binary search over orig_run and orig_event says which event of it. */
#ifndef HMZ_FIND_EVENT_H
#define HMZ_FIND_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "manifest.h"

/* The index in manifest->outputs of the only harmonic run that may hold the event; output_count where there
 * is none. */
size_t hmz_find_output(const struct hmz_manifest *manifest, const struct hmz_event_id *wanted);

/* *event_out: the event's number in the harmonic run at `path`, which has `event_count` events. HMZ_END: it
 * is not there. Messages begin inside the file. libhdf5 can crash or hang on a damaged file: call this in a
 * process of its own. */
HMZ_MUST_CHECK int hmz_find_event(const char *path, uint64_t event_count, const struct hmz_event_id *wanted,
                                  uint64_t *event_out, struct hmz_error *err);

#endif
