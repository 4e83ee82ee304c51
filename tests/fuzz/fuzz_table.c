/* SPDX-License-Identifier: MIT */
/* Any bytes as a table. The first byte of the input says how: 'R', the rest is the file; 'P', a type of
 * column (u8), a number of rows (u32), and what lies behind the compression: the rest is the plain bytes of
 * the only page of a table that is right in all else. */
#include "fuzz_target.h"

#include <assert.h>
#include <zstd.h>

#include "fuzz_file.h"
#include "parquet_reader.h"
#include "parquet_types.h"
#include "thrift_compact.h"

static void put_rest(struct hmz_buffer *to, const struct hmz_cursor *from)
{
    hmz_buffer_put(to, from->at, (size_t)(from->end - from->at));
}

/* ---- a table around a page ---- */

struct page {
    const struct hmz_parquet_type_words *words;
    uint32_t rows;
    struct hmz_cursor plain;
    size_t plain_bytes, bytes; /* with its header */
};

static void put_page(struct hmz_buffer *to, struct page *page)
{
    size_t plain_bytes = (size_t)(page->plain.end - page->plain.at);
    struct hmz_buffer packed = {0};
    for (size_t i = 0; i < ZSTD_compressBound(plain_bytes); i++)
        hmz_buffer_put_u8(&packed, 0);
    size_t length = ZSTD_compress(packed.data, packed.used, page->plain.at, plain_bytes, 1);
    assert(!ZSTD_isError(length));
    size_t at = to->used;
    struct hmz_thrift_struct header = hmz_thrift_begin(to);
    hmz_thrift_i32(&header, 1, HMZ_PARQUET_PAGE_DATA);
    hmz_thrift_i32(&header, 2, (int32_t)plain_bytes);
    hmz_thrift_i32(&header, 3, (int32_t)length);
    struct hmz_thrift_struct data = hmz_thrift_struct_field(&header, 5);
    hmz_thrift_i32(&data, 1, (int32_t)page->rows);
    hmz_thrift_i32(&data, 2, HMZ_PARQUET_ENCODING_PLAIN);
    hmz_thrift_i32(&data, 3, HMZ_PARQUET_ENCODING_RLE);
    hmz_thrift_i32(&data, 4, HMZ_PARQUET_ENCODING_RLE);
    hmz_thrift_end(&data);
    hmz_thrift_end(&header);
    page->plain_bytes = to->used - at + plain_bytes;
    hmz_buffer_put(to, packed.data, length);
    page->bytes = to->used - at;
    hmz_buffer_release(&packed);
}

static void put_old_and_new_type(struct hmz_thrift_struct *element,
                                 const struct hmz_parquet_type_words *words)
{
    hmz_thrift_i32(element, 6, words->converted);
    struct hmz_thrift_struct logical = hmz_thrift_struct_field(element, 10);
    struct hmz_thrift_struct kind = hmz_thrift_struct_field(
        &logical, words->bits ? HMZ_PARQUET_LOGICAL_INTEGER : HMZ_PARQUET_LOGICAL_STRING);
    if (words->bits) {
        hmz_thrift_i8(&kind, 1, words->bits);
        hmz_thrift_bool(&kind, 2, words->has_sign);
    }
    hmz_thrift_end(&kind);
    hmz_thrift_end(&logical);
}

static void put_schema(struct hmz_thrift_struct *footer, const struct hmz_parquet_type_words *words)
{
    hmz_thrift_list_field(footer, 2, HMZ_THRIFT_STRUCT, 2);
    struct hmz_thrift_struct root = hmz_thrift_begin(footer->to);
    hmz_thrift_i32(&root, 5, 1);
    hmz_thrift_end(&root);
    struct hmz_thrift_struct element = hmz_thrift_begin(footer->to);
    hmz_thrift_i32(&element, 1, words->physical);
    hmz_thrift_i32(&element, 3, HMZ_PARQUET_REPETITION_OPTIONAL);
    hmz_thrift_text(&element, 4, "c");
    if (words->converted != HMZ_PARQUET_CONVERTED_NONE)
        put_old_and_new_type(&element, words);
    hmz_thrift_end(&element);
}

static void put_chunk(struct hmz_thrift_struct *group, const struct page *page)
{
    hmz_thrift_list_field(group, 1, HMZ_THRIFT_STRUCT, 1);
    struct hmz_thrift_struct chunk = hmz_thrift_begin(group->to);
    hmz_thrift_i64(&chunk, 2, HMZ_PARQUET_MAGIC_BYTES);
    struct hmz_thrift_struct data = hmz_thrift_struct_field(&chunk, 3);
    hmz_thrift_i32(&data, 1, page->words->physical);
    hmz_thrift_list_field(&data, 2, HMZ_THRIFT_I32, 2);
    hmz_thrift_element_i32(data.to, HMZ_PARQUET_ENCODING_PLAIN);
    hmz_thrift_element_i32(data.to, HMZ_PARQUET_ENCODING_RLE);
    hmz_thrift_list_field(&data, 3, HMZ_THRIFT_BINARY, 1);
    hmz_thrift_element_text(data.to, "c");
    hmz_thrift_i32(&data, 4, HMZ_PARQUET_CODEC_ZSTD);
    hmz_thrift_i64(&data, 5, page->rows);
    hmz_thrift_i64(&data, 6, (int64_t)page->plain_bytes);
    hmz_thrift_i64(&data, 7, (int64_t)page->bytes);
    hmz_thrift_i64(&data, 9, HMZ_PARQUET_MAGIC_BYTES);
    hmz_thrift_end(&data);
    hmz_thrift_end(&chunk);
    hmz_thrift_i64(group, 2, (int64_t)page->plain_bytes);
    hmz_thrift_i64(group, 3, page->rows);
    hmz_thrift_end(group);
}

