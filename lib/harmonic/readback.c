/* SPDX-License-Identifier: MIT */
#include "readback.h"

#include <inttypes.h>
#include <stdlib.h>

#include "buffer.h"
#include "hash.h"
#include "posix_io.h"

/* One cache-sized window slides over the file; both sums take the bytes from it while they are warm. */
enum { WINDOW_BYTES = 512 << 10 };

struct hmz_readback {
    struct hmz_buffer notes; /* pieces and ends of events */
    uint64_t last_end;       /* of the piece that was noted last, or read last */
    bool unknown;            /* of the event at hand */
    uint64_t event_count;
    /* while reading */
    int fd;
    uint8_t *window;
    uint64_t window_offset, window_length;
    uint64_t position; /* up to here the sum of the file has gone */
    uint64_t length;
    XXH3_state_t *file_hash;
    XXH3_state_t *event_hash;
};

/* Notes are varints, some 20 bytes an event: for a piece its bytes + PIECE, and how far behind the end of the
 * one before it lies; an event ends with CHECKED and its checksum, or with UNKNOWN. */
enum { CHECKED = 0, UNKNOWN = 1, PIECE = 2 };

int hmz_readback_new(struct hmz_readback **readback_out, struct hmz_error *err)
{
    struct hmz_readback *self = calloc(1, sizeof *self);
    if (self) {
        self->window = malloc(WINDOW_BYTES);
        self->file_hash = XXH3_createState();
        self->event_hash = XXH3_createState();
    }
    if (!self || !self->window || !self->file_hash || !self->event_hash) {
        hmz_readback_free(self);
        return hmz_fail_nomem(err, "a buffer");
    }
    *readback_out = self;
    return HMZ_OK;
}

void hmz_readback_free(struct hmz_readback *self)
{
    if (!self)
        return;
    hmz_buffer_release(&self->notes);
    free(self->window);
    XXH3_freeState(self->file_hash);
    XXH3_freeState(self->event_hash);
    free(self);
}

/* ---- notes ---- */

void hmz_readback_note(struct hmz_readback *self, uint64_t offset, uint64_t bytes)
{
    hmz_buffer_put_varint(&self->notes, bytes + PIECE);
    hmz_buffer_put_zigzag(&self->notes, (int64_t)(offset - self->last_end));
    self->last_end = offset + bytes;
}

void hmz_readback_note_unknown(struct hmz_readback *self)
{
    self->unknown = true;
}

void hmz_readback_note_end(struct hmz_readback *self, uint64_t checksum)
{
    hmz_buffer_put_varint(&self->notes, self->unknown ? UNKNOWN : CHECKED);
    if (!self->unknown)
        hmz_buffer_put_u64(&self->notes, checksum);
    self->unknown = false;
    self->event_count++;
}

/* ---- reading ---- */

static int fill_window(struct hmz_readback *self, struct hmz_error *err)
{
    uint64_t left = self->length - self->position;
    self->window_offset = self->position;
    self->window_length = left < WINDOW_BYTES ? left : WINDOW_BYTES;
    return hmz_io_read_at(self->fd, self->window, (size_t)self->window_length, self->window_offset, err);
}

/* Takes the file up to `end` into the sum of the file and, where wanted, into that of the event. */
static int advance(struct hmz_readback *self, uint64_t end, XXH3_state_t *event_hash, struct hmz_error *err)
{
    while (self->position < end) {
        if (self->position >= self->window_offset + self->window_length) {
            int status = fill_window(self, err);
            if (status != HMZ_OK)
                return status;
        }
        const uint8_t *bytes = self->window + (self->position - self->window_offset);
        uint64_t in_window = self->window_offset + self->window_length - self->position;
        size_t length = (size_t)(end - self->position < in_window ? end - self->position : in_window);
        XXH3_128bits_update(self->file_hash, bytes, length);
        if (event_hash)
            XXH3_64bits_update(event_hash, bytes, length);
        self->position += length;
    }
    return HMZ_OK;
}

/* A piece that lies before the position (libhdf5 puts very small datasets together): read for its own. */
static int take_behind(struct hmz_readback *self, uint64_t offset, uint64_t bytes, struct hmz_error *err)
{
    uint8_t buffer[4096];
    while (bytes > 0) {
        size_t length = bytes < sizeof buffer ? (size_t)bytes : sizeof buffer;
        int status = hmz_io_read_at(self->fd, buffer, length, offset, err);
        if (status != HMZ_OK)
            return status;
        XXH3_64bits_update(self->event_hash, buffer, length);
        offset += length;
        bytes -= length;
    }
    return HMZ_OK;
}

static int take_piece(struct hmz_readback *self, uint64_t offset, uint64_t bytes, struct hmz_error *err)
{
    if (offset > self->length || bytes > self->length - offset)
        return hmz_fail(err, HMZ_E_FAILED, "data end at byte %" PRIu64 ", the file at %" PRIu64,
                        offset + bytes, self->length);
    if (offset < self->position)
        return take_behind(self, offset, bytes, err);
    int status = advance(self, offset, NULL, err);
    return status == HMZ_OK ? advance(self, offset + bytes, self->event_hash, err) : status;
}

static int check_event(struct hmz_readback *self, struct hmz_cursor *notes, uint64_t number,
                       struct hmz_error *err)
{
    uint64_t note;
    XXH3_64bits_reset(self->event_hash);
    while ((note = hmz_cursor_varint(notes)) >= PIECE) {
        uint64_t offset = self->last_end + (uint64_t)hmz_cursor_zigzag(notes);
        int status = take_piece(self, offset, note - PIECE, err);
        if (status != HMZ_OK)
            return hmz_context(err, "event_%" PRIu64, number);
        self->last_end = offset + (note - PIECE);
    }
    if (note == UNKNOWN)
        return HMZ_OK;
    uint64_t expected = hmz_cursor_u64(notes);
    uint64_t found = XXH3_64bits_digest(self->event_hash);
    if (found != expected)
        return hmz_fail(err, HMZ_E_FAILED,
                        "event_%" PRIu64 ": checksum %016" PRIx64 " read back, %016" PRIx64
                        " written: the disk or the memory of this machine changed the data",
                        number, found, expected);
    return HMZ_OK;
}

int hmz_readback_run(struct hmz_readback *self, int fd, uint64_t length, const struct hmz_tick *tick,
                     struct hmz_file_hash *hash_out, struct hmz_error *err)
{
    int status = hmz_buffer_check(&self->notes, "the offsets of the events", err);
    struct hmz_cursor notes = hmz_cursor_over(self->notes.data, self->notes.used);
    self->fd = fd;
    self->length = length;
    self->position = self->last_end = 0;
    self->window_offset = self->window_length = 0;
    XXH3_128bits_reset(self->file_hash);
    for (uint64_t i = 0; status == HMZ_OK && i < self->event_count; i++) {
        status = check_event(self, &notes, i, err);
        hmz_tick(tick, 0, 0);
    }
    if (status == HMZ_OK)
        status = advance(self, length, NULL, err);
    XXH128_hash_t hash = XXH3_128bits_digest(self->file_hash);
    *hash_out = (struct hmz_file_hash){.high = hash.high64, .low = hash.low64};
    return status;
}
