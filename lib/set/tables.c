/* SPDX-License-Identifier: MIT */
#include "tables.h"

#include <stdlib.h>

#include "path.h"
#include "plan_index.h"
#include "posix_io.h"
#include "stop.h"

const struct hmz_table hmz_tables[HMZ_TABLE_COUNT] = {
    {HMZ_SCALERS_TABLE, hmz_scalers_table_write},
    {HMZ_EVENTS_TABLE, hmz_events_table_write},
    {HMZ_RUNS_TABLE, hmz_runs_table_write},
};

/* Uncompressed: an event is 14 columns of at most 8 bytes, a readout seldom more than 32 values. */
enum { EVENT_ROW_BYTES = 112, SCALER_ROW_BYTES = 320, RUN_ROW_BYTES = 1024, TABLE_BYTES = 64 << 10 };

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

int hmz_tables_open_listed(const char *harmonic_path, const struct hmz_manifest *manifest, const char *name,
                           int *fd_out, struct hmz_error *err)
{
    *fd_out = -1;
    const struct hmz_manifest_output *listed = hmz_manifest_find_output(manifest, name);
    if (!listed)
        return hmz_fail(err, HMZ_E_DAMAGED, "%s: the manifest lists no %s", harmonic_path, name);
    char *path = hmz_path_join(harmonic_path, name);
    if (!path)
        return hmz_fail_nomem(err, "a path");
    int status = hmz_io_open_regular(path, fd_out, err);
    if (status == HMZ_END)
        status = hmz_fail(err, HMZ_E_FAILED, "%s: is missing: put it back from a copy", path);
    else if (status == HMZ_OK && hmz_manifest_check_output(listed, *fd_out, err) != HMZ_OK)
        status = hmz_context(err, "%s", harmonic_path);
    free(path);
    return status;
}
