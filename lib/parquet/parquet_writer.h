/* SPDX-License-Identifier: MIT */
/* Writes a Parquet file of flat, nullable columns; parquet_reader.h reads it.
 *
 *     hmz_parquet_new(columns, count, &options, &file, &table, err)
 *     hmz_parquet_put_u32(table, column, value) …      the cells of a row; one that is not put is null
 *     hmz_parquet_end_row(table, err)
 *     hmz_parquet_finish(table, err)                   footer; the caller commits the file
 *     hmz_parquet_free(table)
 *
 * All columns are OPTIONAL; what each means is in the key-value metadata of the file, under its name;
 * unsigned integers and text are marked both the old and the new way (converted and logical type). Values are
 * PLAIN, definition levels RLE, pages v1 and zstd with its checksum, so that every reader sees when a value
 * has changed. Each column chunk has null_count and, in the order of its type (unsigned for unsigned),
 * min_value and max_value. Same rows, same bytes. Source: Apache Parquet, parquet.thrift and Encodings.md of
 * format 2.10. */
#ifndef HMZ_PARQUET_WRITER_H
#define HMZ_PARQUET_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "outfile.h"
#include "parquet_column.h"

enum { HMZ_PARQUET_ROW_GROUP_ROWS_LAST = 1 << 20, HMZ_PARQUET_MEANING_LAST = 255 };

struct hmz_parquet_options {
    const char *created_by;
    uint32_t row_group_rows; /* 1 to HMZ_PARQUET_ROW_GROUP_ROWS_LAST; memory grows with it */
};

struct hmz_parquet;

/* `columns` and `file` (empty) are borrowed. */
HMZ_MUST_CHECK int hmz_parquet_new(const struct hmz_parquet_column *columns, size_t column_count,
                                   const struct hmz_parquet_options *options, struct hmz_outfile *file,
                                   struct hmz_parquet **table_out, struct hmz_error *err);

/* The cell of the row at hand; once a row, and only of the column's own type (asserted). Text is copied. */
void hmz_parquet_put_i32(struct hmz_parquet *self, size_t column, int32_t value);
void hmz_parquet_put_u32(struct hmz_parquet *self, size_t column, uint32_t value);
void hmz_parquet_put_u64(struct hmz_parquet *self, size_t column, uint64_t value);
void hmz_parquet_put_double(struct hmz_parquet *self, size_t column, double value); /* no NaN */
void hmz_parquet_put_text(struct hmz_parquet *self, size_t column, const char *text);

HMZ_MUST_CHECK int hmz_parquet_end_row(struct hmz_parquet *self, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_parquet_finish(struct hmz_parquet *self, struct hmz_error *err);
void hmz_parquet_free(struct hmz_parquet *self);

#endif
