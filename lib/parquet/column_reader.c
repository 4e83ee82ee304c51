/* SPDX-License-Identifier: MIT */
#include "column_reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "parquet_types.h"
#include "posix_io.h"
#include "thrift_reader.h"

/* The writer ends a page at 1 MiB of values, or with the text that passes that. */
enum { PAGE_BYTES_LAST = 16 << 20, HEADER_BYTES_LAST = 64 };

void hmz_column_reader_release(struct hmz_column_reader *self)
{
    free(self->page);
    *self = (struct hmz_column_reader){0};
}

void hmz_column_reader_next_chunk(struct hmz_column_reader *self, const struct hmz_parquet_chunk *chunk,
                                  uint64_t rows)
{
    self->width = hmz_parquet_types[self->type].width;
    self->offset = chunk->offset;
    self->end = chunk->offset + chunk->bytes;
    self->chunk_rows = rows;
    self->plain_left = chunk->plain_bytes;
    self->nulls_left = chunk->nulls;
}

/* ---- header of a page ---- */

struct header {
    int32_t type, plain_bytes, packed_bytes;
    int32_t rows, encoding, definition, repetition;
    size_t length; /* of the header itself */
};

static void read_data_header(struct hmz_thrift_reader *page, struct header *out)
{
    struct hmz_thrift_reader data = hmz_thrift_take_struct(page);
    while (hmz_thrift_next(&data)) {
        if (data.field == 1)
            out->rows = hmz_thrift_take_i32(&data);
        else if (data.field == 2)
            out->encoding = hmz_thrift_take_i32(&data);
        else if (data.field == 3)
            out->definition = hmz_thrift_take_i32(&data);
        else if (data.field == 4)
            out->repetition = hmz_thrift_take_i32(&data);
    }
}

static bool parse_header(const uint8_t *bytes, size_t length, struct header *out)
{
    struct hmz_cursor from = hmz_cursor_over(bytes, length);
    *out = (struct header){.type = -1,
                           .encoding = -1,
                           .definition = -1,
                           .repetition = -1,
                           .plain_bytes = -1,
                           .packed_bytes = -1};
    struct hmz_thrift_reader page = hmz_thrift_read(&from);
    while (hmz_thrift_next(&page)) {
        if (page.field == 1)
            out->type = hmz_thrift_take_i32(&page);
        else if (page.field == 2)
            out->plain_bytes = hmz_thrift_take_i32(&page);
        else if (page.field == 3)
            out->packed_bytes = hmz_thrift_take_i32(&page);
        else if (page.field == 5)
            read_data_header(&page, out);
    }
    out->length = (size_t)(from.at - bytes);
    return !from.failed && out->type == HMZ_PARQUET_PAGE_DATA &&
           out->encoding == HMZ_PARQUET_ENCODING_PLAIN && out->definition == HMZ_PARQUET_ENCODING_RLE &&
           out->repetition == HMZ_PARQUET_ENCODING_RLE;
}

/* Takes the page off what is left of the chunk. */
static int check_header(struct hmz_column_reader *self, const struct header *header, struct hmz_error *err)
{
    uint64_t left = self->end - self->offset;
    if (header->rows <= 0 || (uint64_t)header->rows > self->chunk_rows || header->packed_bytes <= 0 ||
        header->plain_bytes <= 0 || header->plain_bytes > PAGE_BYTES_LAST ||
        header->length + (uint64_t)header->packed_bytes > left ||
        header->length + (uint64_t)header->plain_bytes > self->plain_left)
        return hmz_fail(err, HMZ_E_DAMAGED,
                        "the page at byte %" PRIu64 " says %d values in %d bytes, %d before compression: "
                        "%" PRIu64 " values in %" PRIu64 " bytes, %" PRIu64 " before compression, are left",
                        self->offset, header->rows, header->packed_bytes, header->plain_bytes,
                        self->chunk_rows, left, self->plain_left);
    self->page_rows = (uint32_t)header->rows;
    self->chunk_rows -= (uint64_t)header->rows;
    self->plain_left -= header->length + (uint64_t)header->plain_bytes;
    self->offset += header->length;
    if (self->chunk_rows == 0 &&
        (self->plain_left > 0 || self->offset + (uint64_t)header->packed_bytes != self->end))
        return hmz_fail(err, HMZ_E_DAMAGED,
                        "the last page of the row group at byte %" PRIu64
                        " does not end where the footer says",
                        self->offset);
    return HMZ_OK;
}

