/* SPDX-License-Identifier: MIT */
/* scalers.parquet: one row per scaler readout of all runs, by run, then by number of the readout. */
#include <stdio.h>
#include <stdlib.h>

#include "index.h"
#include "parquet_writer.h"
#include "tables.h"
#include "version.h"

/* Names of the first values of a readout, in their order: what the experiment wires to the VME scaler. */
static const char *const known_values[] = {"clock_free", "clock_live", "trig_free", "trig_live",
                                           "ic_sca",     "mesh_sca",   "si1_cfd",   "si2",
                                           "sipm",       "ic_ds",      "ic_cfd"};
static const char *const header_values[] = {"start_offset", "stop_offset", "timestamp", "incremental"};
enum { KNOWN_VALUES = 11, HEADER_VALUES = 4, KEY_COLUMNS = 2, ROW_GROUP_ROWS = 1 << 17 };

struct columns {
    struct hmz_parquet_column *items;
    char (*names)[24]; /* of the values beyond the known ones */
    size_t count;
    size_t values; /* columns of values */
};

static int make_columns(struct columns *self, uint32_t values_end, struct hmz_error *err)
{
    self->values = values_end > KNOWN_VALUES ? values_end : KNOWN_VALUES;
    self->count = KEY_COLUMNS + self->values + HEADER_VALUES;
    self->items = calloc(self->count, sizeof *self->items);
    self->names = calloc(self->values, sizeof *self->names);
    if (!self->items || !self->names)
        return hmz_fail_nomem(err, "the columns of scalers.parquet");
    self->items[0] = (struct hmz_parquet_column){"run", HMZ_PARQUET_U32};
    self->items[1] = (struct hmz_parquet_column){"event", HMZ_PARQUET_U32};
    for (size_t i = 0; i < self->values; i++) {
        snprintf(self->names[i], sizeof self->names[i], "scaler_%zu", i);
        self->items[KEY_COLUMNS + i] =
            (struct hmz_parquet_column){i < KNOWN_VALUES ? known_values[i] : self->names[i], HMZ_PARQUET_U64};
    }
    for (size_t i = 0; i < HEADER_VALUES; i++)
        self->items[KEY_COLUMNS + self->values + i] =
            (struct hmz_parquet_column){header_values[i], HMZ_PARQUET_U32};
    return HMZ_OK;
}

/* Values that a readout lacks are not put, and so are null. */
static int put_row(struct hmz_parquet *table, const struct columns *columns, int32_t run,
                   const struct hmz_scaler *scaler, struct hmz_error *err)
{
    const uint32_t header[HEADER_VALUES] = {scaler->start_offset, scaler->stop_offset, scaler->timestamp,
                                            scaler->incremental};
    hmz_parquet_put_u32(table, 0, (uint32_t)run);
    hmz_parquet_put_u32(table, 1, (uint32_t)scaler->number);
    for (uint32_t i = 0; i < scaler->value_count; i++)
        hmz_parquet_put_u64(table, KEY_COLUMNS + i, scaler->values[i]);
    for (size_t i = 0; i < HEADER_VALUES; i++)
        hmz_parquet_put_u32(table, KEY_COLUMNS + columns->values + i, header[i]);
    return hmz_parquet_end_row(table, err);
}

static int put_run(struct hmz_parquet *table, const struct columns *columns, struct hmz_index *index,
                   struct hmz_error *err)
{
    struct hmz_scaler scaler;
    int32_t run = hmz_index_get_run(index)->run;
    int status;
    while ((status = hmz_index_next_scaler(index, &scaler, err)) == HMZ_OK) {
        status = put_row(table, columns, run, &scaler, err);
        if (status != HMZ_OK)
            return status;
    }
    return status == HMZ_END ? HMZ_OK : status;
}

static int find_values_end(const struct hmz_plan *plan, const struct hmz_state *state, uint32_t *end_out,
                           struct hmz_error *err)
{
    int status = HMZ_OK;
    *end_out = 0;
    for (size_t i = 0; status == HMZ_OK && i < plan->run_count; i++) {
        struct hmz_index *index;
        status = hmz_tables_open_index(plan, state, i, &index, err);
        if (status != HMZ_OK)
            break;
        if (hmz_index_get_run(index)->scaler_values_end > *end_out)
            *end_out = hmz_index_get_run(index)->scaler_values_end;
        hmz_index_close(index);
    }
    return status;
}

static int put_runs(struct hmz_parquet *table, const struct columns *columns, const struct hmz_plan *plan,
                    const struct hmz_state *state, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < plan->run_count; i++) {
        struct hmz_index *index;
        status = hmz_tables_open_index(plan, state, i, &index, err);
        if (status != HMZ_OK)
            break;
        status = put_run(table, columns, index, err);
        hmz_index_close(index);
    }
    return status;
}

int hmz_scalers_table_write(const struct hmz_plan *plan, const struct hmz_state *state,
                            struct hmz_outfile *file, struct hmz_error *err)
{
    struct columns columns = {0};
    struct hmz_parquet *table = NULL;
    const struct hmz_parquet_options options = {.created_by = "harmonizer " HMZ_PROGRAM_VERSION,
                                                .row_group_rows = ROW_GROUP_ROWS};
    uint32_t values_end;
    int status = find_values_end(plan, state, &values_end, err);
    if (status == HMZ_OK)
        status = make_columns(&columns, values_end, err);
    if (status == HMZ_OK)
        status = hmz_parquet_new(columns.items, columns.count, &options, file, &table, err);
    if (status == HMZ_OK)
        status = put_runs(table, &columns, plan, state, err);
    if (status == HMZ_OK)
        status = hmz_parquet_finish(table, err);
    hmz_parquet_free(table);
    free(columns.items);
    free(columns.names);
    return status;
}
