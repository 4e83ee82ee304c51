/* SPDX-License-Identifier: MIT */
/* runs.parquet: one row per merged run, with what it says of itself and the harmonic runs do not carry. */
#include "parquet_writer.h"
#include "path.h"
#include "plain_text.h"
#include "runs_columns.h"
#include "stop.h"
#include "tables.h"
#include "version.h"

enum { ROW_GROUP_ROWS = 1 << 17 };

static void put_info(struct hmz_parquet *table, const struct hmz_run_info *info)
{
    char version[HMZ_TEXT_ROOM(HMZ_RUN_VERSION_BYTES)];
    hmz_text_to_utf8(info->version, version, sizeof version);
    if (version[0])
        hmz_parquet_put_text(table, HMZ_RUNS_VERSION, version);
    hmz_parquet_put_u32(table, HMZ_RUNS_CLOSED, info->closed);
    if (info->present & HMZ_RUN_HAS_FRIB_INFO) {
        hmz_parquet_put_u32(table, HMZ_RUNS_FRIB_RUN, info->frib_run);
        hmz_parquet_put_u32(table, HMZ_RUNS_FRIB_START, info->frib_start);
        hmz_parquet_put_u32(table, HMZ_RUNS_FRIB_STOP, info->frib_stop);
        hmz_parquet_put_u32(table, HMZ_RUNS_FRIB_TIME, info->frib_time);
    }
    if (info->present & HMZ_RUN_HAS_GET_TIMES) {
        hmz_parquet_put_u64(table, HMZ_RUNS_MIN_GET_TS, info->min_get_ts);
        hmz_parquet_put_u64(table, HMZ_RUNS_MAX_GET_TS, info->max_get_ts);
    }
    if (info->present & HMZ_RUN_HAS_TITLE)
        hmz_parquet_put_text(table, HMZ_RUNS_TITLE, info->title);
}

static void put_counts(struct hmz_parquet *table, enum hmz_runs_column column,
                       const struct hmz_index_run *run, enum hmz_scaler_value value)
{
    uint64_t counts;
    if (hmz_scaler_totals_get(&run->totals, value, &counts))
        hmz_parquet_put_u64(table, column, counts);
}

static void put_totals(struct hmz_parquet *table, const struct hmz_index_run *run)
{
    double value;
    if (hmz_scaler_totals_live(&run->totals, &value))
        hmz_parquet_put_double(table, HMZ_RUNS_LIVE_FRACTION, value);
    put_counts(table, HMZ_RUNS_IC_COUNTS, run, HMZ_SCALER_ION_CHAMBER);
    put_counts(table, HMZ_RUNS_MESH_COUNTS, run, HMZ_SCALER_MESH);
    if (hmz_get_times_duration(&run->times, &value))
        hmz_parquet_put_double(table, HMZ_RUNS_DURATION_S, value);
}

/* What nobody has read of a run that was left out as a whole is null: the set has none of its events, and
 * that is known. */
static int put_run(struct hmz_parquet *table, const struct hmz_report_run *reported, const char *path,
                   struct hmz_error *err)
{
    const struct hmz_index_run *run = &reported->index;
    hmz_parquet_put_i32(table, HMZ_RUNS_RUN, run->run);
    hmz_parquet_put_text(table, HMZ_RUNS_FILE, hmz_path_name(path));
    hmz_parquet_put_u64(table, HMZ_RUNS_BYTES, run->identity.bytes);
    hmz_parquet_put_u64(table, HMZ_RUNS_EVENTS, run->event_count);
    hmz_parquet_put_u64(table, HMZ_RUNS_EVENTS_WITHOUT_GET, run->events_without_get);
    hmz_parquet_put_u64(table, HMZ_RUNS_EVENTS_AFTER_LAST_GET, run->events_after_last_get);
    hmz_parquet_put_u64(table, HMZ_RUNS_SCALERS, run->scaler_count);
    if (!reported->left_out) {
        put_info(table, &run->info);
        hmz_parquet_put_u64(table, HMZ_RUNS_SKIPPED, reported->skipped_events);
        put_totals(table, run);
    }
    return hmz_parquet_end_row(table, err);
}

int hmz_runs_table_write(const struct hmz_table_source *source, struct hmz_outfile *file,
                         struct hmz_error *err)
{
    struct hmz_parquet *table = NULL;
    const struct hmz_parquet_options options = {.created_by = "harmonizer " HMZ_PROGRAM_VERSION,
                                                .row_group_rows = ROW_GROUP_ROWS};
    int status = hmz_parquet_new(hmz_runs_columns, HMZ_RUNS_COLUMN_COUNT, &options, file, &table, err);
    const struct hmz_report *report = source->report;
    for (size_t i = 0; status == HMZ_OK && i < report->run_count; i++) {
        status = hmz_stop_check(source->stop, err);
        if (status == HMZ_OK)
            status = put_run(table, &report->runs[i], source->plan->runs[i].path, err);
    }
    if (status == HMZ_OK)
        status = hmz_parquet_finish(table, err);
    hmz_parquet_free(table);
    return status;
}
