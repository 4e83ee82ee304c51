/* SPDX-License-Identifier: MIT */
/* runs.parquet: one row per merged run, with what it says of itself and the harmonic runs do not carry. */
#include "parquet_writer.h"
#include "path.h"
#include "plain_text.h"
#include "stop.h"
#include "tables.h"
#include "version.h"

enum column {
    RUN,
    FILE_NAME,
    VERSION,
    BYTES,
    EVENTS,
    EVENTS_WITHOUT_GET,
    EVENTS_AFTER_LAST_GET,
    CLOSED,
    SCALERS,
    FRIB_RUN,
    FRIB_START,
    FRIB_STOP,
    FRIB_TIME,
    MIN_GET_TS,
    MAX_GET_TS,
    TITLE,
    COLUMN_COUNT
};

static const struct hmz_parquet_column columns[COLUMN_COUNT] = {
    [RUN] = {"run", HMZ_PARQUET_I32},
    [FILE_NAME] = {"file", HMZ_PARQUET_TEXT},
    [VERSION] = {"version", HMZ_PARQUET_TEXT},
    [BYTES] = {"bytes", HMZ_PARQUET_U64},
    [EVENTS] = {"events", HMZ_PARQUET_U64},
    [EVENTS_WITHOUT_GET] = {"events_without_get", HMZ_PARQUET_U64},
    [EVENTS_AFTER_LAST_GET] = {"events_after_last_get", HMZ_PARQUET_U64},
    [CLOSED] = {"closed", HMZ_PARQUET_U32},
    [SCALERS] = {"scalers", HMZ_PARQUET_U64},
    [FRIB_RUN] = {"frib_run", HMZ_PARQUET_U32},
    [FRIB_START] = {"frib_start", HMZ_PARQUET_U32},
    [FRIB_STOP] = {"frib_stop", HMZ_PARQUET_U32},
    [FRIB_TIME] = {"frib_time", HMZ_PARQUET_U32},
    [MIN_GET_TS] = {"min_get_ts", HMZ_PARQUET_U64},
    [MAX_GET_TS] = {"max_get_ts", HMZ_PARQUET_U64},
    [TITLE] = {"title", HMZ_PARQUET_TEXT},
};

enum { ROW_GROUP_ROWS = 1 << 17 };

static void put_info(struct hmz_parquet *table, const struct hmz_run_info *info)
{
    char version[HMZ_TEXT_ROOM(HMZ_RUN_VERSION_BYTES)];
    hmz_text_to_utf8(info->version, version, sizeof version);
    if (version[0])
        hmz_parquet_put_text(table, VERSION, version);
    hmz_parquet_put_u32(table, CLOSED, info->closed);
    if (info->present & HMZ_RUN_HAS_FRIB_INFO) {
        hmz_parquet_put_u32(table, FRIB_RUN, info->frib_run);
        hmz_parquet_put_u32(table, FRIB_START, info->frib_start);
        hmz_parquet_put_u32(table, FRIB_STOP, info->frib_stop);
        hmz_parquet_put_u32(table, FRIB_TIME, info->frib_time);
    }
    if (info->present & HMZ_RUN_HAS_GET_TIMES) {
        hmz_parquet_put_u64(table, MIN_GET_TS, info->min_get_ts);
        hmz_parquet_put_u64(table, MAX_GET_TS, info->max_get_ts);
    }
    if (info->present & HMZ_RUN_HAS_TITLE)
        hmz_parquet_put_text(table, TITLE, info->title);
}

/* What nobody has read of a run that was left out as a whole is null: the set has none of its events, and
 * that is known. */
static int put_run(struct hmz_parquet *table, const struct hmz_report_run *reported, const char *path,
                   struct hmz_error *err)
{
    const struct hmz_index_run *run = &reported->index;
    hmz_parquet_put_i32(table, RUN, run->run);
    hmz_parquet_put_text(table, FILE_NAME, hmz_path_name(path));
    hmz_parquet_put_u64(table, BYTES, run->identity.bytes);
    hmz_parquet_put_u64(table, EVENTS, run->event_count);
    hmz_parquet_put_u64(table, EVENTS_WITHOUT_GET, run->events_without_get);
    hmz_parquet_put_u64(table, EVENTS_AFTER_LAST_GET, run->events_after_last_get);
    hmz_parquet_put_u64(table, SCALERS, run->scaler_count);
    if (!reported->left_out)
        put_info(table, &run->info);
    return hmz_parquet_end_row(table, err);
}

int hmz_runs_table_write(const struct hmz_table_source *source, struct hmz_outfile *file,
                         struct hmz_error *err)
{
    struct hmz_parquet *table = NULL;
    const struct hmz_parquet_options options = {.created_by = "harmonizer " HMZ_PROGRAM_VERSION,
                                                .row_group_rows = ROW_GROUP_ROWS};
    int status = hmz_parquet_new(columns, COLUMN_COUNT, &options, file, &table, err);
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
