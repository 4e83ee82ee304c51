/* SPDX-License-Identifier: MIT */
#include "runs_columns.h"

const struct hmz_parquet_column hmz_runs_columns[HMZ_RUNS_COLUMN_COUNT] = {
    [HMZ_RUNS_RUN] = {"run", HMZ_PARQUET_I32},
    [HMZ_RUNS_FILE] = {"file", HMZ_PARQUET_TEXT},
    [HMZ_RUNS_VERSION] = {"version", HMZ_PARQUET_TEXT},
    [HMZ_RUNS_BYTES] = {"bytes", HMZ_PARQUET_U64},
    [HMZ_RUNS_EVENTS] = {"events", HMZ_PARQUET_U64},
    [HMZ_RUNS_EVENTS_WITHOUT_GET] = {"events_without_get", HMZ_PARQUET_U64},
    [HMZ_RUNS_EVENTS_AFTER_LAST_GET] = {"events_after_last_get", HMZ_PARQUET_U64},
    [HMZ_RUNS_CLOSED] = {"closed", HMZ_PARQUET_U32},
    [HMZ_RUNS_SCALERS] = {"scalers", HMZ_PARQUET_U64},
    [HMZ_RUNS_FRIB_RUN] = {"frib_run", HMZ_PARQUET_U32},
    [HMZ_RUNS_FRIB_START] = {"frib_start", HMZ_PARQUET_U32},
    [HMZ_RUNS_FRIB_STOP] = {"frib_stop", HMZ_PARQUET_U32},
    [HMZ_RUNS_FRIB_TIME] = {"frib_time", HMZ_PARQUET_U32},
    [HMZ_RUNS_MIN_GET_TS] = {"min_get_ts", HMZ_PARQUET_U64},
    [HMZ_RUNS_MAX_GET_TS] = {"max_get_ts", HMZ_PARQUET_U64},
    [HMZ_RUNS_TITLE] = {"title", HMZ_PARQUET_TEXT},
};
