/* SPDX-License-Identifier: MIT */
#include "events_columns.h"

const struct hmz_parquet_column hmz_events_columns[HMZ_EVENTS_COLUMN_COUNT] = {
    [HMZ_EVENTS_ORIG_RUN] = {"orig_run", HMZ_PARQUET_I32, "merged run", NULL},
    [HMZ_EVENTS_ORIG_EVENT] = {"orig_event", HMZ_PARQUET_U64, "event number there", NULL},
    [HMZ_EVENTS_HARMONIC_RUN] = {"harmonic_run", HMZ_PARQUET_I32, "harmonic run", NULL},
    [HMZ_EVENTS_HARMONIC_EVENT] = {"harmonic_event", HMZ_PARQUET_U64, "event number there", NULL},
    [HMZ_EVENTS_TRACES] = {"traces", HMZ_PARQUET_U64, "rows of get_traces; 0 without GET data", "traces"},
    [HMZ_EVENTS_BYTES] = {"bytes", HMZ_PARQUET_U64, "size of the event", "bytes"},
    [HMZ_EVENTS_GET_ID] = {"get_id", HMZ_PARQUET_U32, "id of the GET part; null without GET data", NULL},
    [HMZ_EVENTS_GET_TIMESTAMP] = {"get_timestamp", HMZ_PARQUET_U64, "timestamp of the GET part; null without",
                                  "ticks"},
    [HMZ_EVENTS_GET_TIMESTAMP_OTHER] =
        {"get_timestamp_other", HMZ_PARQUET_U64,
         "timestamp_other of the GET part, which runs with FRIBDAQ; null without", "ticks"},
    [HMZ_EVENTS_FRIB_ID] = {"frib_id", HMZ_PARQUET_U32, "id of the FRIB part; null without FRIB data", NULL},
    [HMZ_EVENTS_FRIB_TIMESTAMP] = {"frib_timestamp", HMZ_PARQUET_U32,
                                   "timestamp of the FRIB part; null without", "ticks"},
    [HMZ_EVENTS_COINCIDENCE] = {"coincidence", HMZ_PARQUET_U32, "value 0 of 977; null without", NULL},
    [HMZ_EVENTS_CHECKSUM] = {"checksum", HMZ_PARQUET_U64,
                             "XXH3-64 of the data of the event; null in a set of links", NULL},
    [HMZ_EVENTS_SPYRAL] = {"spyral", HMZ_PARQUET_U32,
                           "0: Spyral 1.1.2 can read the event; 1 to 5: why it cannot", NULL},
    [HMZ_EVENTS_TIME_S] =
        {"time_s", HMZ_PARQUET_DOUBLE,
         "time since the first GET event of its run that has one, by get_timestamp; null without", "s"},
};
