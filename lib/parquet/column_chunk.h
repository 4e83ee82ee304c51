/* SPDX-License-Identifier: MIT */
/* One column of one row group while it is gathered: pages of PLAIN values with RLE definition levels,
 * compressed with zstd, and the statistics over them. Private to lib/parquet. */
#ifndef HMZ_COLUMN_CHUNK_H
#define HMZ_COLUMN_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "parquet_writer.h"

/* Longer texts are in the data, but not in the statistics, which readers keep in memory. */
enum { HMZ_STATISTICS_TEXT_LAST = 64 };

struct hmz_column_chunk {
    enum hmz_parquet_type type;
    /* the page at hand */
    struct hmz_buffer values;
    struct hmz_buffer levels; /* RLE runs that are closed */
    uint32_t page_rows;
    bool run_present; /* the run at hand: values, or nulls */
    uint32_t run_rows;
    /* the pages that are done */
    struct hmz_buffer pages;
    uint64_t rows;
    uint64_t nulls;
    uint64_t plain_bytes; /* of all pages with their headers, before compression */
    /* smallest and largest value as they are in the file */
    bool bounded;   /* there are bounds */
    bool unbounded; /* a text was too long for them */
    uint64_t least, most;
    char least_text[HMZ_STATISTICS_TEXT_LAST + 1], most_text[HMZ_STATISTICS_TEXT_LAST + 1];
};

void hmz_column_chunk_release(struct hmz_column_chunk *self);
void hmz_column_chunk_reset(struct hmz_column_chunk *self, enum hmz_parquet_type type);

void hmz_column_chunk_put_number(struct hmz_column_chunk *self, uint64_t bits);
void hmz_column_chunk_put_text(struct hmz_column_chunk *self, const char *text);
void hmz_column_chunk_put_null(struct hmz_column_chunk *self);

/* Compresses the page at hand; called when it is full and at the end of the row group. */
HMZ_MUST_CHECK int hmz_column_chunk_flush(struct hmz_column_chunk *self, struct hmz_error *err);
bool hmz_column_chunk_page_is_full(const struct hmz_column_chunk *self);

#endif
