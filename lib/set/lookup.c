/* SPDX-License-Identifier: MIT */
#include "lookup.h"

#include <stdlib.h>
#include <unistd.h>

#include "events_columns.h"
#include "parquet_reader.h"
#include "stop.h"
#include "tables.h"

/* ---- the questions, in order ---- */

struct questions {
    struct hmz_lookup **sorted; /* by what is asked */
    size_t count;
    size_t at; /* the first that is not below the row before */
    struct hmz_lookup_place before;
};

static int compare(const struct hmz_lookup_place *a, const struct hmz_lookup_place *b)
{
    if (a->run != b->run)
        return a->run < b->run ? -1 : 1;
    return (a->event > b->event) - (a->event < b->event);
}

static int by_asked(const void *a, const void *b)
{
    return compare(&(*(struct hmz_lookup *const *)a)->asked, &(*(struct hmz_lookup *const *)b)->asked);
}

/* Rows are in order but for the batches of a set that has grown: there it begins again. */
static void answer(struct questions *self, const struct hmz_lookup_place *key,
                   const struct hmz_lookup_place *value)
{
    if (compare(key, &self->before) < 0)
        self->at = 0;
    self->before = *key;
    while (self->at < self->count && compare(&self->sorted[self->at]->asked, key) < 0)
        self->at++;
    for (size_t i = self->at; i < self->count && compare(&self->sorted[i]->asked, key) == 0; i++) {
        self->sorted[i]->found = *value;
        self->sorted[i]->is_there = true;
    }
}

/* ---- the table ---- */

enum { ORIG_RUN, ORIG_EVENT, RUN, EVENT, COLUMNS };

static int find_columns(struct hmz_parquet_reader *table, size_t at[COLUMNS], struct hmz_error *err)
{
    static const enum hmz_events_column wanted[COLUMNS] = {
        HMZ_EVENTS_ORIG_RUN, HMZ_EVENTS_ORIG_EVENT, HMZ_EVENTS_HARMONIC_RUN, HMZ_EVENTS_HARMONIC_EVENT};
    int status = HMZ_OK;
    for (int i = 0; status == HMZ_OK && i < COLUMNS; i++) {
        const struct hmz_parquet_column *column = &hmz_events_columns[wanted[i]];
        status = hmz_parquet_find(table, column->name, column->type, &at[i], err);
        if (status == HMZ_END)
            status =
                hmz_fail(err, HMZ_E_DAMAGED, "%s: there is no column %s", HMZ_EVENTS_TABLE, column->name);
    }
    return status;
}

static bool get_place(const struct hmz_parquet_reader *table, size_t run_at, size_t event_at,
                      struct hmz_lookup_place *out)
{
    int32_t run = 0;
    bool there =
        hmz_parquet_get_i32(table, run_at, &run) && hmz_parquet_get_u64(table, event_at, &out->event);
    out->run = (uint32_t)run;
    return there;
}

enum { ROWS_BETWEEN_LOOKS = 1 << 16 };

static int read_rows(struct hmz_parquet_reader *table, const struct hmz_lookup_request *request,
                     struct questions *questions, struct hmz_error *err)
{
    size_t at[COLUMNS];
    int status = find_columns(table, at, err);
    for (uint64_t row = 0; status == HMZ_OK; row++) {
        struct hmz_lookup_place original;
        struct hmz_lookup_place harmonic;
        if (row % ROWS_BETWEEN_LOOKS == 0)
            status = hmz_stop_check(request->stop, err);
        if (status == HMZ_OK)
            status = hmz_parquet_next_row(table, err);
        if (status != HMZ_OK)
            break;
        if (!get_place(table, at[ORIG_RUN], at[ORIG_EVENT], &original) ||
            !get_place(table, at[RUN], at[EVENT], &harmonic))
            return hmz_fail(err, HMZ_E_DAMAGED, "%s: an event without numbers", HMZ_EVENTS_TABLE);
        if (request->way == HMZ_LOOKUP_ORIGINAL)
            answer(questions, &original, &harmonic);
        else
            answer(questions, &harmonic, &original);
    }
    return status == HMZ_END ? HMZ_OK : status;
}

static int read_table(int fd, const struct hmz_lookup_request *request, struct questions *questions,
                      struct hmz_error *err)
{
    struct hmz_parquet_reader *table;
    int status = hmz_parquet_open(fd, HMZ_EVENTS_TABLE, &table, err);
    if (status != HMZ_OK)
        return status;
    status = read_rows(table, request, questions, err);
    hmz_parquet_close(table);
    return status;
}

int hmz_lookup_answer(const struct hmz_lookup_request *request, struct hmz_lookup *items, size_t count,
                      struct hmz_error *err)
{
    int fd = -1;
    struct questions questions = {.sorted = calloc(count + 1, sizeof *questions.sorted), .count = count};
    if (!questions.sorted)
        return hmz_fail_nomem(err, "the questions");
    for (size_t i = 0; i < count; i++)
        questions.sorted[i] = &items[i];
    qsort(questions.sorted, count, sizeof *questions.sorted, by_asked);
    int status =
        hmz_tables_open_listed(request->harmonic_path, request->manifest, HMZ_EVENTS_TABLE, &fd, err);
    if (status == HMZ_OK)
        status = read_table(fd, request, &questions, err);
    if (fd >= 0)
        close(fd); /* only read */
    free(questions.sorted);
    return status;
}
