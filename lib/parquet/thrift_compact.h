/* SPDX-License-Identifier: MIT */
/* The write side of the Thrift compact protocol, as far as Parquet's metadata need it.
 * Source: Apache Thrift, doc/specs/thrift-compact-protocol.md.
 *
 *     struct hmz_thrift_struct s = hmz_thrift_begin(buffer);
 *     hmz_thrift_i64(&s, 3, rows);                 field 3; fields in ascending order
 *     hmz_thrift_end(&s);
 *
 * A failed allocation sticks in the buffer. */
#ifndef HMZ_THRIFT_COMPACT_H
#define HMZ_THRIFT_COMPACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

enum hmz_thrift_type {
    HMZ_THRIFT_TRUE = 1,
    HMZ_THRIFT_FALSE = 2,
    HMZ_THRIFT_I8 = 3,
    HMZ_THRIFT_I32 = 5,
    HMZ_THRIFT_I64 = 6,
    HMZ_THRIFT_BINARY = 8,
    HMZ_THRIFT_LIST = 9,
    HMZ_THRIFT_STRUCT = 12,
};

struct hmz_thrift_struct {
    struct hmz_buffer *to;
    int last_field;
};

struct hmz_thrift_struct hmz_thrift_begin(struct hmz_buffer *to);
void hmz_thrift_end(struct hmz_thrift_struct *self);

void hmz_thrift_bool(struct hmz_thrift_struct *self, int field, bool value);
void hmz_thrift_i8(struct hmz_thrift_struct *self, int field, int8_t value);
void hmz_thrift_i32(struct hmz_thrift_struct *self, int field, int32_t value);
void hmz_thrift_i64(struct hmz_thrift_struct *self, int field, int64_t value);
void hmz_thrift_binary(struct hmz_thrift_struct *self, int field, const void *data, size_t length);
void hmz_thrift_text(struct hmz_thrift_struct *self, int field, const char *text);

/* A struct as a field: fill the one returned, and end it. */
struct hmz_thrift_struct hmz_thrift_struct_field(struct hmz_thrift_struct *self, int field);

/* A list as a field: `count` elements of `type` follow. Elements that are structs begin with
 * hmz_thrift_begin() on the same buffer, others with hmz_thrift_element_…(). */
void hmz_thrift_list_field(struct hmz_thrift_struct *self, int field, enum hmz_thrift_type type,
                           size_t count);
void hmz_thrift_element_i32(struct hmz_buffer *to, int32_t value);
void hmz_thrift_element_text(struct hmz_buffer *to, const char *text);

#endif
