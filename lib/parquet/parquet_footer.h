/* SPDX-License-Identifier: MIT */
/* The footer of a table, read and checked: columns, row groups, where each column chunk lies. Whatever is
 * accepted is what parquet_writer.c writes, with numbers that agree with each other and with the length of
 * the file; statistics and descriptions are not looked at. Private to lib/parquet. */
#ifndef HMZ_PARQUET_FOOTER_H
#define HMZ_PARQUET_FOOTER_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "hmz_error.h"
#include "parquet_column.h"

struct hmz_parquet_chunk { /* of one column in one row group */
    uint64_t offset, bytes;
    uint64_t plain_bytes; /* of all pages with their headers, before compression */
    int64_t nulls;        /* -1: not said */
};

struct hmz_parquet_footer { /* all zero: empty */
    struct hmz_parquet_column *columns;
    size_t column_count;
    uint64_t *group_rows;             /* [group_count], none of them 0 */
    struct hmz_parquet_chunk *chunks; /* [group_count][column_count] */
    size_t group_count;
    uint64_t rows;
};

void hmz_parquet_footer_release(struct hmz_parquet_footer *self);

/* `from`: the bytes of the footer, which begins at `data_end` of the file: chunks lie from behind the magic
 * to there, one behind the other. HMZ_E_DAMAGED with what was expected and what was found; whatever the
 * result, `self_out` is to be released. */
HMZ_MUST_CHECK int hmz_parquet_footer_read(struct hmz_parquet_footer *self_out, struct hmz_cursor from,
                                           uint64_t data_end, struct hmz_error *err);

#endif
