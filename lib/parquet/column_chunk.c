/* SPDX-License-Identifier: MIT */
#include "column_chunk.h"

#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "parquet_types.h"
#include "thrift_compact.h"

enum { PAGE_BYTES = 1 << 20, PAGE_ROWS = 1 << 15, ZSTD_LEVEL = 3 };

void hmz_column_chunk_release(struct hmz_column_chunk *self)
{
    hmz_buffer_release(&self->values);
    hmz_buffer_release(&self->levels);
    hmz_buffer_release(&self->pages);
}

void hmz_column_chunk_reset(struct hmz_column_chunk *self, enum hmz_parquet_type type)
{
    hmz_buffer_clear(&self->values);
    hmz_buffer_clear(&self->levels);
    hmz_buffer_clear(&self->pages);
    *self = (struct hmz_column_chunk){
        .type = type, .values = self->values, .levels = self->levels, .pages = self->pages};
}

/* ---- definition levels: 1 where there is a value ---- */

static void close_run(struct hmz_column_chunk *self)
{
    if (self->run_rows == 0)
        return;
    hmz_buffer_put_varint(&self->levels, (uint64_t)self->run_rows << 1);
    hmz_buffer_put_u8(&self->levels, self->run_present);
    self->run_rows = 0;
}

static void add_level(struct hmz_column_chunk *self, bool present)
{
    if (self->run_present != present)
        close_run(self);
    self->run_present = present;
    self->run_rows++;
    self->page_rows++;
    self->rows++;
}

/* ---- values ---- */

static double as_double(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static bool less(enum hmz_parquet_type type, uint64_t a, uint64_t b)
{
    if (type == HMZ_PARQUET_I32)
        return (int32_t)(uint32_t)a < (int32_t)(uint32_t)b;
    if (type == HMZ_PARQUET_DOUBLE)
        return as_double(a) < as_double(b);
    return a < b;
}

void hmz_column_chunk_put_number(struct hmz_column_chunk *self, uint64_t bits)
{
    add_level(self, true);
    if (hmz_parquet_types[self->type].width == 8)
        hmz_buffer_put_u64(&self->values, bits);
    else
        hmz_buffer_put_u32(&self->values, (uint32_t)bits);
    if (!self->bounded || less(self->type, bits, self->least))
        self->least = bits;
    if (!self->bounded || less(self->type, self->most, bits))
        self->most = bits;
    self->bounded = true;
}

void hmz_column_chunk_put_text(struct hmz_column_chunk *self, const char *text)
{
    size_t length = strlen(text);
    add_level(self, true);
    hmz_buffer_put_text(&self->values, text);
    if (length > HMZ_STATISTICS_TEXT_LAST) {
        self->unbounded = true;
        return;
    }
    if (!self->bounded || strcmp(text, self->least_text) < 0)
        memcpy(self->least_text, text, length + 1);
    if (!self->bounded || strcmp(text, self->most_text) > 0)
        memcpy(self->most_text, text, length + 1);
    self->bounded = true;
}

void hmz_column_chunk_put_null(struct hmz_column_chunk *self)
{
    add_level(self, false);
    self->nulls++;
}

/* ---- pages ---- */

bool hmz_column_chunk_page_is_full(const struct hmz_column_chunk *self)
{
    return self->page_rows >= PAGE_ROWS || self->values.used >= PAGE_BYTES;
}

static void put_header(struct hmz_buffer *to, uint32_t rows, size_t plain_bytes, size_t packed_bytes)
{
    struct hmz_thrift_struct header = hmz_thrift_begin(to);
    hmz_thrift_i32(&header, 1, HMZ_PARQUET_PAGE_DATA);
    hmz_thrift_i32(&header, 2, (int32_t)plain_bytes);
    hmz_thrift_i32(&header, 3, (int32_t)packed_bytes);
    struct hmz_thrift_struct data = hmz_thrift_struct_field(&header, 5);
    hmz_thrift_i32(&data, 1, (int32_t)rows);
    hmz_thrift_i32(&data, 2, HMZ_PARQUET_ENCODING_PLAIN);
    hmz_thrift_i32(&data, 3, HMZ_PARQUET_ENCODING_RLE);
    hmz_thrift_i32(&data, 4, HMZ_PARQUET_ENCODING_RLE);
    hmz_thrift_end(&data);
    hmz_thrift_end(&header);
}

/* With a checksum of the content, which every reader of zstd compares. */
static size_t compress(struct hmz_buffer *to, const struct hmz_buffer *from)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    if (!context)
        return (size_t)-ZSTD_error_memory_allocation;
    size_t result = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, ZSTD_LEVEL);
    if (!ZSTD_isError(result))
        result = ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    if (!ZSTD_isError(result))
        result = ZSTD_compress2(context, to->data, to->used, from->data, from->used);
    ZSTD_freeCCtx(context);
    return result;
}

static int add_page(struct hmz_column_chunk *self, const struct hmz_buffer *plain, struct hmz_buffer *packed,
                    struct hmz_error *err)
{
    size_t header_at = self->pages.used;
    size_t length = compress(packed, plain);
    if (ZSTD_getErrorCode(length) == ZSTD_error_memory_allocation)
        return hmz_fail_nomem(err, "a page of a table");
    if (ZSTD_isError(length))
        return hmz_fail(err, HMZ_E_FAILED, "zstd: %s", ZSTD_getErrorName(length));
    put_header(&self->pages, self->page_rows, plain->used, length);
    self->plain_bytes += self->pages.used - header_at + plain->used;
    hmz_buffer_put(&self->pages, packed->data, length);
    return hmz_buffer_check(&self->pages, "a page", err);
}

/* Makes room of `length` bytes that are written by somebody else. */
static void make_packed_room(struct hmz_buffer *packed, size_t length)
{
    static const uint8_t zeros[4096];
    while (!packed->failed && packed->used < length)
        hmz_buffer_put(packed, zeros, sizeof zeros);
}

int hmz_column_chunk_flush(struct hmz_column_chunk *self, struct hmz_error *err)
{
    struct hmz_buffer plain = {0};
    struct hmz_buffer packed = {0};
    if (self->page_rows == 0)
        return HMZ_OK;
    close_run(self);
    hmz_buffer_put_u32(&plain, (uint32_t)self->levels.used);
    hmz_buffer_put(&plain, self->levels.data, self->levels.used);
    hmz_buffer_put(&plain, self->values.data, self->values.used);
    plain.failed = plain.failed || self->levels.failed || self->values.failed;
    make_packed_room(&packed, ZSTD_compressBound(plain.used));
    int status = hmz_buffer_check(&plain, "a page", err);
    if (status == HMZ_OK)
        status = hmz_buffer_check(&packed, "a page", err);
    if (status == HMZ_OK)
        status = add_page(self, &plain, &packed, err);
    hmz_buffer_release(&plain);
    hmz_buffer_release(&packed);
    hmz_buffer_clear(&self->values);
    hmz_buffer_clear(&self->levels);
    self->page_rows = 0;
    return status;
}
