/* SPDX-License-Identifier: MIT */
/* The read side of the Thrift compact protocol, as far as Parquet's metadata need it.
 * Source: Apache Thrift, doc/specs/thrift-compact-protocol.md.
 *
 *     struct hmz_thrift_reader s = hmz_thrift_read(&cursor);
 *     while (hmz_thrift_next(&s))
 *         if (s.field == 3)
 *             rows = hmz_thrift_take_i64(&s);
 *     … cursor.failed
 *
 * What is not taken is skipped. Whatever does not read as it should (another type than the one asked for,
 * fields that are not in ascending order, more depth than any of ours has) fails the cursor, which sticks,
 * and ends every loop. */
#ifndef HMZ_THRIFT_READER_H
#define HMZ_THRIFT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "thrift_compact.h"

struct hmz_thrift_reader {
    struct hmz_cursor *from;
    int field; /* at hand */
    enum hmz_thrift_type type;
    bool untaken;
};

struct hmz_thrift_reader hmz_thrift_read(struct hmz_cursor *from);

/* False at the end of the struct. */
bool hmz_thrift_next(struct hmz_thrift_reader *self);

/* The value of the field at hand, once. */
bool hmz_thrift_take_bool(struct hmz_thrift_reader *self);
int8_t hmz_thrift_take_i8(struct hmz_thrift_reader *self);
int32_t hmz_thrift_take_i32(struct hmz_thrift_reader *self);
int64_t hmz_thrift_take_i64(struct hmz_thrift_reader *self);
/* Borrowed from the cursor. */
struct hmz_cursor hmz_thrift_take_binary(struct hmz_thrift_reader *self);
/* To be read to its end before the outer one goes on. */
struct hmz_thrift_reader hmz_thrift_take_struct(struct hmz_thrift_reader *self);
/* How many elements of `type` follow; at most as many as there are bytes left. Structs begin with
 * hmz_thrift_read() on the same cursor, others with hmz_thrift_read_…(). All are to be read. */
size_t hmz_thrift_take_list(struct hmz_thrift_reader *self, enum hmz_thrift_type type);
int32_t hmz_thrift_read_i32(struct hmz_cursor *from);
struct hmz_cursor hmz_thrift_read_binary(struct hmz_cursor *from);

#endif
