/* SPDX-License-Identifier: MIT */
#include "parquet_writer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "column_chunk.h"
#include "parquet_types.h"
#include "thrift_compact.h"

struct column {
    struct hmz_parquet_column about;
    struct hmz_column_chunk chunk;
    bool put; /* in the row at hand */
};

struct hmz_parquet {
    struct column *columns;
    size_t column_count;
    struct hmz_parquet_options options;
    struct hmz_outfile *file;
    uint32_t group_rows; /* in the row group at hand */
    uint64_t rows;
    size_t group_count;
    struct hmz_buffer groups; /* RowGroup structs, encoded */
};

int hmz_parquet_new(const struct hmz_parquet_column *columns, size_t column_count,
                    const struct hmz_parquet_options *options, struct hmz_outfile *file,
                    struct hmz_parquet **table_out, struct hmz_error *err)
{
    assert(options->row_group_rows > 0 && options->row_group_rows <= HMZ_PARQUET_ROW_GROUP_ROWS_LAST);
    struct hmz_parquet *self = calloc(1, sizeof *self);
    if (self)
        self->columns = calloc(column_count, sizeof *self->columns);
    if (!self || !self->columns) {
        hmz_parquet_free(self);
        return hmz_fail_nomem(err, "a table");
    }
    self->column_count = column_count;
    self->options = *options;
    self->file = file;
    for (size_t i = 0; i < column_count; i++) {
        self->columns[i].about = columns[i];
        hmz_column_chunk_reset(&self->columns[i].chunk, columns[i].type);
    }
    int status = hmz_outfile_write(file, HMZ_PARQUET_MAGIC, HMZ_PARQUET_MAGIC_BYTES, err);
    if (status != HMZ_OK) {
        hmz_parquet_free(self);
        return status;
    }
    *table_out = self;
    return HMZ_OK;
}

void hmz_parquet_free(struct hmz_parquet *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->column_count; i++)
        hmz_column_chunk_release(&self->columns[i].chunk);
    hmz_buffer_release(&self->groups);
    free(self->columns);
    free(self);
}

/* ---- cells ---- */

static struct hmz_column_chunk *cell(struct hmz_parquet *self, size_t column, enum hmz_parquet_type type)
{
    (void)type; /* where asserts are off */
    assert(column < self->column_count);
    struct column *at = &self->columns[column];
    assert(at->about.type == type && !at->put);
    at->put = true;
    return &at->chunk;
}

void hmz_parquet_put_i32(struct hmz_parquet *self, size_t column, int32_t value)
{
    hmz_column_chunk_put_number(cell(self, column, HMZ_PARQUET_I32), (uint32_t)value);
}

void hmz_parquet_put_u32(struct hmz_parquet *self, size_t column, uint32_t value)
{
    hmz_column_chunk_put_number(cell(self, column, HMZ_PARQUET_U32), value);
}

void hmz_parquet_put_u64(struct hmz_parquet *self, size_t column, uint64_t value)
{
    hmz_column_chunk_put_number(cell(self, column, HMZ_PARQUET_U64), value);
}

void hmz_parquet_put_double(struct hmz_parquet *self, size_t column, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    hmz_column_chunk_put_number(cell(self, column, HMZ_PARQUET_DOUBLE), bits);
}

void hmz_parquet_put_text(struct hmz_parquet *self, size_t column, const char *text)
{
    hmz_column_chunk_put_text(cell(self, column, HMZ_PARQUET_TEXT), text);
}

/* ---- row groups ---- */

static void put_bounds(struct hmz_thrift_struct *statistics, const struct hmz_column_chunk *chunk)
{
    if (!chunk->bounded || chunk->unbounded)
        return;
    if (chunk->type == HMZ_PARQUET_TEXT) {
        hmz_thrift_text(statistics, 5, chunk->most_text);
        hmz_thrift_text(statistics, 6, chunk->least_text);
        return;
    }
    size_t width = hmz_parquet_types[chunk->type].width;
    uint8_t most[8];
    uint8_t least[8];
    for (size_t i = 0; i < width; i++) {
        most[i] = (uint8_t)(chunk->most >> (8 * i));
        least[i] = (uint8_t)(chunk->least >> (8 * i));
    }
    hmz_thrift_binary(statistics, 5, most, width);
    hmz_thrift_binary(statistics, 6, least, width);
}

