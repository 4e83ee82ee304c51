/* SPDX-License-Identifier: MIT */
#include "thrift_reader.h"

enum { FIELD_LAST = INT16_MAX, DEPTH_LAST = 16, LIST_COUNT_IN_BYTE = 15, TYPE_SET = 10, TYPE_DOUBLE = 7 };
enum { DOUBLE_BYTES = 8, I16 = 4 };

struct hmz_thrift_reader hmz_thrift_read(struct hmz_cursor *from)
{
    return (struct hmz_thrift_reader){.from = from};
}

/* ---- elements ---- */

int32_t hmz_thrift_read_i32(struct hmz_cursor *from)
{
    int64_t value = hmz_cursor_zigzag(from);
    if (value < INT32_MIN || value > INT32_MAX)
        from->failed = true;
    return from->failed ? 0 : (int32_t)value;
}

struct hmz_cursor hmz_thrift_read_binary(struct hmz_cursor *from)
{
    uint64_t length = hmz_cursor_varint(from);
    const uint8_t *bytes = length <= SIZE_MAX ? hmz_cursor_bytes(from, (size_t)length) : NULL;
    if (!bytes)
        from->failed = true;
    return hmz_cursor_over(bytes, bytes ? (size_t)length : 0);
}

static size_t read_list_head(struct hmz_cursor *from, enum hmz_thrift_type *type_out)
{
    uint8_t head = hmz_cursor_u8(from);
    uint64_t count = head >> 4;
    if (count == LIST_COUNT_IN_BYTE)
        count = hmz_cursor_varint(from);
    if (count > (uint64_t)(from->end - from->at))
        from->failed = true;
    *type_out = (enum hmz_thrift_type)(head & 0x0f);
    return from->failed ? 0 : (size_t)count;
}

/* ---- skipping ---- */

static void skip_value(struct hmz_cursor *from, int type, int depth);

static void skip_struct(struct hmz_cursor *from, int depth)
{
    struct hmz_thrift_reader inner = hmz_thrift_read(from);
    while (hmz_thrift_next(&inner)) {
        inner.untaken = false; /* next() would begin at depth 0 */
        if (inner.type != HMZ_THRIFT_TRUE && inner.type != HMZ_THRIFT_FALSE)
            skip_value(from, (int)inner.type, depth);
    }
}

static void skip_list(struct hmz_cursor *from, int depth)
{
    enum hmz_thrift_type type;
    size_t count = read_list_head(from, &type);
    for (size_t i = 0; i < count && !from->failed; i++)
        skip_value(from, (int)type, depth);
}

/* A bool is a byte here; as a field it is in the head of the field. */
static void skip_value(struct hmz_cursor *from, int type, int depth)
{
    if (depth == DEPTH_LAST) {
        from->failed = true;
        return;
    }
    if (type == HMZ_THRIFT_TRUE || type == HMZ_THRIFT_FALSE || type == HMZ_THRIFT_I8)
        (void)hmz_cursor_u8(from);
    else if (type == I16 || type == HMZ_THRIFT_I32 || type == HMZ_THRIFT_I64)
        (void)hmz_cursor_varint(from);
    else if (type == TYPE_DOUBLE)
        (void)hmz_cursor_bytes(from, DOUBLE_BYTES);
    else if (type == HMZ_THRIFT_BINARY)
        (void)hmz_thrift_read_binary(from);
    else if (type == HMZ_THRIFT_LIST || type == TYPE_SET)
        skip_list(from, depth + 1);
    else if (type == HMZ_THRIFT_STRUCT)
        skip_struct(from, depth + 1);
    else
        from->failed = true; /* Parquet's metadata have no maps */
}

static bool is_bool(const struct hmz_thrift_reader *self)
{
    return self->type == HMZ_THRIFT_TRUE || self->type == HMZ_THRIFT_FALSE;
}

/* ---- fields ---- */

bool hmz_thrift_next(struct hmz_thrift_reader *self)
{
    struct hmz_cursor *from = self->from;
    if (self->untaken && !is_bool(self))
        skip_value(from, (int)self->type, 0);
    self->untaken = false;
    uint8_t head = hmz_cursor_u8(from);
    if (from->failed || head == 0)
        return false;
    int step = head >> 4;
    int64_t field = step ? self->field + step : hmz_cursor_zigzag(from);
    if (from->failed || field <= self->field || field > FIELD_LAST) {
        from->failed = true;
        return false;
    }
    self->field = (int)field;
    self->type = (enum hmz_thrift_type)(head & 0x0f);
    self->untaken = true;
    return true;
}

static bool take(struct hmz_thrift_reader *self, enum hmz_thrift_type type)
{
    if (!self->untaken || self->type != type)
        self->from->failed = true;
    self->untaken = false;
    return !self->from->failed;
}

bool hmz_thrift_take_bool(struct hmz_thrift_reader *self)
{
    if (!self->untaken || !is_bool(self))
        self->from->failed = true;
    self->untaken = false;
    return self->type == HMZ_THRIFT_TRUE;
}

int8_t hmz_thrift_take_i8(struct hmz_thrift_reader *self)
{
    if (!take(self, HMZ_THRIFT_I8))
        return 0;
    return (int8_t)hmz_cursor_u8(self->from);
}

int32_t hmz_thrift_take_i32(struct hmz_thrift_reader *self)
{
    return take(self, HMZ_THRIFT_I32) ? hmz_thrift_read_i32(self->from) : 0;
}

int64_t hmz_thrift_take_i64(struct hmz_thrift_reader *self)
{
    return take(self, HMZ_THRIFT_I64) ? hmz_cursor_zigzag(self->from) : 0;
}

struct hmz_cursor hmz_thrift_take_binary(struct hmz_thrift_reader *self)
{
    return take(self, HMZ_THRIFT_BINARY) ? hmz_thrift_read_binary(self->from) : hmz_cursor_over(NULL, 0);
}

struct hmz_thrift_reader hmz_thrift_take_struct(struct hmz_thrift_reader *self)
{
    hmz_ignore(take(self, HMZ_THRIFT_STRUCT)); /* a failed cursor ends the inner one */
    return hmz_thrift_read(self->from);
}

size_t hmz_thrift_take_list(struct hmz_thrift_reader *self, enum hmz_thrift_type type)
{
    enum hmz_thrift_type found;
    if (!take(self, HMZ_THRIFT_LIST))
        return 0;
    size_t count = read_list_head(self->from, &found);
    if (found != type)
        self->from->failed = true;
    return self->from->failed ? 0 : count;
}
