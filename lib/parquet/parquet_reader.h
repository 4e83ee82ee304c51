/* SPDX-License-Identifier: MIT */
/* Reads what parquet_writer.h writes, row by row, and nothing else: flat OPTIONAL columns, PLAIN values, RLE
 * definition levels, pages v1, zstd. Strict: counts must agree with each other, parts must lie one behind the
 * other and fill the file, each page must have its checksum (the tables of earlier builds have none).
 * All else is HMZ_E_DAMAGED. Names, types, rows and values of what is accepted are those that were written;
 * statistics, descriptions and created_by are not looked at, but for the number of nulls.
 *
 *     hmz_parquet_open(fd, "events.parquet", &table, err)
 *     hmz_parquet_find(table, "traces", HMZ_PARQUET_U64, &traces, err)     HMZ_END: the table lacks it
 *     while ((status = hmz_parquet_next_row(table, err)) == HMZ_OK)
 *         if (hmz_parquet_get_u64(table, traces, &value)) …                 false: null
 *     hmz_parquet_close(table)
 *
 * Only columns that were found are read; memory is a page of each, and the footer. */
#ifndef HMZ_PARQUET_READER_H
#define HMZ_PARQUET_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "parquet_column.h"

struct hmz_parquet_reader;

/* `fd`: borrowed until the end; read at offsets, so that its own does not matter. `name` stands in front of
 * messages, and is copied. */
HMZ_MUST_CHECK int hmz_parquet_open(int fd, const char *name, struct hmz_parquet_reader **table_out,
                                    struct hmz_error *err);
void hmz_parquet_close(struct hmz_parquet_reader *self); /* NULL is allowed */

/* Names and types of all columns, in their order; valid until the end. */
const struct hmz_parquet_column *hmz_parquet_columns(const struct hmz_parquet_reader *self,
                                                     size_t *count_out);

uint64_t hmz_parquet_row_count(const struct hmz_parquet_reader *self);

/* Asks for a column, before the first row. HMZ_END: there is none of this name (older tables lack newer
 * columns); HMZ_E_DAMAGED: it is of another type. */
HMZ_MUST_CHECK int hmz_parquet_find(struct hmz_parquet_reader *self, const char *name,
                                    enum hmz_parquet_type type, size_t *column_out, struct hmz_error *err);

/* HMZ_END after the last row. */
HMZ_MUST_CHECK int hmz_parquet_next_row(struct hmz_parquet_reader *self, struct hmz_error *err);

/* The cell of the row at hand, of a column that was found with this type; false where it is null. */
bool hmz_parquet_get_i32(const struct hmz_parquet_reader *self, size_t column, int32_t *value_out);
bool hmz_parquet_get_u32(const struct hmz_parquet_reader *self, size_t column, uint32_t *value_out);
bool hmz_parquet_get_u64(const struct hmz_parquet_reader *self, size_t column, uint64_t *value_out);
bool hmz_parquet_get_double(const struct hmz_parquet_reader *self, size_t column, double *value_out);
/* Borrowed until the next row, without a NUL at its end. */
bool hmz_parquet_get_text(const struct hmz_parquet_reader *self, size_t column, const char **text_out,
                          size_t *length_out);

#endif
