/* SPDX-License-Identifier: MIT */
/* Growing byte buffers, and the little-endian records that the state files and the pipes are made of.
 *
 * Writing: hmz_buffer_put_…() never fail in place. A failed allocation sticks (`failed`) and is asked once
 * at the end with hmz_buffer_check(), so that a record of thirty fields needs one check, not thirty.
 * Reading: a cursor over borrowed bytes. A read past the end returns zeros and sticks the same way. */
#ifndef HMZ_BUFFER_H
#define HMZ_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

struct hmz_buffer { /* all zero: empty and ready */
    uint8_t *data;
    size_t used;
    size_t capacity;
    bool failed;
};

void hmz_buffer_release(struct hmz_buffer *self); /* frees and leaves it ready for use again */
void hmz_buffer_clear(struct hmz_buffer *self);   /* empty, memory kept */
HMZ_MUST_CHECK int hmz_buffer_check(const struct hmz_buffer *self, const char *what, struct hmz_error *err);

void hmz_buffer_put(struct hmz_buffer *self, const void *data, size_t length);
void hmz_buffer_put_u8(struct hmz_buffer *self, uint8_t value);
void hmz_buffer_put_u32(struct hmz_buffer *self, uint32_t value);
void hmz_buffer_put_u64(struct hmz_buffer *self, uint64_t value);
/* Seven bits a byte, the lowest first (LEB128): small numbers are short. */
void hmz_buffer_put_varint(struct hmz_buffer *self, uint64_t value);
/* The same for small numbers of either sign: 0, -1, 1, -2 become 0, 1, 2, 3. */
void hmz_buffer_put_zigzag(struct hmz_buffer *self, int64_t value);
void hmz_buffer_put_text(struct hmz_buffer *self, const char *text); /* u32 length, bytes, no NUL */

struct hmz_cursor {
    const uint8_t *at;
    const uint8_t *end;
    bool failed; /* read past the end */
};

struct hmz_cursor hmz_cursor_over(const void *data, size_t length);
uint8_t hmz_cursor_u8(struct hmz_cursor *self);
uint32_t hmz_cursor_u32(struct hmz_cursor *self);
uint64_t hmz_cursor_u64(struct hmz_cursor *self);
uint64_t hmz_cursor_varint(struct hmz_cursor *self);
int64_t hmz_cursor_zigzag(struct hmz_cursor *self);
/* `length` bytes in place, or NULL past the end. */
const uint8_t *hmz_cursor_bytes(struct hmz_cursor *self, size_t length);
/* A text as heap memory of the caller, or NULL (past the end, or no memory: both stick). */
char *hmz_cursor_text(struct hmz_cursor *self);

#endif
