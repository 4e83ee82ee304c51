/* SPDX-License-Identifier: MIT */
#include "parquet_reader.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "column_reader.h"
#include "parquet_footer.h"
#include "parquet_types.h"
#include "posix_io.h"

enum { TAIL_BYTES = 8, LEAST_BYTES = HMZ_PARQUET_MAGIC_BYTES + TAIL_BYTES, FOOTER_BYTES_LAST = 1 << 28 };

struct column {
    struct hmz_column_reader reader;
    bool wanted;
};

struct hmz_parquet_reader {
    int fd;
    char *name;
    struct hmz_parquet_footer footer;
    struct column *columns; /* [footer.column_count] */
    size_t next_group;
    uint64_t group_rows; /* not given yet, of the row group at hand */
    bool begun;
};

/* ---- opening ---- */

static int check_magic(const uint8_t *found, const char *where, struct hmz_error *err)
{
    if (memcmp(found, HMZ_PARQUET_MAGIC, HMZ_PARQUET_MAGIC_BYTES) == 0)
        return HMZ_OK;
    return hmz_fail(err, HMZ_E_DAMAGED, "not a whole Parquet file: no " HMZ_PARQUET_MAGIC " at its %s",
                    where);
}

/* Where the footer lies. */
static int find_footer(int fd, uint64_t *begin_out, uint32_t *length_out, struct hmz_error *err)
{
    uint64_t file_bytes;
    uint8_t head[HMZ_PARQUET_MAGIC_BYTES];
    uint8_t tail[TAIL_BYTES];
    int status = hmz_io_length(fd, &file_bytes, err);
    if (status == HMZ_OK && file_bytes < LEAST_BYTES)
        status = hmz_fail(err, HMZ_E_DAMAGED, "%" PRIu64 " bytes are too few for a Parquet file", file_bytes);
    if (status == HMZ_OK)
        status = hmz_io_read_at(fd, head, sizeof head, 0, err);
    if (status == HMZ_OK)
        status = hmz_io_read_at(fd, tail, sizeof tail, file_bytes - sizeof tail, err);
    if (status == HMZ_OK)
        status = check_magic(head, "begin", err);
    if (status == HMZ_OK)
        status = check_magic(tail + 4, "end", err);
    if (status != HMZ_OK)
        return status;
    struct hmz_cursor cursor = hmz_cursor_over(tail, sizeof tail);
    *length_out = hmz_cursor_u32(&cursor);
    if (*length_out > file_bytes - LEAST_BYTES || *length_out > FOOTER_BYTES_LAST)
        return hmz_fail(err, HMZ_E_DAMAGED, "a footer of %u bytes in a file of %" PRIu64, *length_out,
                        file_bytes);
    *begin_out = file_bytes - TAIL_BYTES - *length_out;
    return HMZ_OK;
}

static int read_footer(struct hmz_parquet_reader *self, struct hmz_error *err)
{
    uint64_t begin = 0;
    uint32_t length = 0;
    int status = find_footer(self->fd, &begin, &length, err);
    if (status != HMZ_OK)
        return status;
    uint8_t *bytes = malloc((size_t)length + 1);
    if (!bytes)
        return hmz_fail_nomem(err, "the footer of a table");
    status = hmz_io_read_at(self->fd, bytes, length, begin, err);
    if (status == HMZ_OK)
        status = hmz_parquet_footer_read(&self->footer, hmz_cursor_over(bytes, length), begin, err);
    free(bytes);
    return status;
}

static int open_columns(struct hmz_parquet_reader *self, struct hmz_error *err)
{
    self->columns = calloc(self->footer.column_count + 1, sizeof *self->columns);
    if (!self->columns)
        return hmz_fail_nomem(err, "a table");
    for (size_t i = 0; i < self->footer.column_count; i++)
        self->columns[i].reader.type = self->footer.columns[i].type;
    return HMZ_OK;
}

int hmz_parquet_open(int fd, const char *name, struct hmz_parquet_reader **table_out, struct hmz_error *err)
{
    struct hmz_parquet_reader *self = calloc(1, sizeof *self);
    if (!self)
        return hmz_fail_nomem(err, name);
    self->fd = fd;
    self->name = strdup(name);
    int status = self->name ? read_footer(self, err) : hmz_fail_nomem(err, "a table");
    if (status == HMZ_OK)
        status = open_columns(self, err);
    if (status != HMZ_OK) {
        hmz_parquet_close(self);
        return hmz_context(err, "%s", name);
    }
    *table_out = self;
    return HMZ_OK;
}

