/* SPDX-License-Identifier: MIT */
/* The checksum of an event through libhdf5: XXH3-64, seed 0, over the bytes of its datasets as they are in
 * the file, in byte order of their paths within the event, `get/pads` (a second name of get_traces) left out.
 * A dataset under two names counts once, under the first of them. Datasets whose bytes are addresses into the
 * file (variable length) are left out too.
 *
 * The writer and the read-back take the same checksum from the stream of bytes. This function is for events
 * with objects that only libhdf5 can copy, and for comparisons. Source: docs/formats.md; xxhash.com. */
#ifndef HMZ_EVENT_CHECKSUM_H
#define HMZ_EVENT_CHECKSUM_H

#include <hdf5.h>
#include <stdint.h>

#include "hmz_error.h"

/* `event`: the open group event_N of a harmonic run. */
HMZ_MUST_CHECK int hmz_event_checksum(hid_t event, uint64_t *checksum_out, struct hmz_error *err);

#endif