static void put_column_metadata(struct hmz_thrift_struct *column_chunk, const struct column *column,
                                uint64_t offset)
{
    const struct hmz_column_chunk *chunk = &column->chunk;
    struct hmz_thrift_struct data = hmz_thrift_struct_field(column_chunk, 3);
    hmz_thrift_i32(&data, 1, hmz_parquet_types[chunk->type].physical);
    hmz_thrift_list_field(&data, 2, HMZ_THRIFT_I32, 2);
    hmz_thrift_element_i32(data.to, HMZ_PARQUET_ENCODING_PLAIN);
    hmz_thrift_element_i32(data.to, HMZ_PARQUET_ENCODING_RLE);
    hmz_thrift_list_field(&data, 3, HMZ_THRIFT_BINARY, 1);
    hmz_thrift_element_text(data.to, column->about.name);
    hmz_thrift_i32(&data, 4, HMZ_PARQUET_CODEC_ZSTD);
    hmz_thrift_i64(&data, 5, (int64_t)chunk->rows);
    hmz_thrift_i64(&data, 6, (int64_t)chunk->plain_bytes);
    hmz_thrift_i64(&data, 7, (int64_t)chunk->pages.used);
    hmz_thrift_i64(&data, 9, (int64_t)offset);
    struct hmz_thrift_struct statistics = hmz_thrift_struct_field(&data, 12);
    hmz_thrift_i64(&statistics, 3, (int64_t)chunk->nulls);
    put_bounds(&statistics, chunk);
    hmz_thrift_end(&statistics);
    hmz_thrift_end(&data);
}

static int write_column(struct hmz_parquet *self, struct column *column, struct hmz_error *err)
{
    int status = hmz_column_chunk_flush(&column->chunk, err);
    if (status != HMZ_OK)
        return status;
    uint64_t offset = self->file->length;
    struct hmz_thrift_struct column_chunk = hmz_thrift_begin(&self->groups);
    hmz_thrift_i64(&column_chunk, 2, (int64_t)offset);
    put_column_metadata(&column_chunk, column, offset);
    hmz_thrift_end(&column_chunk);
    return hmz_outfile_write(self->file, column->chunk.pages.data, column->chunk.pages.used, err);
}

static int write_group(struct hmz_parquet *self, struct hmz_error *err)
{
    uint64_t plain_bytes = 0;
    struct hmz_thrift_struct group = hmz_thrift_begin(&self->groups);
    hmz_thrift_list_field(&group, 1, HMZ_THRIFT_STRUCT, self->column_count);
    for (size_t i = 0; i < self->column_count; i++) {
        int status = write_column(self, &self->columns[i], err);
        if (status != HMZ_OK)
            return status;
        plain_bytes += self->columns[i].chunk.plain_bytes;
        hmz_column_chunk_reset(&self->columns[i].chunk, self->columns[i].about.type);
    }
    hmz_thrift_i64(&group, 2, (int64_t)plain_bytes);
    hmz_thrift_i64(&group, 3, self->group_rows);
    hmz_thrift_end(&group);
    self->rows += self->group_rows;
    self->group_rows = 0;
    self->group_count++;
    return hmz_buffer_check(&self->groups, "a row group", err);
}

int hmz_parquet_end_row(struct hmz_parquet *self, struct hmz_error *err)
{
    for (size_t i = 0; i < self->column_count; i++) {
        struct column *column = &self->columns[i];
        if (!column->put)
            hmz_column_chunk_put_null(&column->chunk);
        column->put = false;
        if (!hmz_column_chunk_page_is_full(&column->chunk))
            continue;
        int status = hmz_column_chunk_flush(&column->chunk, err);
        if (status != HMZ_OK)
            return status;
    }
    return ++self->group_rows == self->options.row_group_rows ? write_group(self, err) : HMZ_OK;
}

/* ---- footer ---- */

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

