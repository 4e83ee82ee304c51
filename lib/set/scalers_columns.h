/* SPDX-License-Identifier: MIT */
/* How the columns of scalers.parquet are called. */
#ifndef HMZ_SCALERS_COLUMNS_H
#define HMZ_SCALERS_COLUMNS_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "parquet_column.h"

/* run, event, then the values, then those of the header. */
enum { HMZ_SCALERS_KEY_COLUMNS = 2, HMZ_SCALERS_KNOWN_VALUES = 11, HMZ_SCALERS_HEADER_VALUES = 4 };
extern const struct hmz_parquet_column hmz_scalers_key_columns[HMZ_SCALERS_KEY_COLUMNS];
extern const struct hmz_parquet_column hmz_scalers_header_columns[HMZ_SCALERS_HEADER_VALUES];

/* Of value `i`: "clock_free", "scaler_11"; "value 0: clock". */
struct hmz_scalers_name {
    char text[32];
    char meaning[64];
};
struct hmz_scalers_name hmz_scalers_value_name(size_t i);

#endif
