/* SPDX-License-Identifier: MIT */
/* How long a harmonic run will be on disk, known before it is written.
 *
 * HDF5 metadata are most of a small event. Instead of a formula that follows every version of libhdf5, the
 * tree of each kind of event is made a few times in a file in memory, by the very code that writes harmonic
 * runs, and the growth is measured. */
#ifndef HMZ_FOOTPRINT_H
#define HMZ_FOOTPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "hmz_error.h"

/* HDF5 metadata that one more event of the kind of `pattern` takes, in bytes; its data come on top. What is
 * copied by libhdf5 from the merged run (unknown attributes, objects) counts with a fixed allowance. */
HMZ_MUST_CHECK int hmz_footprint_of(const struct hmz_event *pattern, uint64_t *bytes_out,
                                    struct hmz_error *err);

/* What a harmonic run takes beside its events: the file itself, and room that its metadata blocks leave. */
enum { HMZ_FOOTPRINT_FILE_BYTES = 8 << 10, HMZ_FOOTPRINT_SLACK_BYTES = 1 << 20 };

#endif