void hmz_parquet_close(struct hmz_parquet_reader *self)
{
    if (!self)
        return;
    for (size_t i = 0; self->columns && i < self->footer.column_count; i++)
        hmz_column_reader_release(&self->columns[i].reader);
    hmz_parquet_footer_release(&self->footer);
    free(self->columns);
    free(self->name);
    free(self);
}

const struct hmz_parquet_column *hmz_parquet_columns(const struct hmz_parquet_reader *self, size_t *count_out)
{
    *count_out = self->footer.column_count;
    return self->footer.columns;
}

uint64_t hmz_parquet_row_count(const struct hmz_parquet_reader *self)
{
    return self->footer.rows;
}

int hmz_parquet_find(struct hmz_parquet_reader *self, const char *name, enum hmz_parquet_type type,
                     size_t *column_out, struct hmz_error *err)
{
    const struct hmz_parquet_footer *footer = &self->footer;
    size_t i = 0;
    assert(!self->begun);
    while (i < footer->column_count && strcmp(footer->columns[i].name, name) != 0)
        i++;
    if (i == footer->column_count)
        return HMZ_END;
    if (footer->columns[i].type != type)
        return hmz_fail(err, HMZ_E_DAMAGED, "%s: column %s has another type than it is written with",
                        self->name, name);
    self->columns[i].wanted = true;
    *column_out = i;
    return HMZ_OK;
}

/* ---- rows ---- */

static void begin_group(struct hmz_parquet_reader *self)
{
    const struct hmz_parquet_footer *footer = &self->footer;
    self->group_rows = footer->group_rows[self->next_group];
    for (size_t i = 0; i < footer->column_count; i++)
        hmz_column_reader_next_chunk(&self->columns[i].reader,
                                     &footer->chunks[self->next_group * footer->column_count + i],
                                     self->group_rows);
    self->next_group++;
}

int hmz_parquet_next_row(struct hmz_parquet_reader *self, struct hmz_error *err)
{
    self->begun = true;
    if (self->group_rows == 0) {
        if (self->next_group == self->footer.group_count)
            return HMZ_END;
        begin_group(self);
    }
    self->group_rows--;
    for (size_t i = 0; i < self->footer.column_count; i++) {
        if (!self->columns[i].wanted)
            continue;
        int status = hmz_column_reader_next(&self->columns[i].reader, self->fd, err);
        if (status != HMZ_OK)
            return hmz_context(err, "%s: column %s", self->name, self->footer.columns[i].name);
    }
    return HMZ_OK;
}

/* ---- cells ---- */

static const struct hmz_column_reader *cell(const struct hmz_parquet_reader *self, size_t column,
                                            enum hmz_parquet_type type)
{
    (void)type; /* where asserts are off */
    assert(column < self->footer.column_count);
    const struct column *at = &self->columns[column];
    assert(at->wanted && at->reader.type == type);
    return &at->reader;
}

bool hmz_parquet_get_i32(const struct hmz_parquet_reader *self, size_t column, int32_t *value_out)
{
    const struct hmz_column_reader *at = cell(self, column, HMZ_PARQUET_I32);
    if (at->present)
        *value_out = (int32_t)(uint32_t)at->bits;
    return at->present;
}

bool hmz_parquet_get_u32(const struct hmz_parquet_reader *self, size_t column, uint32_t *value_out)
{
    const struct hmz_column_reader *at = cell(self, column, HMZ_PARQUET_U32);
    if (at->present)
        *value_out = (uint32_t)at->bits;
    return at->present;
}

bool hmz_parquet_get_u64(const struct hmz_parquet_reader *self, size_t column, uint64_t *value_out)
{
    const struct hmz_column_reader *at = cell(self, column, HMZ_PARQUET_U64);
    if (at->present)
        *value_out = at->bits;
    return at->present;
}

bool hmz_parquet_get_double(const struct hmz_parquet_reader *self, size_t column, double *value_out)
{
    const struct hmz_column_reader *at = cell(self, column, HMZ_PARQUET_DOUBLE);
    if (at->present)
        memcpy(value_out, &at->bits, sizeof *value_out);
    return at->present;
}

bool hmz_parquet_get_text(const struct hmz_parquet_reader *self, size_t column, const char **text_out,
                          size_t *length_out)
{
    const struct hmz_column_reader *at = cell(self, column, HMZ_PARQUET_TEXT);
    if (!at->present)
        return false;
    *text_out = (const char *)at->bytes.at;
    *length_out = (size_t)(at->bytes.end - at->bytes.at);
    return true;
}
