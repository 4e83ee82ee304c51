/* SPDX-License-Identifier: MIT */
/* How long a harmonic run will be on disk, known before it is written. Pure arithmetic.
 *
 * HDF5 metadata are most of a small event. Harmonic runs have the same bytes with every libhdf5, so what a
 * group, a dataset or a link takes is a constant. tests/unit/test_footprint.c measures each one with the code
 * that writes harmonic runs. Source of the rules (when a group gets another node, when its heap grows): HDF5
 * File Format Specification 3.0, III.A, III.C, III.D, III.G, IV.A. */
#ifndef HMZ_FOOTPRINT_H
#define HMZ_FOOTPRINT_H

#include <stdint.h>

#include "event.h"

/* How links name a merged run. */
struct hmz_footprint_link {
    const char *file; /* path of the merged run from harmonic_path on */
    enum hmz_layout layout;
};

/* HDF5 metadata that one more event takes, in bytes: of a copy where `link` is NULL, of links otherwise. Its
 * data and its name come on top. */
uint64_t hmz_footprint_event(const struct hmz_event *event, const struct hmz_footprint_link *link);

/* What the names of this many events take in the group `events`: the heap of the texts, and heap and tree. */
uint64_t hmz_footprint_name_heap(uint64_t event_count);
uint64_t hmz_footprint_names(uint64_t event_count);

/* Metadata lie in blocks of this size instead of between the data: 22 % less of them, few writes, and one
 * block at the end of which some room is left. A power of two from 16 KiB to 1 MiB that grows with the number
 * of events, and depends on nothing else, because it shows in the bytes of the file. */
uint64_t hmz_footprint_block_bytes(uint64_t event_count);

/* Length of a harmonic run of `event_count` events with this much data and metadata (of its events and their
 * names). */
uint64_t hmz_footprint_file_bytes(uint64_t event_count, uint64_t payload_bytes, uint64_t metadata_bytes);

/* A prediction is exact for copies of what mergers write, and near it for links and for what libhdf5 copies:
 * the length and this are an upper bound. */
uint64_t hmz_footprint_slack_bytes(uint64_t file_bytes);

#endif
