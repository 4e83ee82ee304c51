/* SPDX-License-Identifier: MIT */
/* One event and one scaler readout of a merged run, as the scan sees them: what is there, not the data.
 *
 * An event is described in the words of the harmonic file: a piece is one dataset (or, rarely, one object
 * of another kind) with its path inside `event_N` of the harmonic file. hmz_event_source_path()
 * knows the merger versions: it gives the path of the piece in the merged run. */
#ifndef HMZ_EVENT_H
#define HMZ_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "element.h"
#include "hmz_error.h"

/* Columns of every GET matrix: cobo, asad, aget, channel, pad, then 512 time buckets. */
enum { HMZ_TRACE_COLUMNS = 517 };

/* Shape of the tree that a merged run has. Written to index files: never change a number. */
enum hmz_layout {
    HMZ_LAYOUT_FLAT = 1,    /* merger 0.1.0 */
    HMZ_LAYOUT_GROUPED = 2, /* 0.2.0 and later */
};

/* Written to index files. */
enum hmz_event_flag {
    HMZ_EVENT_HAS_GET = 1 << 0,
    HMZ_EVENT_HAS_FRIB = 1 << 1,
    HMZ_EVENT_GET_GROUP = 1 << 2,       /* GET data in a group `get` (merger 2.0) */
    HMZ_EVENT_OTHER_ATTRS = 1 << 3,     /* the event itself has attributes that are to be carried over */
    HMZ_EVENT_GET_OTHER_ATTRS = 1 << 4, /* so has what holds the GET id */
    HMZ_EVENT_FRIB_OTHER_ATTRS = 1 << 5,
    HMZ_EVENT_HAS_COINCIDENCE = 1 << 6, /* `coincidence` holds value 0 of 977 */
    /* Never in an index: its FRIB data go under HMZ_EVENT_SET_ASIDE_NAME, and its pieces say so. */
    HMZ_EVENT_SET_ASIDE = 1 << 7,
};

/* The group of an event's FRIB data, in merged runs and in harmonic runs; and in harmonic runs that of FRIB
 * data that Spyral would die on (spyral.h). */
#define HMZ_EVENT_FRIB_NAME      "frib_physics"
#define HMZ_EVENT_SET_ASIDE_NAME "frib_physics_set_aside"

enum { HMZ_RANK_LIMIT = 32 }; /* dimensions of a dataset, as HDF5 has it */

/* Written to index files: never change a number. */
enum hmz_storage {
    HMZ_STORAGE_NONE = 0,   /* no elements, no bytes */
    HMZ_STORAGE_RAW = 1,    /* `bytes` at `offset` of the file, as they are */
    HMZ_STORAGE_READ = 2,   /* chunked, filtered, compact, or never written: through H5Dread */
    HMZ_STORAGE_OBJECT = 3, /* elements that are no numbers, or a group: through H5Ocopy */
};

struct hmz_piece {
    const char *path; /* within the harmonic event: "get_traces", "frib_physics/977"; borrowed */
    enum hmz_storage storage;
    enum hmz_element element; /* as it will be in the harmonic file */
    bool other_attrs;         /* the dataset has attributes that are to be carried over */
    uint64_t carried_bytes;   /* that these take in its header; or HDF5 metadata of an object copied whole */
    int rank;
    uint64_t dims[HMZ_RANK_LIMIT];
    uint64_t bytes;
    uint64_t offset; /* HMZ_STORAGE_RAW: from the begin of the merged run */
};

struct hmz_event {
    uint64_t number; /* of `event_N` in the merged run */
    uint32_t flags;  /* enum hmz_event_flag */
    uint32_t frib_id;
    uint32_t frib_timestamp;
    uint32_t get_id;
    uint64_t get_timestamp;
    uint64_t get_timestamp_other;
    uint16_t coincidence; /* 977: 0 none, 1 mesh, 2 ion chamber, 3 both */
    uint64_t traces;      /* rows of the pad matrix */
    uint64_t bytes;       /* of all pieces: the size of the event */
    /* What attributes of others take in an HDF5 header: on the event, and on the groups of its parts. */
    uint64_t attrs_bytes, frib_attrs_bytes, get_attrs_bytes;
    struct hmz_piece *pieces; /* in byte order of their paths; owned */
    size_t piece_count;
};

/* "(311, 517)" */
struct hmz_shape_text {
    char text[96];
};
struct hmz_shape_text hmz_shape_text(const uint64_t *dims, int rank);

void hmz_event_release(struct hmz_event *self); /* leaves it empty and ready */
void hmz_event_clear(struct hmz_event *self);   /* no pieces, all zero, memory kept */

/* Adds a piece, all zero but for its path. *piece_out is valid until the next call. */
HMZ_MUST_CHECK int hmz_event_add_piece(struct hmz_event *self, const char *path, struct hmz_piece **piece_out,
                                       struct hmz_error *err);

/* Puts the pieces in order and sums `bytes`. Two pieces of one path, or sizes beyond 2^64: HMZ_E_DAMAGED. */
HMZ_MUST_CHECK int hmz_event_finish(struct hmz_event *self, struct hmz_error *err);

/* The piece at `path`, or NULL. */
const struct hmz_piece *hmz_event_find_piece(const struct hmz_event *self, const char *path);

/* What the group of its FRIB data is called in the harmonic run. */
const char *hmz_event_frib_name(const struct hmz_event *event);

/* Has the event, its FRIB data or the group of its GET data attributes that are to be carried over? */
bool hmz_event_has_other_attrs(const struct hmz_event *event);

/* Has it, or has a piece of it, something that libhdf5 carries over? */
bool hmz_event_carries(const struct hmz_event *event);

/* Is the piece, or are attributes of it, carried over by libhdf5? */
bool hmz_piece_is_carried(const struct hmz_piece *piece);

/* Is there anything in it that only libhdf5 can take from the merged run? */
bool hmz_event_needs_library(const struct hmz_event *event);

enum { HMZ_SOURCE_PATH_BYTES = 512 };
struct hmz_source_path {
    char text[HMZ_SOURCE_PATH_BYTES];
};

/* Where a path of the harmonic event lies in a merged run: ("events/event_12/get/pads" for "get_traces" of a
 * 2.0 run). `path` may also be "" (the event), "get" (what holds the GET id) or hmz_event_frib_name() (what
 * holds the FRIB id). */
struct hmz_source_path hmz_event_source_path(enum hmz_layout layout, const struct hmz_event *event,
                                             const char *path);

enum { HMZ_SCALER_VALUES_LAST = 1023 }; /* the largest number of values in a readout that is believed */

struct hmz_scaler {
    uint64_t number;
    uint32_t start_offset; /* seconds of the FRIB data stream */
    uint32_t stop_offset;
    uint32_t timestamp;
    uint32_t incremental;
    uint32_t value_count;
    uint32_t values[HMZ_SCALER_VALUES_LAST + 1];
};

#endif
