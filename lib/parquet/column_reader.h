/* SPDX-License-Identifier: MIT */
/* One column of a table, value by value; one page of it in memory. A page is checked as a whole when it is
 * loaded: levels, values and the counts of both. Private to lib/parquet. */
#ifndef HMZ_COLUMN_READER_H
#define HMZ_COLUMN_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "buffer.h"
#include "hmz_error.h"
#include "parquet_footer.h"

struct hmz_column_reader { /* all zero but for the type: before the first chunk */
    enum hmz_parquet_type type;
    unsigned width; /* bytes of a value; 0: a text */
    /* the chunk at hand */
    uint64_t offset, end; /* of what is not read of it yet */
    uint64_t chunk_rows;  /* in pages that are not loaded yet */
    uint64_t plain_left;
    int64_t nulls_left; /* -1: not known */
    /* the page at hand */
    uint8_t *page;
    size_t page_capacity;
    uint32_t page_rows; /* not given yet */
    struct hmz_cursor levels, values;
    uint64_t run_rows; /* of the run of levels at hand */
    bool run_present;
    /* the cell at hand */
    bool present;
    uint64_t bits;
    struct hmz_cursor bytes; /* of a text */
};

void hmz_column_reader_release(struct hmz_column_reader *self);

/* Goes to the next value, in the chunk at hand, which has one (next_chunk() before the first). `fd`: the
 * table. HMZ_E_DAMAGED, HMZ_E_NOMEM, or what reading failed with. */
HMZ_MUST_CHECK int hmz_column_reader_next(struct hmz_column_reader *self, int fd, struct hmz_error *err);

/* Begins a chunk of `rows` values; of the one before all have been given. */
void hmz_column_reader_next_chunk(struct hmz_column_reader *self, const struct hmz_parquet_chunk *chunk,
                                  uint64_t rows);

#endif
