/* SPDX-License-Identifier: MIT */
/* The columns of events.parquet, for the one who writes the table and for the one who reads it again. */
#ifndef HMZ_EVENTS_COLUMNS_H
#define HMZ_EVENTS_COLUMNS_H

#include "parquet_column.h"

enum hmz_events_column {
    HMZ_EVENTS_ORIG_RUN,
    HMZ_EVENTS_ORIG_EVENT,
    HMZ_EVENTS_HARMONIC_RUN,
    HMZ_EVENTS_HARMONIC_EVENT,
    HMZ_EVENTS_TRACES,
    HMZ_EVENTS_BYTES,
    HMZ_EVENTS_GET_ID,
    HMZ_EVENTS_GET_TIMESTAMP,
    HMZ_EVENTS_GET_TIMESTAMP_OTHER,
    HMZ_EVENTS_FRIB_ID,
    HMZ_EVENTS_FRIB_TIMESTAMP,
    HMZ_EVENTS_COINCIDENCE,
    HMZ_EVENTS_CHECKSUM,
    HMZ_EVENTS_SPYRAL,
    HMZ_EVENTS_TIME_S,
    HMZ_EVENTS_COLUMN_COUNT
};

extern const struct hmz_parquet_column hmz_events_columns[HMZ_EVENTS_COLUMN_COUNT];

#endif
