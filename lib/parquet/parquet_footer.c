/* SPDX-License-Identifier: MIT */
#include "parquet_footer.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "parquet_types.h"
#include "thrift_reader.h"

/* A footer on its way. */
struct reading {
    struct hmz_parquet_footer *footer;
    struct hmz_cursor from;
    uint64_t data_end;
    uint64_t next_offset; /* where the next chunk has to begin */
    size_t chunk_count;
    bool has_schema;
    struct hmz_error *err;
};

void hmz_parquet_footer_release(struct hmz_parquet_footer *self)
{
    for (size_t i = 0; i < self->column_count; i++)
        free((char *)self->columns[i].name);
    free(self->columns);
    free(self->group_rows);
    free(self->chunks);
    *self = (struct hmz_parquet_footer){0};
}

static int unreadable(const struct reading *self)
{
    return hmz_fail(self->err, HMZ_E_DAMAGED, "the footer does not read as one");
}

/* ---- schema ---- */

struct element {
    int32_t physical, repetition, converted, children;
    int8_t bits;
    bool is_text, has_sign, has_children;
    struct hmz_cursor name;
};

static void read_integer(struct hmz_thrift_reader *logical, struct element *out)
{
    struct hmz_thrift_reader kind = hmz_thrift_take_struct(logical);
    while (hmz_thrift_next(&kind)) {
        if (kind.field == 1)
            out->bits = hmz_thrift_take_i8(&kind);
        else if (kind.field == 2)
            out->has_sign = hmz_thrift_take_bool(&kind);
    }
}

static void read_logical(struct hmz_thrift_reader *element, struct element *out)
{
    struct hmz_thrift_reader logical = hmz_thrift_take_struct(element);
    while (hmz_thrift_next(&logical)) {
        if (logical.field == HMZ_PARQUET_LOGICAL_INTEGER)
            read_integer(&logical, out);
        else
            out->is_text = logical.field == HMZ_PARQUET_LOGICAL_STRING;
    }
}

static struct element read_element(struct hmz_cursor *from)
{
    struct element out = {.physical = -1, .repetition = -1, .converted = HMZ_PARQUET_CONVERTED_NONE};
    struct hmz_thrift_reader element = hmz_thrift_read(from);
    while (hmz_thrift_next(&element)) {
        if (element.field == 1)
            out.physical = hmz_thrift_take_i32(&element);
        else if (element.field == 3)
            out.repetition = hmz_thrift_take_i32(&element);
        else if (element.field == 4)
            out.name = hmz_thrift_take_binary(&element);
        else if (element.field == 5)
            out.children = hmz_thrift_take_i32(&element);
        else if (element.field == 6)
            out.converted = hmz_thrift_take_i32(&element);
        else if (element.field == 10)
            read_logical(&element, &out);
        out.has_children = out.has_children || element.field == 5;
    }
    return out;
}

static bool is_type(const struct element *element, const struct hmz_parquet_type_words *words)
{
    return !element->has_children && element->repetition == HMZ_PARQUET_REPETITION_OPTIONAL &&
           element->physical == words->physical && element->converted == words->converted &&
           element->bits == words->bits && element->is_text == (words->width == 0) &&
           element->has_sign == words->has_sign;
}

static int add_column(struct reading *self, const struct element *element)
{
    int type = 0;
    size_t length = (size_t)(element->name.end - element->name.at);
    while (type < HMZ_PARQUET_TYPE_COUNT && !is_type(element, &hmz_parquet_types[type]))
        type++;
    if (length == 0 || memchr(element->name.at, 0, length))
        return hmz_fail(self->err, HMZ_E_DAMAGED, "the footer has a column without a name");
    if (type == HMZ_PARQUET_TYPE_COUNT)
        return hmz_fail(self->err, HMZ_E_DAMAGED,
                        "column %.*s: of a type that no table of this program has (physical type %d, "
                        "converted type %d, repetition %d)",
                        (int)(length < 64 ? length : 64), (const char *)element->name.at, element->physical,
                        element->converted, element->repetition);
    char *name = strndup((const char *)element->name.at, length);
    if (!name)
        return hmz_fail_nomem(self->err, "a table");
    self->footer->columns[self->footer->column_count++] =
        (struct hmz_parquet_column){.name = name, .type = (enum hmz_parquet_type)type};
    return HMZ_OK;
}