/* ---- content of a page ---- */

static int unpack(struct hmz_column_reader *self, const uint8_t *packed, const struct header *header,
                  struct hmz_error *err)
{
    size_t packed_bytes = (size_t)header->packed_bytes;
    size_t plain_bytes = (size_t)header->plain_bytes;
    if (ZSTD_findFrameCompressedSize(packed, packed_bytes) != packed_bytes ||
        ZSTD_getFrameContentSize(packed, packed_bytes) != plain_bytes)
        return hmz_fail(err, HMZ_E_DAMAGED, "the page at byte %" PRIu64 " is not one zstd frame of %zu bytes",
                        self->offset, plain_bytes);
    if (self->page_capacity < plain_bytes) {
        free(self->page);
        self->page_capacity = 0;
        self->page = malloc(plain_bytes);
        if (!self->page)
            return hmz_fail_nomem(err, "a page of a table");
        self->page_capacity = plain_bytes;
    }
    size_t got = ZSTD_decompress(self->page, plain_bytes, packed, packed_bytes);
    if (ZSTD_getErrorCode(got) == ZSTD_error_memory_allocation)
        return hmz_fail_nomem(err, "a page of a table");
    if (ZSTD_isError(got) || got != plain_bytes)
        return hmz_fail(err, HMZ_E_DAMAGED, "the page at byte %" PRIu64 ": zstd: %s", self->offset,
                        ZSTD_isError(got) ? ZSTD_getErrorName(got) : "another length than it says");
    return HMZ_OK;
}

static void next_run(struct hmz_column_reader *self)
{
    uint64_t head = hmz_cursor_varint(&self->levels);
    uint8_t level = hmz_cursor_u8(&self->levels);
    /* An odd head would be a bit-packed run, which we do not write. */
    if (head & 1 || head >> 1 == 0 || head >> 1 > self->page_rows || level > 1)
        self->levels.failed = true;
    self->run_rows = self->levels.failed ? 0 : head >> 1;
    self->run_present = level == 1;
}

/* Are there as many levels as rows, and as many values as levels say? */
static int check_levels(struct hmz_column_reader *self, uint64_t *present_out, struct hmz_error *err)
{
    const struct hmz_cursor begin = self->levels;
    uint64_t rows = 0;
    *present_out = 0;
    while (self->levels.at < self->levels.end && !self->levels.failed && rows <= self->page_rows) {
        next_run(self);
        rows += self->run_rows;
        *present_out += self->run_present ? self->run_rows : 0;
    }
    if (self->levels.failed || rows != self->page_rows)
        return hmz_fail(err, HMZ_E_DAMAGED,
                        "the definition levels of the page before byte %" PRIu64
                        " are not those of %u values",
                        self->offset, self->page_rows);
    self->levels = begin;
    self->run_rows = 0;
    return HMZ_OK;
}

static bool texts_fit(struct hmz_cursor values, uint64_t count)
{
    for (uint64_t i = 0; i < count && !values.failed; i++) {
        uint32_t length = hmz_cursor_u32(&values);
        const uint8_t *bytes = hmz_cursor_bytes(&values, length);
        if (bytes && memchr(bytes, 0, length))
            return false;
    }
    return !values.failed && values.at == values.end;
}

static int check_values(const struct hmz_column_reader *self, uint64_t count, struct hmz_error *err)
{
    uint64_t bytes = (uint64_t)(self->values.end - self->values.at);
    if (self->width ? bytes == count * self->width : texts_fit(self->values, count))
        return HMZ_OK;
    return hmz_fail(err, HMZ_E_DAMAGED,
                    "the page before byte %" PRIu64 " has %" PRIu64 " bytes of values, expected %" PRIu64
                    " values of this type",
                    self->offset, bytes, count);
}

