/* SPDX-License-Identifier: MIT */
/* Reads a finished part file back, once, from begin to end: the XXH3-128 of the file, and every event's bytes
 * against its checksum.
 *
 * While the file is written, the offsets of each event's bytes are noted (some 20 bytes an event):
 *
 *     hmz_readback_note(rb, offset, bytes) …; hmz_readback_note_end(rb, checksum)       per event
 *     hmz_readback_run(rb, fd, length, &hash, err)                                     at the end
 */
#ifndef HMZ_READBACK_H
#define HMZ_READBACK_H

#include <stdint.h>

#include "file_hash.h"
#include "hmz_error.h"
#include "tick.h"

struct hmz_readback;

HMZ_MUST_CHECK int hmz_readback_new(struct hmz_readback **readback_out, struct hmz_error *err);
void hmz_readback_free(struct hmz_readback *self);

/* The bytes of the event at hand, in the order in which its checksum takes them. */
void hmz_readback_note(struct hmz_readback *self, uint64_t offset, uint64_t bytes);
void hmz_readback_note_end(struct hmz_readback *self, uint64_t checksum);
/* The event at hand has bytes that only libhdf5 finds: its checksum is checked by the caller. */
void hmz_readback_note_unknown(struct hmz_readback *self);

/* HMZ_E_FAILED where an event does not have its checksum: the message names the number of the event. */
HMZ_MUST_CHECK int hmz_readback_run(struct hmz_readback *self, int fd, uint64_t length,
                                    const struct hmz_tick *tick, struct hmz_file_hash *hash_out,
                                    struct hmz_error *err);

#endif