static void put_schema_element(struct hmz_buffer *to, const struct hmz_parquet_column *column)
{
    const struct hmz_parquet_type_words *words = &hmz_parquet_types[column->type];
    struct hmz_thrift_struct element = hmz_thrift_begin(to);
    hmz_thrift_i32(&element, 1, words->physical);
    hmz_thrift_i32(&element, 3, HMZ_PARQUET_REPETITION_OPTIONAL);
    hmz_thrift_text(&element, 4, column->name);
    if (words->converted != HMZ_PARQUET_CONVERTED_NONE)
        put_old_and_new_type(&element, words);
    hmz_thrift_end(&element);
}

static void put_schema(const struct hmz_parquet *self, struct hmz_thrift_struct *footer)
{
    hmz_thrift_list_field(footer, 2, HMZ_THRIFT_STRUCT, self->column_count + 1);
    struct hmz_thrift_struct root = hmz_thrift_begin(footer->to);
    hmz_thrift_text(&root, 4, "schema");
    hmz_thrift_i32(&root, 5, (int32_t)self->column_count);
    hmz_thrift_end(&root);
    for (size_t i = 0; i < self->column_count; i++)
        put_schema_element(footer->to, &self->columns[i].about);
}

/* "column": "meaning [unit]". */
static void put_description(struct hmz_buffer *to, const struct hmz_parquet_column *column)
{
    struct hmz_thrift_struct entry = hmz_thrift_begin(to);
    char text[HMZ_PARQUET_MEANING_LAST + 1];
    snprintf(text, sizeof text, "%s%s%s%s", column->meaning, column->unit ? " [" : "",
             column->unit ? column->unit : "", column->unit ? "]" : "");
    hmz_thrift_text(&entry, 1, column->name);
    hmz_thrift_text(&entry, 2, text);
    hmz_thrift_end(&entry);
}

static void put_descriptions(const struct hmz_parquet *self, struct hmz_thrift_struct *footer)
{
    size_t count = 0;
    for (size_t i = 0; i < self->column_count; i++)
        count += self->columns[i].about.meaning != NULL;
    if (count == 0)
        return;
    hmz_thrift_list_field(footer, 5, HMZ_THRIFT_STRUCT, count);
    for (size_t i = 0; i < self->column_count; i++)
        if (self->columns[i].about.meaning)
            put_description(footer->to, &self->columns[i].about);
}

/* Without these, readers do not trust min_value and max_value. */
static void put_column_orders(const struct hmz_parquet *self, struct hmz_thrift_struct *footer)
{
    hmz_thrift_list_field(footer, 7, HMZ_THRIFT_STRUCT, self->column_count);
    for (size_t i = 0; i < self->column_count; i++) {
        struct hmz_thrift_struct order = hmz_thrift_begin(footer->to);
        struct hmz_thrift_struct type_order = hmz_thrift_struct_field(&order, 1);
        hmz_thrift_end(&type_order);
        hmz_thrift_end(&order);
    }
}

static void put_footer(const struct hmz_parquet *self, struct hmz_buffer *to)
{
    struct hmz_thrift_struct footer = hmz_thrift_begin(to);
    hmz_thrift_i32(&footer, 1, HMZ_PARQUET_FORMAT_VERSION);
    put_schema(self, &footer);
    hmz_thrift_i64(&footer, 3, (int64_t)self->rows);
    hmz_thrift_list_field(&footer, 4, HMZ_THRIFT_STRUCT, self->group_count);
    hmz_buffer_put(to, self->groups.data, self->groups.used);
    put_descriptions(self, &footer);
    hmz_thrift_text(&footer, 6, self->options.created_by);
    put_column_orders(self, &footer);
    hmz_thrift_end(&footer);
    hmz_buffer_put_u32(to, (uint32_t)to->used);
    hmz_buffer_put(to, HMZ_PARQUET_MAGIC, HMZ_PARQUET_MAGIC_BYTES);
}

int hmz_parquet_finish(struct hmz_parquet *self, struct hmz_error *err)
{
    struct hmz_buffer footer = {0};
    int status = self->group_rows > 0 ? write_group(self, err) : HMZ_OK;
    if (status != HMZ_OK)
        return status;
    put_footer(self, &footer);
    status = hmz_buffer_check(&footer, "the footer of a table", err);
    if (status == HMZ_OK)
        status = hmz_outfile_write(self->file, footer.data, footer.used, err);
    hmz_buffer_release(&footer);
    return status;
}
