/* SPDX-License-Identifier: MIT */
#include "events_rows.h"

#include <stdlib.h>

#include "events_columns.h"
#include "parquet_reader.h"

static const char name[] = "events.parquet";

/* Those that tell which event it is; a table of an earlier version of the program has them, too. */
static const enum hmz_events_column needed[] = {
    HMZ_EVENTS_ORIG_RUN,       HMZ_EVENTS_ORIG_EVENT,     HMZ_EVENTS_HARMONIC_RUN,
    HMZ_EVENTS_HARMONIC_EVENT, HMZ_EVENTS_TRACES,         HMZ_EVENTS_BYTES,
    HMZ_EVENTS_GET_ID,         HMZ_EVENTS_GET_TIMESTAMP,  HMZ_EVENTS_GET_TIMESTAMP_OTHER,
    HMZ_EVENTS_FRIB_ID,        HMZ_EVENTS_FRIB_TIMESTAMP, HMZ_EVENTS_COINCIDENCE,
    HMZ_EVENTS_CHECKSUM,
};

struct hmz_events_rows {
    struct hmz_parquet_reader *table;
    size_t at[HMZ_EVENTS_COLUMN_COUNT]; /* of the needed ones, and of … */
    bool has_spyral;                    /* … HMZ_EVENTS_SPYRAL */
};

int hmz_events_rows_open(int fd, struct hmz_events_rows **rows_out, struct hmz_error *err)
{
    struct hmz_events_rows *self = calloc(1, sizeof *self);
    if (!self)
        return hmz_fail_nomem(err, name);
    int status = hmz_parquet_open(fd, name, &self->table, err);
    for (size_t i = 0; status == HMZ_OK && i < sizeof needed / sizeof *needed; i++) {
        const struct hmz_parquet_column *column = &hmz_events_columns[needed[i]];
        status = hmz_parquet_find(self->table, column->name, column->type, &self->at[needed[i]], err);
        if (status == HMZ_END)
            status = hmz_fail(err, HMZ_E_DAMAGED, "%s: there is no column %s", name, column->name);
    }
    if (status == HMZ_OK) {
        const struct hmz_parquet_column *column = &hmz_events_columns[HMZ_EVENTS_SPYRAL];
        status = hmz_parquet_find(self->table, column->name, column->type, &self->at[HMZ_EVENTS_SPYRAL], err);
        self->has_spyral = status == HMZ_OK;
    }
    if (status != HMZ_OK && status != HMZ_END) {
        hmz_events_rows_close(self);
        return status;
    }
    *rows_out = self;
    return HMZ_OK;
}

void hmz_events_rows_close(struct hmz_events_rows *self)
{
    if (!self)
        return;
    hmz_parquet_close(self->table);
    free(self);
}

static void get_ids(const struct hmz_events_rows *self, struct hmz_event *event)
{
    const struct hmz_parquet_reader *table = self->table;
    uint32_t coincidence;
    if (hmz_parquet_get_u32(table, self->at[HMZ_EVENTS_GET_ID], &event->get_id) &&
        hmz_parquet_get_u64(table, self->at[HMZ_EVENTS_GET_TIMESTAMP], &event->get_timestamp) &&
        hmz_parquet_get_u64(table, self->at[HMZ_EVENTS_GET_TIMESTAMP_OTHER], &event->get_timestamp_other))
        event->flags |= HMZ_EVENT_HAS_GET;
    if (hmz_parquet_get_u32(table, self->at[HMZ_EVENTS_FRIB_ID], &event->frib_id) &&
        hmz_parquet_get_u32(table, self->at[HMZ_EVENTS_FRIB_TIMESTAMP], &event->frib_timestamp))
        event->flags |= HMZ_EVENT_HAS_FRIB;
    if (hmz_parquet_get_u32(table, self->at[HMZ_EVENTS_COINCIDENCE], &coincidence)) {
        event->flags |= HMZ_EVENT_HAS_COINCIDENCE;
        event->coincidence = (uint16_t)coincidence;
    }
}

int hmz_events_rows_next(struct hmz_events_rows *self, int32_t *run_out, struct hmz_event *event_out,
                         struct hmz_error *err)
{
    hmz_event_clear(event_out);
    int status = hmz_parquet_next_row(self->table, err);
    if (status != HMZ_OK)
        return status;
    if (!hmz_parquet_get_i32(self->table, self->at[HMZ_EVENTS_ORIG_RUN], run_out) ||
        !hmz_parquet_get_u64(self->table, self->at[HMZ_EVENTS_ORIG_EVENT], &event_out->number) ||
        !hmz_parquet_get_u64(self->table, self->at[HMZ_EVENTS_TRACES], &event_out->traces) ||
        !hmz_parquet_get_u64(self->table, self->at[HMZ_EVENTS_BYTES], &event_out->bytes))
        return hmz_fail(err, HMZ_E_DAMAGED, "%s: a row without origin, traces or bytes", name);
    get_ids(self, event_out);
    return HMZ_OK;
}

int hmz_events_rows_place(const struct hmz_events_rows *self, struct hmz_events_row *row,
                          struct hmz_error *err)
{
    uint32_t spyral = HMZ_SPYRAL_READS;
    if (!hmz_parquet_get_i32(self->table, self->at[HMZ_EVENTS_HARMONIC_RUN], &row->harmonic_run) ||
        !hmz_parquet_get_u64(self->table, self->at[HMZ_EVENTS_HARMONIC_EVENT], &row->harmonic_event))
        return hmz_fail(err, HMZ_E_DAMAGED, "%s: an event without a place in the set", name);
    if (self->has_spyral && hmz_parquet_get_u32(self->table, self->at[HMZ_EVENTS_SPYRAL], &spyral) &&
        spyral >= HMZ_SPYRAL_VERDICTS)
        return hmz_fail(err, HMZ_E_DAMAGED, "%s: spyral is %u, expected 0 to %d", name, spyral,
                        HMZ_SPYRAL_VERDICTS - 1);
    row->spyral = (enum hmz_spyral)spyral;
    return HMZ_OK;
}

bool hmz_events_rows_checksum(const struct hmz_events_rows *self, uint64_t *checksum_out)
{
    return hmz_parquet_get_u64(self->table, self->at[HMZ_EVENTS_CHECKSUM], checksum_out);
}
