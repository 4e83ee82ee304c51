/* SPDX-License-Identifier: MIT */
#include "buffer.h"

#include <stdlib.h>
#include <string.h>

void hmz_buffer_release(struct hmz_buffer *self)
{
    free(self->data);
    *self = (struct hmz_buffer){0};
}

void hmz_buffer_clear(struct hmz_buffer *self)
{
    self->used = 0;
    self->failed = false;
}

int hmz_buffer_check(const struct hmz_buffer *self, const char *what, struct hmz_error *err)
{
    return self->failed ? hmz_fail_nomem(err, what) : HMZ_OK;
}

static bool make_room(struct hmz_buffer *self, size_t more)
{
    if (self->failed || more > SIZE_MAX / 4 - self->used) {
        self->failed = true;
        return false;
    }
    if (self->used + more <= self->capacity)
        return true;
    size_t capacity = self->capacity ? self->capacity : 256;
    while (capacity < self->used + more)
        capacity *= 2;
    uint8_t *data = realloc(self->data, capacity);
    if (!data) {
        self->failed = true;
        return false;
    }
    self->data = data;
    self->capacity = capacity;
    return true;
}

void hmz_buffer_put(struct hmz_buffer *self, const void *data, size_t length)
{
    if (length == 0 || !make_room(self, length))
        return;
    memcpy(self->data + self->used, data, length);
    self->used += length;
}

void hmz_buffer_put_u8(struct hmz_buffer *self, uint8_t value)
{
    hmz_buffer_put(self, &value, 1);
}

void hmz_buffer_put_u32(struct hmz_buffer *self, uint32_t value)
{
    uint8_t bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    hmz_buffer_put(self, bytes, sizeof bytes);
}

void hmz_buffer_put_u64(struct hmz_buffer *self, uint64_t value)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    hmz_buffer_put(self, bytes, sizeof bytes);
}

void hmz_buffer_put_varint(struct hmz_buffer *self, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        hmz_buffer_put_u8(self, (uint8_t)(value | 0x80));
    hmz_buffer_put_u8(self, (uint8_t)value);
}

void hmz_buffer_put_zigzag(struct hmz_buffer *self, int64_t value)
{
    hmz_buffer_put_varint(self, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void hmz_buffer_put_text(struct hmz_buffer *self, const char *text)
{
    size_t length = strlen(text);
    if (length > UINT32_MAX) {
        self->failed = true;
        return;
    }
    hmz_buffer_put_u32(self, (uint32_t)length);
    hmz_buffer_put(self, text, length);
}

struct hmz_cursor hmz_cursor_over(const void *data, size_t length)
{
    const uint8_t *start = data;
    return (struct hmz_cursor){.at = start, .end = length ? start + length : start};
}

const uint8_t *hmz_cursor_bytes(struct hmz_cursor *self, size_t length)
{
    if (self->failed || length > (size_t)(self->end - self->at)) {
        self->failed = true;
        return NULL;
    }
    const uint8_t *bytes = self->at;
    self->at += length;
    return bytes;
}

uint8_t hmz_cursor_u8(struct hmz_cursor *self)
{
    const uint8_t *bytes = hmz_cursor_bytes(self, 1);
    return bytes ? bytes[0] : 0;
}

uint32_t hmz_cursor_u32(struct hmz_cursor *self)
{
    const uint8_t *bytes = hmz_cursor_bytes(self, 4);
    uint32_t value = 0;
    for (int i = 0; bytes && i < 4; i++)
        value |= (uint32_t)bytes[i] << (8 * i);
    return value;
}

uint64_t hmz_cursor_u64(struct hmz_cursor *self)
{
    const uint8_t *bytes = hmz_cursor_bytes(self, 8);
    uint64_t value = 0;
    for (int i = 0; bytes && i < 8; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

uint64_t hmz_cursor_varint(struct hmz_cursor *self)
{
    uint64_t value = 0;
    uint8_t byte = 0x80;
    for (unsigned shift = 0; byte & 0x80 && shift < 64; shift += 7) {
        byte = hmz_cursor_u8(self);
        value |= (uint64_t)(byte & 0x7f) << shift;
    }
    return value;
}

int64_t hmz_cursor_zigzag(struct hmz_cursor *self)
{
    uint64_t value = hmz_cursor_varint(self);
    return (int64_t)(value >> 1 ^ (value & 1 ? UINT64_MAX : 0));
}

char *hmz_cursor_text(struct hmz_cursor *self)
{
    uint32_t length = hmz_cursor_u32(self);
    const uint8_t *bytes = hmz_cursor_bytes(self, length);
    if (!bytes)
        return NULL;
    char *text = malloc((size_t)length + 1);
    if (!text) {
        self->failed = true;
        return NULL;
    }
    memcpy(text, bytes, length);
    text[length] = '\0';
    return text;
}
