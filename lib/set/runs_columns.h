/* SPDX-License-Identifier: MIT */
/* The columns of runs.parquet, for the one who writes the table and for the one who reads it again. */
#ifndef HMZ_RUNS_COLUMNS_H
#define HMZ_RUNS_COLUMNS_H

#include "parquet_column.h"

enum hmz_runs_column {
    HMZ_RUNS_RUN,
    HMZ_RUNS_FILE,
    HMZ_RUNS_VERSION,
    HMZ_RUNS_BYTES,
    HMZ_RUNS_EVENTS,
    HMZ_RUNS_EVENTS_WITHOUT_GET,
    HMZ_RUNS_EVENTS_AFTER_LAST_GET,
    HMZ_RUNS_CLOSED,
    HMZ_RUNS_SCALERS,
    HMZ_RUNS_FRIB_RUN,
    HMZ_RUNS_FRIB_START,
    HMZ_RUNS_FRIB_STOP,
    HMZ_RUNS_FRIB_TIME,
    HMZ_RUNS_MIN_GET_TS,
    HMZ_RUNS_MAX_GET_TS,
    HMZ_RUNS_TITLE,
    HMZ_RUNS_SKIPPED,
    HMZ_RUNS_LIVE_FRACTION,
    HMZ_RUNS_IC_COUNTS,
    HMZ_RUNS_MESH_COUNTS,
    HMZ_RUNS_DURATION_S,
    HMZ_RUNS_COLUMN_COUNT
};

extern const struct hmz_parquet_column hmz_runs_columns[HMZ_RUNS_COLUMN_COUNT];

#endif
