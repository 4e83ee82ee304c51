/* SPDX-License-Identifier: MIT */
#include "events_columns.h"

const struct hmz_parquet_column hmz_events_columns[HMZ_EVENTS_COLUMN_COUNT] = {
    [HMZ_EVENTS_ORIG_RUN] = {"orig_run", HMZ_PARQUET_I32},
    [HMZ_EVENTS_ORIG_EVENT] = {"orig_event", HMZ_PARQUET_U64},
    [HMZ_EVENTS_HARMONIC_RUN] = {"harmonic_run", HMZ_PARQUET_I32},
    [HMZ_EVENTS_HARMONIC_EVENT] = {"harmonic_event", HMZ_PARQUET_U64},
    [HMZ_EVENTS_TRACES] = {"traces", HMZ_PARQUET_U64},
    [HMZ_EVENTS_BYTES] = {"bytes", HMZ_PARQUET_U64},
    [HMZ_EVENTS_GET_ID] = {"get_id", HMZ_PARQUET_U32},
    [HMZ_EVENTS_GET_TIMESTAMP] = {"get_timestamp", HMZ_PARQUET_U64},
    [HMZ_EVENTS_GET_TIMESTAMP_OTHER] = {"get_timestamp_other", HMZ_PARQUET_U64},
    [HMZ_EVENTS_FRIB_ID] = {"frib_id", HMZ_PARQUET_U32},
    [HMZ_EVENTS_FRIB_TIMESTAMP] = {"frib_timestamp", HMZ_PARQUET_U32},
    [HMZ_EVENTS_COINCIDENCE] = {"coincidence", HMZ_PARQUET_U32},
    [HMZ_EVENTS_CHECKSUM] = {"checksum", HMZ_PARQUET_U64},
    [HMZ_EVENTS_SPYRAL] = {"spyral", HMZ_PARQUET_U32},
};
