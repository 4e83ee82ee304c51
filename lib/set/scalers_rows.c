/* SPDX-License-Identifier: MIT */
#include "scalers_rows.h"

#include <stdlib.h>

#include "parquet_reader.h"
#include "scalers_columns.h"

static const char table_name[] = "scalers.parquet";

struct hmz_scalers_rows {
    struct hmz_parquet_reader *table;
    size_t keys[HMZ_SCALERS_KEY_COLUMNS];
    size_t values[HMZ_SCALER_VALUES_LAST + 1];
    size_t value_count;
    size_t header[HMZ_SCALERS_HEADER_VALUES];
};

static int find(struct hmz_scalers_rows *self, const char *name, enum hmz_parquet_type type,
                size_t *column_out, struct hmz_error *err)
{
    int status = hmz_parquet_find(self->table, name, type, column_out, err);
    return status == HMZ_END ? hmz_fail(err, HMZ_E_DAMAGED, "%s: there is no column %s", table_name, name)
                             : status;
}

/* The known ones, and as many more as there are. */
static int find_values(struct hmz_scalers_rows *self, struct hmz_error *err)
{
    int status = HMZ_OK;
    while (self->value_count <= HMZ_SCALER_VALUES_LAST) {
        const struct hmz_scalers_name name = hmz_scalers_value_name(self->value_count);
        size_t *at = &self->values[self->value_count];
        if (self->value_count < HMZ_SCALERS_KNOWN_VALUES)
            status = find(self, name.text, HMZ_PARQUET_U64, at, err);
        else
            status = hmz_parquet_find(self->table, name.text, HMZ_PARQUET_U64, at, err);
        if (status != HMZ_OK)
            break;
        self->value_count++;
    }
    return status == HMZ_END ? HMZ_OK : status;
}

static int find_columns(struct hmz_scalers_rows *self, struct hmz_error *err)
{
    int status = find_values(self, err);
    for (size_t i = 0; status == HMZ_OK && i < HMZ_SCALERS_KEY_COLUMNS; i++)
        status = find(self, hmz_scalers_key_columns[i].name, HMZ_PARQUET_U32, &self->keys[i], err);
    for (size_t i = 0; status == HMZ_OK && i < HMZ_SCALERS_HEADER_VALUES; i++)
        status = find(self, hmz_scalers_header_columns[i].name, HMZ_PARQUET_U32, &self->header[i], err);
    return status;
}

int hmz_scalers_rows_open(int fd, struct hmz_scalers_rows **rows_out, struct hmz_error *err)
{
    struct hmz_scalers_rows *self = calloc(1, sizeof *self);
    if (!self)
        return hmz_fail_nomem(err, table_name);
    int status = hmz_parquet_open(fd, table_name, &self->table, err);
    if (status == HMZ_OK)
        status = find_columns(self, err);
    if (status != HMZ_OK) {
        hmz_scalers_rows_close(self);
        return status;
    }
    *rows_out = self;
    return HMZ_OK;
}

void hmz_scalers_rows_close(struct hmz_scalers_rows *self)
{
    if (!self)
        return;
    hmz_parquet_close(self->table);
    free(self);
}

/* A readout has its first values, all others are null. */
static int get_values(const struct hmz_scalers_rows *self, struct hmz_scaler *scaler, struct hmz_error *err)
{
    scaler->value_count = 0;
    for (uint32_t i = 0; i < self->value_count; i++) {
        uint64_t value;
        if (!hmz_parquet_get_u64(self->table, self->values[i], &value))
            continue;
        if (scaler->value_count != i || value > UINT32_MAX)
            return hmz_fail(err, HMZ_E_DAMAGED, "%s: a row with values that no readout has", table_name);
        scaler->values[scaler->value_count++] = (uint32_t)value;
    }
    return HMZ_OK;
}

int hmz_scalers_rows_next(struct hmz_scalers_rows *self, int32_t *run_out, struct hmz_scaler *scaler_out,
                          struct hmz_error *err)
{
    uint32_t *const header[HMZ_SCALERS_HEADER_VALUES] = {&scaler_out->start_offset, &scaler_out->stop_offset,
                                                         &scaler_out->timestamp, &scaler_out->incremental};
    uint32_t run;
    uint32_t number;
    int status = hmz_parquet_next_row(self->table, err);
    if (status != HMZ_OK)
        return status;
    bool whole = hmz_parquet_get_u32(self->table, self->keys[0], &run) && run <= INT32_MAX &&
                 hmz_parquet_get_u32(self->table, self->keys[1], &number);
    for (size_t i = 0; whole && i < HMZ_SCALERS_HEADER_VALUES; i++)
        whole = hmz_parquet_get_u32(self->table, self->header[i], header[i]);
    if (!whole)
        return hmz_fail(err, HMZ_E_DAMAGED, "%s: a row without origin or header", table_name);
    *run_out = (int32_t)run;
    scaler_out->number = number;
    return get_values(self, scaler_out, err);
}
