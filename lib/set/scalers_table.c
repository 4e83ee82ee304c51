/* SPDX-License-Identifier: MIT */
/* scalers.parquet: one row per scaler readout of all runs, by run, then by number of the readout. */
#include <stdlib.h>

#include "index.h"
#include "parquet_writer.h"
#include "scalers_columns.h"
#include "stop.h"
#include "tables.h"
#include "version.h"

enum { ROW_GROUP_ROWS = 1 << 17 };

/* A table in the making. */
struct making {
    const struct hmz_table_source *source;
    struct hmz_parquet *table;
    struct hmz_parquet_column *items;
    struct hmz_scalers_name *names; /* of the values */
    size_t count;
    size_t values; /* columns of values */
};

static int make_columns(struct making *self, uint32_t values_end, struct hmz_error *err)
{
    self->values = values_end > HMZ_SCALERS_KNOWN_VALUES ? values_end : HMZ_SCALERS_KNOWN_VALUES;
    self->count = HMZ_SCALERS_KEY_COLUMNS + self->values + HMZ_SCALERS_HEADER_VALUES;
    self->items = calloc(self->count, sizeof *self->items);
    self->names = calloc(self->values, sizeof *self->names);
    if (!self->items || !self->names)
        return hmz_fail_nomem(err, "the columns of scalers.parquet");
    for (size_t i = 0; i < HMZ_SCALERS_KEY_COLUMNS; i++)
        self->items[i] = hmz_scalers_key_columns[i];
    for (size_t i = 0; i < self->values; i++) {
        self->names[i] = hmz_scalers_value_name(i);
        self->items[HMZ_SCALERS_KEY_COLUMNS + i] = (struct hmz_parquet_column){
            self->names[i].text, HMZ_PARQUET_U64, self->names[i].meaning, "counts"};
    }
    for (size_t i = 0; i < HMZ_SCALERS_HEADER_VALUES; i++)
        self->items[HMZ_SCALERS_KEY_COLUMNS + self->values + i] = hmz_scalers_header_columns[i];
    return HMZ_OK;
}

/* Values that a readout lacks are not put, and so are null. */
static int put_row(const struct making *self, int32_t run, const struct hmz_scaler *scaler,
                   struct hmz_error *err)
{
    const uint32_t header[HMZ_SCALERS_HEADER_VALUES] = {scaler->start_offset, scaler->stop_offset,
                                                        scaler->timestamp, scaler->incremental};
    hmz_parquet_put_u32(self->table, 0, (uint32_t)run);
    hmz_parquet_put_u32(self->table, 1, (uint32_t)scaler->number);
    for (uint32_t i = 0; i < scaler->value_count; i++)
        hmz_parquet_put_u64(self->table, HMZ_SCALERS_KEY_COLUMNS + i, scaler->values[i]);
    for (size_t i = 0; i < HMZ_SCALERS_HEADER_VALUES; i++)
        hmz_parquet_put_u32(self->table, HMZ_SCALERS_KEY_COLUMNS + self->values + i, header[i]);
    return hmz_parquet_end_row(self->table, err);
}

static int put_run(void *data, const struct hmz_plan_run *run, struct hmz_index *index, struct hmz_error *err)
{
    const struct making *self = data;
    struct hmz_scaler scaler;
    int status;
    while ((status = hmz_index_next_scaler(index, &scaler, err)) == HMZ_OK) {
        status = hmz_stop_check(self->source->stop, err);
        if (status == HMZ_OK)
            status = put_row(self, run->run, &scaler, err);
        if (status != HMZ_OK)
            return status;
    }
    return status == HMZ_END ? HMZ_OK : status;
}

static int find_values_end(void *data, const struct hmz_plan_run *run, struct hmz_index *index,
                           struct hmz_error *err)
{
    uint32_t *values_end = data;
    uint32_t of_run = hmz_index_get_run(index)->scaler_values_end;
    (void)run;
    (void)err;
    if (of_run > *values_end)
        *values_end = of_run;
    return HMZ_OK;
}

int hmz_scalers_table_write(const struct hmz_table_source *source, struct hmz_outfile *file,
                            struct hmz_error *err)
{
    struct making self = {.source = source};
    const struct hmz_parquet_options options = {.created_by = "harmonizer " HMZ_PROGRAM_VERSION,
                                                .row_group_rows = ROW_GROUP_ROWS};
    uint32_t values_end = 0;
    int status = hmz_tables_each_run(source, find_values_end, &values_end, err);
    if (status == HMZ_OK)
        status = make_columns(&self, values_end, err);
    if (status == HMZ_OK)
        status = hmz_parquet_new(self.items, self.count, &options, file, &self.table, err);
    if (status == HMZ_OK)
        status = hmz_tables_each_run(source, put_run, &self, err);
    if (status == HMZ_OK)
        status = hmz_parquet_finish(self.table, err);
    hmz_parquet_free(self.table);
    free(self.items);
    free(self.names);
    return status;
}
