/* SPDX-License-Identifier: MIT */
#include "parquet_compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parquet_reader.h"
#include "stop.h"

/* A table, and in it the columns that are compared. */
struct side {
    struct hmz_parquet_reader *table;
    size_t *at; /* [columns of the one that is judged] */
    const volatile sig_atomic_t *stop;
};

/* ---- cells ---- */

struct cell {
    bool present;
    uint64_t bits; /* of a number */
    const char *text;
    size_t length;
};

static struct cell get_cell(const struct side *side, size_t i, enum hmz_parquet_type type)
{
    struct cell cell = {.text = ""};
    uint32_t u32 = 0;
    int32_t i32 = 0;
    double number = 0;
    size_t at = side->at[i];
    switch (type) {
    case HMZ_PARQUET_U32:
        cell.present = hmz_parquet_get_u32(side->table, at, &u32);
        cell.bits = u32;
        break;
    case HMZ_PARQUET_I32:
        cell.present = hmz_parquet_get_i32(side->table, at, &i32);
        cell.bits = (uint32_t)i32;
        break;
    case HMZ_PARQUET_U64:
        cell.present = hmz_parquet_get_u64(side->table, at, &cell.bits);
        break;
    case HMZ_PARQUET_DOUBLE:
        cell.present = hmz_parquet_get_double(side->table, at, &number);
        memcpy(&cell.bits, &number, sizeof cell.bits);
        break;
    case HMZ_PARQUET_TEXT:
        cell.present = hmz_parquet_get_text(side->table, at, &cell.text, &cell.length);
        break;
    }
    return cell;
}

/* Of a cell that is null all else is 0. */
static bool same(const struct cell *a, const struct cell *b)
{
    return a->present == b->present && (!a->present || (a->bits == b->bits && a->length == b->length &&
                                                        memcmp(a->text, b->text, a->length) == 0));
}

struct cell_text {
    char text[72];
};

static struct cell_text say(const struct cell *cell, enum hmz_parquet_type type)
{
    struct cell_text out = {"null"};
    double number;
    memcpy(&number, &cell->bits, sizeof number);
    if (!cell->present)
        return out;
    if (type == HMZ_PARQUET_TEXT)
        snprintf(out.text, sizeof out.text, "\"%.*s\"", (int)(cell->length < 64 ? cell->length : 64),
                 cell->text);
    else if (type == HMZ_PARQUET_I32)
        snprintf(out.text, sizeof out.text, "%" PRId32, (int32_t)(uint32_t)cell->bits);
    else if (type == HMZ_PARQUET_DOUBLE)
        snprintf(out.text, sizeof out.text, "%.17g", number);
    else
        snprintf(out.text, sizeof out.text, "%" PRIu64, cell->bits);
    return out;
}

/* ---- tables ---- */

/* Each column of the judged table, in both. */
static int find_columns(struct side *judged, struct side *expected, const struct hmz_parquet_column *columns,
                        size_t count, struct hmz_parquet_difference *out, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < count && !out->text[0]; i++) {
        status = hmz_parquet_find(judged->table, columns[i].name, columns[i].type, &judged->at[i], err);
        if (status != HMZ_OK)
            break;
        status = hmz_parquet_find(expected->table, columns[i].name, columns[i].type, &expected->at[i], err);
        if (status == HMZ_END || status == HMZ_E_DAMAGED) {
            snprintf(out->text, sizeof out->text, "no column %s of this type is expected", columns[i].name);
            status = HMZ_OK;
        }
    }
    return status;
}

static void compare_row(const struct side *judged, const struct side *expected,
                        const struct hmz_parquet_column *columns, size_t count, uint64_t row,
                        struct hmz_parquet_difference *out)
{
    for (size_t i = 0; i < count && !out->text[0]; i++) {
        const struct cell found = get_cell(judged, i, columns[i].type);
        const struct cell wanted = get_cell(expected, i, columns[i].type);
        if (!same(&found, &wanted))
            snprintf(out->text, sizeof out->text, "row %" PRIu64 ": %s is %s, expected %s", row,
                     columns[i].name, say(&found, columns[i].type).text, say(&wanted, columns[i].type).text);
    }
}

enum { ROWS_BETWEEN_LOOKS = 1 << 16 };

static int compare_rows(struct side *judged, struct side *expected, const struct hmz_parquet_column *columns,
                        size_t count, struct hmz_parquet_difference *out, struct hmz_error *err)
{
    uint64_t rows = hmz_parquet_row_count(judged->table);
    int status = find_columns(judged, expected, columns, count, out, err);
    if (status == HMZ_OK && !out->text[0] && rows != hmz_parquet_row_count(expected->table))
        snprintf(out->text, sizeof out->text, "it has %" PRIu64 " rows, expected %" PRIu64, rows,
                 hmz_parquet_row_count(expected->table));
    for (uint64_t row = 0; status == HMZ_OK && row < rows && !out->text[0]; row++) {
        if (row % ROWS_BETWEEN_LOOKS == 0)
            status = hmz_stop_check(judged->stop, err);
        if (status == HMZ_OK)
            status = hmz_parquet_next_row(judged->table, err);
        if (status == HMZ_OK)
            status = hmz_parquet_next_row(expected->table, err);
        if (status == HMZ_OK)
            compare_row(judged, expected, columns, count, row, out);
    }
    return status;
}

int hmz_parquet_compare(int fd, int expected_fd, const volatile sig_atomic_t *stop,
                        struct hmz_parquet_difference *out, struct hmz_error *err)
{
    struct side judged = {.stop = stop};
    struct side expected = {0};
    size_t count = 0;
    const struct hmz_parquet_column *columns = NULL;
    *out = (struct hmz_parquet_difference){""};
    int status = hmz_parquet_open(fd, "it", &judged.table, err);
    if (status == HMZ_OK)
        status = hmz_parquet_open(expected_fd, "the table that is expected", &expected.table, err);
    if (status == HMZ_OK) {
        columns = hmz_parquet_columns(judged.table, &count);
        judged.at = calloc(count + 1, sizeof *judged.at);
        expected.at = calloc(count + 1, sizeof *expected.at);
        status = judged.at && expected.at ? compare_rows(&judged, &expected, columns, count, out, err)
                                          : hmz_fail_nomem(err, "two tables");
    }
    hmz_parquet_close(judged.table);
    hmz_parquet_close(expected.table);
    free(judged.at);
    free(expected.at);
    return status;
}