static void put_table(struct hmz_buffer *to, struct hmz_cursor *input)
{
    struct hmz_buffer footer = {0};
    struct page page = {.words = &hmz_parquet_types[hmz_cursor_u8(input) % HMZ_PARQUET_TYPE_COUNT],
                        .rows = hmz_cursor_u32(input) & INT32_MAX};
    page.plain = *input;
    hmz_buffer_put(to, HMZ_PARQUET_MAGIC, HMZ_PARQUET_MAGIC_BYTES);
    put_page(to, &page);
    struct hmz_thrift_struct file = hmz_thrift_begin(&footer);
    hmz_thrift_i32(&file, 1, HMZ_PARQUET_FORMAT_VERSION);
    put_schema(&file, page.words);
    hmz_thrift_i64(&file, 3, page.rows);
    hmz_thrift_list_field(&file, 4, HMZ_THRIFT_STRUCT, 1);
    struct hmz_thrift_struct group = hmz_thrift_begin(&footer);
    put_chunk(&group, &page);
    hmz_thrift_end(&file);
    hmz_buffer_put(to, footer.data, footer.used);
    hmz_buffer_put_u32(to, (uint32_t)footer.used);
    hmz_buffer_put(to, HMZ_PARQUET_MAGIC, HMZ_PARQUET_MAGIC_BYTES);
    hmz_buffer_release(&footer);
}

/* ---- reading it ---- */

/* All columns that tables of ours, the corpus and the table above have, whatever their type. */
static const char *const names[] = {"c", "run", "orig_run", "orig_event", "traces", "title", "version"};
enum { NAME_COUNT = sizeof names / sizeof *names };

struct column {
    bool found;
    enum hmz_parquet_type type;
    size_t at;
};

static void find_column(struct hmz_parquet_reader *table, const char *name, struct column *out)
{
    struct hmz_error err;
    for (int type = 0; type < HMZ_PARQUET_TYPE_COUNT && !out->found; type++) {
        out->type = (enum hmz_parquet_type)type;
        out->found = hmz_parquet_find(table, name, out->type, &out->at, &err) == HMZ_OK;
    }
}

/* The sum keeps all bytes of a text looked at. */
static uint64_t read_cell(const struct hmz_parquet_reader *table, const struct column *column)
{
    uint32_t u32 = 0;
    int32_t i32 = 0;
    uint64_t sum = 0;
    double number;
    const char *text;
    size_t length = 0;
    if (column->type == HMZ_PARQUET_U32)
        return hmz_parquet_get_u32(table, column->at, &u32) ? u32 : 0;
    if (column->type == HMZ_PARQUET_I32)
        return hmz_parquet_get_i32(table, column->at, &i32) ? (uint32_t)i32 : 0;
    if (column->type == HMZ_PARQUET_U64)
        return hmz_parquet_get_u64(table, column->at, &sum) ? sum : 0;
    if (column->type == HMZ_PARQUET_DOUBLE && hmz_parquet_get_double(table, column->at, &number))
        memcpy(&sum, &number, sizeof sum);
    if (column->type == HMZ_PARQUET_DOUBLE)
        return sum;
    if (hmz_parquet_get_text(table, column->at, &text, &length))
        for (size_t i = 0; i < length; i++)
            sum += (uint8_t)text[i];
    return sum;
}

static int read_table(struct hmz_parquet_reader *table, struct hmz_error *err)
{
    struct column columns[NAME_COUNT] = {0};
    volatile uint64_t sum = 0;
    uint64_t rows = 0;
    int status;
    for (size_t i = 0; i < NAME_COUNT; i++)
        find_column(table, names[i], &columns[i]);
    bool any = false;
    for (size_t i = 0; i < NAME_COUNT; i++)
        any = any || columns[i].found;
    if (!any)
        return HMZ_OK; /* rows without columns could be counted up to 2^63 */
    while ((status = hmz_parquet_next_row(table, err)) == HMZ_OK) {
        rows++;
        for (size_t i = 0; i < NAME_COUNT; i++)
            if (columns[i].found)
                sum = sum + read_cell(table, &columns[i]);
    }
    assert(status != HMZ_END || rows == hmz_parquet_row_count(table));
    return status == HMZ_END ? HMZ_OK : status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hmz_cursor input = hmz_cursor_over(data, size);
    struct hmz_buffer bytes = {0};
    if (hmz_cursor_u8(&input) == 'R')
        put_rest(&bytes, &input);
    else
        put_table(&bytes, &input);
    assert(!bytes.failed);
    struct hmz_fuzz_file file = hmz_fuzz_file_new(bytes.data, bytes.used);
    struct hmz_parquet_reader *table = NULL;
    struct hmz_error err;
    int status = hmz_parquet_open(file.fd, "table", &table, &err);
    if (status == HMZ_OK)
        status = read_table(table, &err);
    if (status != HMZ_OK)
        hmz_fuzz_check_refused(status, &err);
    hmz_parquet_close(table);
    hmz_fuzz_file_close(&file);
    hmz_buffer_release(&bytes);
    return 0;
}