static int read_schema(struct reading *self, struct hmz_thrift_reader *file)
{
    size_t count = hmz_thrift_take_list(file, HMZ_THRIFT_STRUCT);
    if (self->from.failed || count == 0)
        return unreadable(self);
    const struct element root = read_element(&self->from);
    if (self->from.failed)
        return unreadable(self);
    if ((size_t)root.children != count - 1 || root.physical != -1)
        return hmz_fail(self->err, HMZ_E_DAMAGED, "the footer names %zu columns, its root has %d", count - 1,
                        root.children);
    self->footer->columns = calloc(count, sizeof *self->footer->columns);
    if (!self->footer->columns)
        return hmz_fail_nomem(self->err, "a table");
    self->has_schema = true;
    int status = HMZ_OK;
    for (size_t i = 1; status == HMZ_OK && i < count; i++) {
        const struct element element = read_element(&self->from);
        status = self->from.failed ? unreadable(self) : add_column(self, &element);
    }
    return status;
}

/* ---- column chunks ---- */

struct chunk_words {
    struct hmz_parquet_chunk chunk;
    int32_t physical, codec;
    bool known_encodings, named;
    int64_t rows, offset, data_offset;
};

static bool read_encodings(struct hmz_thrift_reader *data)
{
    size_t count = hmz_thrift_take_list(data, HMZ_THRIFT_I32);
    bool known = count == 2;
    for (size_t i = 0; i < count; i++) {
        int32_t found = hmz_thrift_read_i32(data->from);
        known = known && found == (i ? HMZ_PARQUET_ENCODING_RLE : HMZ_PARQUET_ENCODING_PLAIN);
    }
    return known;
}

static bool read_path(struct hmz_thrift_reader *data, const char *name)
{
    size_t count = hmz_thrift_take_list(data, HMZ_THRIFT_BINARY);
    bool fits = count == 1;
    for (size_t i = 0; i < count; i++) {
        struct hmz_cursor text = hmz_thrift_read_binary(data->from);
        size_t length = (size_t)(text.end - text.at);
        fits = fits && length == strlen(name) && memcmp(text.at, name, length) == 0;
    }
    return fits;
}

static void read_statistics(struct hmz_thrift_reader *data, struct chunk_words *out)
{
    struct hmz_thrift_reader statistics = hmz_thrift_take_struct(data);
    while (hmz_thrift_next(&statistics))
        if (statistics.field == 3)
            out->chunk.nulls = hmz_thrift_take_i64(&statistics);
}

/* What is not said stays -1, which is refused; what is negative, too. */
static void read_metadata(struct hmz_thrift_reader *column, const char *name, struct chunk_words *out)
{
    int64_t plain_bytes = -1;
    int64_t bytes = -1;
    struct hmz_thrift_reader data = hmz_thrift_take_struct(column);
    while (hmz_thrift_next(&data)) {
        switch (data.field) {
        case 1:
            out->physical = hmz_thrift_take_i32(&data);
            break;
        case 2:
            out->known_encodings = read_encodings(&data);
            break;
        case 3:
            out->named = read_path(&data, name);
            break;
        case 4:
            out->codec = hmz_thrift_take_i32(&data);
            break;
        case 5:
            out->rows = hmz_thrift_take_i64(&data);
            break;
        case 6:
            plain_bytes = hmz_thrift_take_i64(&data);
            break;
        case 7:
            bytes = hmz_thrift_take_i64(&data);
            break;
        case 9:
            out->data_offset = hmz_thrift_take_i64(&data);
            break;
        case 12:
            read_statistics(&data, out);
            break;
        default:
            break;
        }
    }
    if (plain_bytes < 0 || bytes < 0)
        data.from->failed = true;
    out->chunk.plain_bytes = (uint64_t)plain_bytes;
    out->chunk.bytes = (uint64_t)bytes;
}

