/* SPDX-License-Identifier: MIT */
/* Reads the bytes of an event from its merged run, hands them to a sink with their offsets in the harmonic
 * run, and takes the event's checksum from the same buffer: what is read is what is summed is what is written
 * (or, by lib/compare, compared). */
#ifndef HMZ_EVENT_DATA_H
#define HMZ_EVENT_DATA_H

#include <stdint.h>

#include "event.h"
#include "hmz_error.h"
#include "run_source.h"

struct hmz_mover;

HMZ_MUST_CHECK int hmz_mover_new(struct hmz_mover **mover_out, struct hmz_error *err);
void hmz_mover_free(struct hmz_mover *self);

struct hmz_move_sink {
    /* `bytes` belong at `offset` of the harmonic run. NULL: they are read and summed, and go nowhere. */
    int (*take)(void *data, const uint8_t *bytes, size_t length, uint64_t offset, struct hmz_error *err);
    void *data;
};

struct hmz_move {
    struct hmz_run_source *source; /* opened by libhdf5 already where hmz_event_needs_library() */
    const struct hmz_event *event;
    const uint64_t *offsets; /* of each piece, from hmz_tree_add_event() */
    struct hmz_move_sink sink;
};

/* *checksum_out: XXH3-64, seed 0, over the bytes of all pieces in byte order of their paths, objects left
 * out (see event_checksum.h). HMZ_E_DAMAGED with reach event: the merged run cannot be read here, the
 * harmonic run at hand is to be discarded. What the sink returns ends the move. */
HMZ_MUST_CHECK int hmz_mover_move(struct hmz_mover *self, const struct hmz_move *move, uint64_t *checksum_out,
                                  struct hmz_error *err);

#endif