static int take_nulls(struct hmz_column_reader *self, uint64_t nulls, struct hmz_error *err)
{
    if (self->nulls_left < 0)
        return HMZ_OK;
    bool fits = nulls <= (uint64_t)self->nulls_left;
    self->nulls_left -= fits ? (int64_t)nulls : 0;
    if (fits && (self->chunk_rows > 0 || self->nulls_left == 0))
        return HMZ_OK;
    return hmz_fail(err, HMZ_E_DAMAGED,
                    "the row group before byte %" PRIu64 " has not as many nulls as the footer says",
                    self->offset);
}

static int open_page(struct hmz_column_reader *self, size_t plain_bytes, struct hmz_error *err)
{
    uint64_t present;
    uint32_t rows = self->page_rows;
    self->values = hmz_cursor_over(self->page, plain_bytes);
    uint32_t length = hmz_cursor_u32(&self->values);
    const uint8_t *levels = hmz_cursor_bytes(&self->values, length);
    if (!levels)
        return hmz_fail(err, HMZ_E_DAMAGED,
                        "the page before byte %" PRIu64 " is shorter than its definition levels",
                        self->offset);
    self->levels = hmz_cursor_over(levels, length);
    int status = check_levels(self, &present, err);
    if (status == HMZ_OK)
        status = check_values(self, present, err);
    return status == HMZ_OK ? take_nulls(self, rows - present, err) : status;
}

static int read_header(const struct hmz_column_reader *self, int fd, struct header *header,
                       struct hmz_error *err)
{
    uint8_t bytes[HEADER_BYTES_LAST];
    uint64_t left = self->end - self->offset;
    size_t length = left < sizeof bytes ? (size_t)left : sizeof bytes;
    int status = hmz_io_read_at(fd, bytes, length, self->offset, err);
    if (status == HMZ_OK && !parse_header(bytes, length, header))
        status = hmz_fail(err, HMZ_E_DAMAGED,
                          "at byte %" PRIu64 " there is no page header as tables of this program have them",
                          self->offset);
    return status;
}

static int load_page(struct hmz_column_reader *self, int fd, struct hmz_error *err)
{
    struct header header;
    int status = read_header(self, fd, &header, err);
    if (status == HMZ_OK)
        status = check_header(self, &header, err);
    if (status != HMZ_OK)
        return status;
    uint8_t *packed = malloc((size_t)header.packed_bytes);
    if (!packed)
        return hmz_fail_nomem(err, "a page of a table");
    status = hmz_io_read_at(fd, packed, (size_t)header.packed_bytes, self->offset, err);
    if (status == HMZ_OK)
        status = unpack(self, packed, &header, err);
    free(packed);
    self->offset += (uint64_t)header.packed_bytes;
    return status == HMZ_OK ? open_page(self, (size_t)header.plain_bytes, err) : status;
}

/* ---- cells ---- */

/* The page was checked: the bytes are there. This is what the time of a large table goes into. */
static uint64_t take_number(struct hmz_cursor *from, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value |= (uint64_t)from->at[i] << (8 * i);
    from->at += width;
    return value;
}

static void take_value(struct hmz_column_reader *self)
{
    if (self->type == HMZ_PARQUET_TEXT) {
        size_t length = (size_t)take_number(&self->values, 4);
        self->bytes = hmz_cursor_over(self->values.at, length);
        self->values.at += length;
    } else {
        self->bits = self->width == 8 ? take_number(&self->values, 8) : take_number(&self->values, 4);
    }
}

int hmz_column_reader_next(struct hmz_column_reader *self, int fd, struct hmz_error *err)
{
    if (self->page_rows == 0) {
        int status = load_page(self, fd, err);
        if (status != HMZ_OK)
            return status;
    }
    if (self->run_rows == 0)
        next_run(self);
    self->run_rows--;
    self->page_rows--;
    self->present = self->run_present;
    if (self->present)
        take_value(self);
    return HMZ_OK;
}