static struct chunk_words read_chunk(struct reading *self, const char *name)
{
    struct chunk_words out = {
        .chunk.nulls = -1, .physical = -1, .codec = -1, .rows = -1, .offset = -1, .data_offset = -1};
    bool has_metadata = false;
    struct hmz_thrift_reader column = hmz_thrift_read(&self->from);
    while (hmz_thrift_next(&column)) {
        if (column.field == 2)
            out.offset = hmz_thrift_take_i64(&column);
        else if (column.field == 3)
            read_metadata(&column, name, &out);
        has_metadata = has_metadata || column.field == 3;
    }
    if (!has_metadata)
        self->from.failed = true;
    return out;
}

static int check_chunk(const struct reading *self, const struct chunk_words *found,
                       const struct hmz_parquet_column *column)
{
    if (self->from.failed)
        return unreadable(self);
    if (!found->named || found->physical != hmz_parquet_types[column->type].physical ||
        !found->known_encodings || found->codec != HMZ_PARQUET_CODEC_ZSTD)
        return hmz_fail(self->err, HMZ_E_DAMAGED,
                        "column %s: another name, type (%d), encoding or compression (%d) in row group %zu "
                        "than tables of this program have",
                        column->name, found->physical, found->codec, self->footer->group_count);
    if ((uint64_t)found->offset != self->next_offset || found->data_offset != found->offset ||
        found->chunk.bytes > self->data_end - self->next_offset)
        return hmz_fail(self->err, HMZ_E_DAMAGED,
                        "column %s: row group %zu at byte %" PRId64 ", %" PRIu64 " bytes long: expected at "
                        "byte %" PRIu64 ", and to end before byte %" PRIu64,
                        column->name, self->footer->group_count, found->offset, found->chunk.bytes,
                        self->next_offset, self->data_end);
    return HMZ_OK;
}

static int add_chunk(struct reading *self, const struct hmz_parquet_chunk *chunk)
{
    struct hmz_parquet_chunk *added =
        hmz_list_add(&self->footer->chunks, &self->chunk_count, sizeof *self->footer->chunks);
    if (!added)
        return hmz_fail_nomem(self->err, "a table");
    *added = *chunk;
    added->offset = self->next_offset;
    self->next_offset += chunk->bytes;
    return HMZ_OK;
}

/* ---- row groups ---- */

static int read_columns(struct reading *self, struct hmz_thrift_reader *group, int64_t *rows_out,
                        uint64_t *plain_bytes_out)
{
    const struct hmz_parquet_footer *footer = self->footer;
    size_t count = hmz_thrift_take_list(group, HMZ_THRIFT_STRUCT);
    int status = HMZ_OK;
    if (self->from.failed)
        return unreadable(self);
    if (count != footer->column_count || count == 0)
        return hmz_fail(self->err, HMZ_E_DAMAGED, "row group %zu has %zu columns, the table %zu",
                        footer->group_count, count, footer->column_count);
    for (size_t i = 0; status == HMZ_OK && i < count; i++) {
        const struct hmz_parquet_column *column = &footer->columns[i];
        const struct chunk_words found = read_chunk(self, column->name);
        status = check_chunk(self, &found, column);
        if (status == HMZ_OK && i > 0 && found.rows != *rows_out)
            status =
                hmz_fail(self->err, HMZ_E_DAMAGED,
                         "column %s: %" PRId64 " values in row group %zu, column %s has %" PRId64,
                         column->name, found.rows, footer->group_count, footer->columns[0].name, *rows_out);
        *rows_out = found.rows;
        if (status == HMZ_OK &&
            __builtin_add_overflow(*plain_bytes_out, found.chunk.plain_bytes, plain_bytes_out))
            status = unreadable(self);
        if (status == HMZ_OK)
            status = add_chunk(self, &found.chunk);
    }
    return status;
}

