/* SPDX-License-Identifier: MIT */
/* How long a harmonic run will be on disk, known before it is written.
 *
 * HDF5 metadata are most of a small event. Instead of a formula that follows every version of libhdf5, the
 * tree of each kind of event is made a few times in a file in memory, by the very code that writes harmonic
 * runs, and the growth is measured. The names of the events are apart: they lie in one heap and in a tree
 * whose nodes split, so what an event adds there says nothing of the next one. */
#ifndef HMZ_FOOTPRINT_H
#define HMZ_FOOTPRINT_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "hmz_error.h"
#include "tick.h"

/* In a run of links the length also depends on the texts of the links. */
struct hmz_footprint_link {
    const char *file;      /* the merged run as it is linked to */
    uint64_t event_number; /* in the merged run: only its digits count */
};

struct hmz_footprints { /* all zero: empty and ready; remembers the kinds it has measured */
    struct hmz_footprint *known;
    size_t count;
};

/* HDF5 metadata that one more event of the kind of `pattern` takes, in bytes; its data and its name come on
 * top. What is copied by libhdf5 from the merged run (unknown attributes, objects) counts with a fixed
 * allowance. `link`: of links instead of data; NULL: of a copy. */
HMZ_MUST_CHECK int hmz_footprints_get(struct hmz_footprints *self, const struct hmz_event *pattern,
                                      const struct hmz_footprint_link *link, uint64_t *bytes_out,
                                      struct hmz_error *err);
void hmz_footprints_release(struct hmz_footprints *self);

/* bytes_out[i]: what the names of the events take in a harmonic run of event_counts[i] events. `event_counts`
 * ascend (some may be equal). About 2 us an event of the largest, at most 0.4 s; `tick` is called for each.
 */
HMZ_MUST_CHECK int hmz_footprint_names(const uint64_t *event_counts, size_t count,
                                       const struct hmz_tick *tick, uint64_t *bytes_out,
                                       struct hmz_error *err);

/* Metadata lie in blocks of this size instead of between the data: 22 % less of them, few writes, and one
 * block at the end of which some room is left. A power of two from 16 KiB to 1 MiB that grows with the number
 * of events, and depends on nothing else, because it shows in the bytes of the file. */
uint64_t hmz_footprint_block_bytes(uint64_t event_count);

/* Length of a harmonic run of `event_count` events with this much data and metadata (of its events and their
 * names). */
uint64_t hmz_footprint_file_bytes(uint64_t event_count, uint64_t payload_bytes, uint64_t metadata_bytes);

/* What a prediction can be too low by, for upper bounds. */
uint64_t hmz_footprint_slack_bytes(uint64_t file_bytes);

#endif
