/* SPDX-License-Identifier: MIT */
/* Layout: HDF5 File Format Specification, IV.A.1.a (version 1 object header), IV.A.2.m (attribute message).
 */
#include "h5_header.h"

#include <inttypes.h>
#include <stdbool.h>

#include "buffer.h"
#include "posix_io.h"

enum {
    PREFIX_BYTES = 16,
    MESSAGE_HEAD_BYTES = 8,
    ATTRIBUTE_HEAD_BYTES = 8, /* and one more in version 3 */
    BLOCK_BYTES = 4096,       /* a merger's block has 256 */
    BLOCKS_LAST = 16,
    MESSAGE_TYPE = 0x03,
    MESSAGE_LAYOUT = 0x08,
    MESSAGE_ATTRIBUTE = 0x0c,
    MESSAGE_CONTINUATION = 0x10,
    FLAG_SHARED = 2,
};

struct block {
    uint64_t offset, length;
};

struct walk {
    struct hmz_read_cache *file;
    struct block blocks[BLOCKS_LAST];
    size_t block_count;
    uint32_t found; /* messages */
    uint32_t type_width,
        chunk_width; /* of one element, as the type says and as the chunks say; 0: not known */
    struct hmz_error *err;
};

static uint32_t u16_at(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

/* The three parts before the value are padded to multiples of eight in version 1 only. */
static uint64_t padded(uint64_t bytes, uint32_t version)
{
    return version == 1 ? (bytes + 7) / 8 * 8 : bytes;
}

enum { SPACE_NULL = 2 }; /* byte 3 of a dataspace of version 2: it has no elements */

/* Bytes of the value: the width of the type times the dimensions of the space; 0 where there are none, or
 * these do not read as that. */
static uint64_t value_bytes(const uint8_t *type, uint64_t type_bytes, const uint8_t *space,
                            uint64_t space_bytes)
{
    struct hmz_cursor of_type = hmz_cursor_over(type, type_bytes);
    struct hmz_cursor of_space = hmz_cursor_over(space, space_bytes);
    hmz_cursor_bytes(&of_type, 4);
    uint64_t bytes = hmz_cursor_u32(&of_type);
    uint8_t version = hmz_cursor_u8(&of_space);
    uint8_t rank = hmz_cursor_u8(&of_space);
    hmz_cursor_bytes(&of_space, 1); /* flags */
    if (version == 2 && hmz_cursor_u8(&of_space) == SPACE_NULL)
        return 0;
    hmz_cursor_bytes(&of_space, version == 1 ? 5 : 0);
    for (uint8_t i = 0; i < rank; i++)
        if (__builtin_mul_overflow(bytes, hmz_cursor_u64(&of_space), &bytes))
            return 0;
    return of_type.failed || of_space.failed ? 0 : bytes;
}

static int check_attribute(const struct walk *self, const uint8_t *message, uint64_t room)
{
    uint32_t version = room < ATTRIBUTE_HEAD_BYTES ? 0 : message[0];
    if (version < 1 || version > 3)
        return HMZ_OK;                       /* libhdf5 has refused this one */
    bool shared = version > 1 && message[1]; /* the type or the space is kept elsewhere */
    uint64_t type_bytes = u16_at(message + 4);
    uint64_t space_bytes = u16_at(message + 6);
    uint64_t type_at = ATTRIBUTE_HEAD_BYTES + (version == 3 ? 1U : 0U) + padded(u16_at(message + 2), version);
    uint64_t space_at = type_at + padded(type_bytes, version);
    uint64_t needed = space_at + padded(space_bytes, version);
    if (needed <= room && !shared)
        needed += value_bytes(message + type_at, type_bytes, message + space_at, space_bytes);
    if (needed <= room)
        return HMZ_OK;
    return hmz_fail(self->err, HMZ_E_DAMAGED,
                    "an attribute takes %" PRIu64 " bytes of its header, there are %" PRIu64, needed, room);
}

static uint32_t u32_at(const uint8_t *at)
{
    return u16_at(at) | u16_at(at + 2) << 16;
}

/* Version 3, chunked: version, class, rank, address, u32 dimensions, of which the last is the width of an
 * element. */
static void take_layout(struct walk *self, const uint8_t *message, size_t length)
{
    enum { CHUNKED = 2, DIMENSIONS_AT = 11 };
    size_t rank = length > 2 && message[0] == 3 && message[1] == CHUNKED ? message[2] : 0;
    if (rank > 0 && DIMENSIONS_AT + 4 * rank <= length)
        self->chunk_width = u32_at(message + DIMENSIONS_AT + 4 * (rank - 1));
}

static void add_block(struct walk *self, const uint8_t *message, size_t length)
{
    struct hmz_cursor from = hmz_cursor_over(message, length);
    struct block next = {.offset = hmz_cursor_u64(&from)};
    next.length = hmz_cursor_u64(&from);
    if (!from.failed && self->block_count < BLOCKS_LAST)
        self->blocks[self->block_count++] = next;
}

static int take_block(struct walk *self, const struct block *block)
{
    uint8_t bytes[BLOCK_BYTES];
    size_t got;
    if (block->length > sizeof bytes)
        return HMZ_OK;
    int error_number = hmz_read_cache_read(self->file, bytes, (size_t)block->length, block->offset, &got);
    if (error_number)
        return hmz_io_fail_read(self->err, error_number, "its header cannot be read");
    int status = HMZ_OK;
    for (size_t at = 0; status == HMZ_OK && at + MESSAGE_HEAD_BYTES <= got; self->found++) {
        uint32_t kind = u16_at(bytes + at);
        size_t length = u16_at(bytes + at + 2);
        uint8_t flags = bytes[at + 4];
        const uint8_t *message = bytes + at + MESSAGE_HEAD_BYTES;
        at += MESSAGE_HEAD_BYTES + length;
        if (at > got)
            return HMZ_OK; /* libhdf5 has refused this one */
        if (flags & FLAG_SHARED)
            continue;
        if (kind == MESSAGE_ATTRIBUTE)
            status = check_attribute(self, message, length);
        else if (kind == MESSAGE_CONTINUATION)
            add_block(self, message, length);
        else if (kind == MESSAGE_LAYOUT)
            take_layout(self, message, length);
        else if (kind == MESSAGE_TYPE && length >= 8)
            self->type_width = u32_at(message + 4);
    }
    return status;
}

int hmz_h5_header_check(struct hmz_read_cache *file, uint64_t address, struct hmz_error *err)
{
    uint8_t prefix[PREFIX_BYTES];
    size_t got;
    int error_number = hmz_read_cache_read(file, prefix, sizeof prefix, address, &got);
    if (error_number)
        return hmz_io_fail_read(err, error_number, "its header cannot be read");
    if (got < sizeof prefix || prefix[0] != 1 || prefix[1] != 0)
        return HMZ_OK;
    uint32_t claimed = u16_at(prefix + 2);
    struct walk walk = {.file = file, .block_count = 1, .err = err};
    walk.blocks[0].offset = address + PREFIX_BYTES;
    walk.blocks[0].length = u32_at(prefix + 8);
    int status = take_block(&walk, &walk.blocks[0]);
    if (status == HMZ_OK && walk.found > claimed) /* later versions of libhdf5 count to here, too */
        status = hmz_fail(err, HMZ_E_DAMAGED, "its header has %" PRIu32 " parts, expected at most %" PRIu32,
                          walk.found, claimed);
    for (size_t i = 1; status == HMZ_OK && i < walk.block_count; i++)
        status = take_block(&walk, &walk.blocks[i]);
    if (status == HMZ_OK && walk.chunk_width && walk.type_width && walk.chunk_width != walk.type_width)
        return hmz_fail(err, HMZ_E_DAMAGED,
                        "its chunks have elements of %" PRIu32 " bytes, its type %" PRIu32, walk.chunk_width,
                        walk.type_width);
    return status;
}