static int read_group(struct reading *self)
{
    int64_t rows = -1;
    int64_t plain_bytes = -1;
    int64_t values = -1; /* of each column */
    uint64_t plain_sum = 0;
    int status = HMZ_OK;
    struct hmz_thrift_reader group = hmz_thrift_read(&self->from);
    while (status == HMZ_OK && hmz_thrift_next(&group)) {
        if (group.field == 1)
            status = read_columns(self, &group, &values, &plain_sum);
        else if (group.field == 2)
            plain_bytes = hmz_thrift_take_i64(&group);
        else if (group.field == 3)
            rows = hmz_thrift_take_i64(&group);
    }
    if (status == HMZ_OK && self->from.failed)
        status = unreadable(self);
    if (status != HMZ_OK)
        return status;
    if (rows <= 0 || rows != values || plain_bytes < 0 || (uint64_t)plain_bytes != plain_sum)
        return hmz_fail(self->err, HMZ_E_DAMAGED,
                        "row group %zu: %" PRId64 " rows in %" PRId64 " bytes, its columns have %" PRId64
                        " in %" PRIu64,
                        self->footer->group_count, rows, plain_bytes, values, plain_sum);
    self->footer->group_rows[self->footer->group_count++] = (uint64_t)rows;
    return HMZ_OK;
}

static int read_groups(struct reading *self, struct hmz_thrift_reader *file)
{
    size_t count = hmz_thrift_take_list(file, HMZ_THRIFT_STRUCT);
    int status = HMZ_OK;
    if (self->from.failed || !self->has_schema)
        return unreadable(self);
    self->footer->group_rows = calloc(count + 1, sizeof *self->footer->group_rows);
    if (!self->footer->group_rows)
        return hmz_fail_nomem(self->err, "a table");
    for (size_t i = 0; status == HMZ_OK && i < count; i++)
        status = read_group(self);
    return status;
}

/* ---- the file ---- */

static int check_sums(const struct reading *self, int32_t version, int64_t rows)
{
    const struct hmz_parquet_footer *footer = self->footer;
    uint64_t sum = 0;
    if (self->from.failed || self->from.at != self->from.end || !footer->group_rows)
        return unreadable(self);
    if (version != HMZ_PARQUET_FORMAT_VERSION)
        return hmz_fail(self->err, HMZ_E_DAMAGED, "a table of format version %d, expected %d", version,
                        HMZ_PARQUET_FORMAT_VERSION);
    for (size_t i = 0; i < footer->group_count; i++)
        if (__builtin_add_overflow(sum, footer->group_rows[i], &sum))
            return unreadable(self);
    if (rows < 0 || (uint64_t)rows != sum)
        return hmz_fail(self->err, HMZ_E_DAMAGED,
                        "the footer says %" PRId64 " rows, its row groups have %" PRIu64, rows, sum);
    if (self->next_offset != self->data_end)
        return hmz_fail(self->err, HMZ_E_DAMAGED,
                        "the columns end at byte %" PRIu64 ", the footer begins at byte %" PRIu64,
                        self->next_offset, self->data_end);
    self->footer->rows = sum;
    return HMZ_OK;
}

int hmz_parquet_footer_read(struct hmz_parquet_footer *self_out, struct hmz_cursor from, uint64_t data_end,
                            struct hmz_error *err)
{
    struct reading self = {.footer = self_out,
                           .from = from,
                           .data_end = data_end,
                           .next_offset = HMZ_PARQUET_MAGIC_BYTES,
                           .err = err};
    int32_t version = -1;
    int64_t rows = -1;
    int status = HMZ_OK;
    *self_out = (struct hmz_parquet_footer){0};
    struct hmz_thrift_reader file = hmz_thrift_read(&self.from);
    while (status == HMZ_OK && hmz_thrift_next(&file)) {
        if (file.field == 1)
            version = hmz_thrift_take_i32(&file);
        else if (file.field == 2)
            status = read_schema(&self, &file);
        else if (file.field == 3)
            rows = hmz_thrift_take_i64(&file);
        else if (file.field == 4)
            status = read_groups(&self, &file);
    }
    return status == HMZ_OK ? check_sums(&self, version, rows) : status;
}
