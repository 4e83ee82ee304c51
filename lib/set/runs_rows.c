/* SPDX-License-Identifier: MIT */
#include "runs_rows.h"

#include <stdlib.h>
#include <string.h>

#include "parquet_reader.h"
#include "runs_columns.h"

static const char name[] = "runs.parquet";

struct hmz_runs_rows {
    struct hmz_parquet_reader *table;
    size_t at[HMZ_RUNS_TITLE + 1];
};

int hmz_runs_rows_open(int fd, struct hmz_runs_rows **rows_out, struct hmz_error *err)
{
    struct hmz_runs_rows *self = calloc(1, sizeof *self);
    if (!self)
        return hmz_fail_nomem(err, name);
    int status = hmz_parquet_open(fd, name, &self->table, err);
    for (int i = 0; status == HMZ_OK && i <= HMZ_RUNS_TITLE; i++) { /* older tables lack those behind */
        const struct hmz_parquet_column *column = &hmz_runs_columns[i];
        status = hmz_parquet_find(self->table, column->name, column->type, &self->at[i], err);
        if (status == HMZ_END)
            status = hmz_fail(err, HMZ_E_DAMAGED, "%s: there is no column %s", name, column->name);
    }
    if (status != HMZ_OK) {
        hmz_runs_rows_close(self);
        return status;
    }
    *rows_out = self;
    return HMZ_OK;
}

void hmz_runs_rows_close(struct hmz_runs_rows *self)
{
    if (!self)
        return;
    hmz_parquet_close(self->table);
    free(self);
}

static bool get_u64(const struct hmz_runs_rows *self, enum hmz_runs_column column, uint64_t *out)
{
    return hmz_parquet_get_u64(self->table, self->at[column], out);
}

static bool get_u32(const struct hmz_runs_rows *self, enum hmz_runs_column column, uint32_t *out)
{
    return hmz_parquet_get_u32(self->table, self->at[column], out);
}

static bool get_text(const struct hmz_runs_rows *self, enum hmz_runs_column column, char *out, size_t room)
{
    const char *text;
    size_t length;
    if (!hmz_parquet_get_text(self->table, self->at[column], &text, &length))
        return false;
    length = length < room ? length : room - 1;
    memcpy(out, text, length);
    out[length] = '\0';
    return true;
}

static void get_info(const struct hmz_runs_rows *self, struct hmz_run_info *info)
{
    info->version_known = true; /* whether it was is not in the table */
    (void)get_text(self, HMZ_RUNS_VERSION, info->version, sizeof info->version); /* none: "" */
    if (get_u32(self, HMZ_RUNS_FRIB_RUN, &info->frib_run) &&
        get_u32(self, HMZ_RUNS_FRIB_START, &info->frib_start) &&
        get_u32(self, HMZ_RUNS_FRIB_STOP, &info->frib_stop) &&
        get_u32(self, HMZ_RUNS_FRIB_TIME, &info->frib_time))
        info->present |= HMZ_RUN_HAS_FRIB_INFO;
    if (get_u64(self, HMZ_RUNS_MIN_GET_TS, &info->min_get_ts) &&
        get_u64(self, HMZ_RUNS_MAX_GET_TS, &info->max_get_ts))
        info->present |= HMZ_RUN_HAS_GET_TIMES;
    if (get_text(self, HMZ_RUNS_TITLE, info->title, sizeof info->title))
        info->present |= HMZ_RUN_HAS_TITLE;
}

int hmz_runs_rows_next(struct hmz_runs_rows *self, struct hmz_index_run *run_out, bool *left_out_out,
                       struct hmz_error *err)
{
    uint32_t closed = 0;
    *run_out = (struct hmz_index_run){0};
    int status = hmz_parquet_next_row(self->table, err);
    if (status != HMZ_OK)
        return status;
    if (!hmz_parquet_get_i32(self->table, self->at[HMZ_RUNS_RUN], &run_out->run) ||
        !get_u64(self, HMZ_RUNS_BYTES, &run_out->identity.bytes) ||
        !get_u64(self, HMZ_RUNS_EVENTS, &run_out->event_count) ||
        !get_u64(self, HMZ_RUNS_EVENTS_WITHOUT_GET, &run_out->events_without_get) ||
        !get_u64(self, HMZ_RUNS_EVENTS_AFTER_LAST_GET, &run_out->events_after_last_get) ||
        !get_u64(self, HMZ_RUNS_SCALERS, &run_out->scaler_count))
        return hmz_fail(err, HMZ_E_DAMAGED, "%s: a row without run or counts", name);
    *left_out_out = !get_u32(self, HMZ_RUNS_CLOSED, &closed);
    run_out->info.closed = closed != 0;
    if (!*left_out_out)
        get_info(self, &run_out->info);
    return HMZ_OK;
}
