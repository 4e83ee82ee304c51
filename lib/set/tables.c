/* SPDX-License-Identifier: MIT */
#include "tables.h"

#include <stdlib.h>

#include "plan_index.h"
#include "stop.h"

const struct hmz_table hmz_tables[HMZ_TABLE_COUNT] = {
    {HMZ_SCALERS_TABLE, hmz_scalers_table_write},
    {HMZ_EVENTS_TABLE, hmz_events_table_write},
    {HMZ_RUNS_TABLE, hmz_runs_table_write},
};

/* Uncompressed: an event is 14 columns of at most 8 bytes, a readout seldom more than 32 values. */
enum { EVENT_ROW_BYTES = 104, SCALER_ROW_BYTES = 320, RUN_ROW_BYTES = 1024, TABLE_BYTES = 64 << 10 };

uint64_t hmz_tables_bound(const struct hmz_plan *plan, uint64_t scaler_count)
{
    return plan->event_count * EVENT_ROW_BYTES + scaler_count * SCALER_ROW_BYTES +
           plan->run_count * RUN_ROW_BYTES + (uint64_t)HMZ_TABLE_COUNT * TABLE_BYTES;
}

int hmz_tables_each_run(const struct hmz_table_source *source, hmz_tables_visit *visit, void *data,
                        struct hmz_error *err)
{
    const struct hmz_plan *plan = source->plan;
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < plan->run_count; i++) {
        struct hmz_index *index;
        status = hmz_stop_check(source->stop, err);
        if (status == HMZ_OK)
            status = hmz_plan_index_open(source->state, &plan->runs[i], &index, err);
        if (status != HMZ_OK)
            break;
        status = visit(data, &plan->runs[i], index, err);
        hmz_index_close(index);
    }
    return status;
}
