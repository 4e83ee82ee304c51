/* SPDX-License-Identifier: MIT */
#include "thrift_compact.h"

#include <string.h>

static void put_field(struct hmz_thrift_struct *self, int field, enum hmz_thrift_type type)
{
    int step = field - self->last_field;
    if (step > 0 && step <= 15) {
        hmz_buffer_put_u8(self->to, (uint8_t)(step << 4 | (int)type));
    } else {
        hmz_buffer_put_u8(self->to, (uint8_t)type);
        hmz_buffer_put_zigzag(self->to, field);
    }
    self->last_field = field;
}

struct hmz_thrift_struct hmz_thrift_begin(struct hmz_buffer *to)
{
    return (struct hmz_thrift_struct){.to = to};
}

void hmz_thrift_end(struct hmz_thrift_struct *self)
{
    hmz_buffer_put_u8(self->to, 0);
}

void hmz_thrift_bool(struct hmz_thrift_struct *self, int field, bool value)
{
    put_field(self, field, value ? HMZ_THRIFT_TRUE : HMZ_THRIFT_FALSE);
}

void hmz_thrift_i8(struct hmz_thrift_struct *self, int field, int8_t value)
{
    put_field(self, field, HMZ_THRIFT_I8);
    hmz_buffer_put_u8(self->to, (uint8_t)value);
}

void hmz_thrift_i32(struct hmz_thrift_struct *self, int field, int32_t value)
{
    put_field(self, field, HMZ_THRIFT_I32);
    hmz_buffer_put_zigzag(self->to, value);
}

void hmz_thrift_i64(struct hmz_thrift_struct *self, int field, int64_t value)
{
    put_field(self, field, HMZ_THRIFT_I64);
    hmz_buffer_put_zigzag(self->to, value);
}

void hmz_thrift_binary(struct hmz_thrift_struct *self, int field, const void *data, size_t length)
{
    put_field(self, field, HMZ_THRIFT_BINARY);
    hmz_buffer_put_varint(self->to, length);
    hmz_buffer_put(self->to, data, length);
}

void hmz_thrift_text(struct hmz_thrift_struct *self, int field, const char *text)
{
    hmz_thrift_binary(self, field, text, strlen(text));
}

struct hmz_thrift_struct hmz_thrift_struct_field(struct hmz_thrift_struct *self, int field)
{
    put_field(self, field, HMZ_THRIFT_STRUCT);
    return hmz_thrift_begin(self->to);
}

void hmz_thrift_list_field(struct hmz_thrift_struct *self, int field, enum hmz_thrift_type type, size_t count)
{
    put_field(self, field, HMZ_THRIFT_LIST);
    if (count < 15) {
        hmz_buffer_put_u8(self->to, (uint8_t)(count << 4 | type));
    } else {
        hmz_buffer_put_u8(self->to, (uint8_t)(15 << 4 | type));
        hmz_buffer_put_varint(self->to, count);
    }
}

void hmz_thrift_element_i32(struct hmz_buffer *to, int32_t value)
{
    hmz_buffer_put_zigzag(to, value);
}

void hmz_thrift_element_text(struct hmz_buffer *to, const char *text)
{
    hmz_buffer_put_varint(to, strlen(text));
    hmz_buffer_put(to, text, strlen(text));
}
