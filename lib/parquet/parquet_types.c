/* SPDX-License-Identifier: MIT */
#include "parquet_types.h"

enum {
    TYPE_INT32 = 1,
    TYPE_INT64 = 2,
    TYPE_DOUBLE = 5,
    TYPE_BYTE_ARRAY = 6,
    CONVERTED_UTF8 = 0,
    CONVERTED_UINT_32 = 13,
    CONVERTED_UINT_64 = 14,
    CONVERTED_INT_32 = 17,
};

const struct hmz_parquet_type_words hmz_parquet_types[HMZ_PARQUET_TYPE_COUNT] = {
    [HMZ_PARQUET_I32] = {TYPE_INT32, CONVERTED_INT_32, 32, true, 4},
    [HMZ_PARQUET_U32] = {TYPE_INT32, CONVERTED_UINT_32, 32, false, 4},
    [HMZ_PARQUET_U64] = {TYPE_INT64, CONVERTED_UINT_64, 64, false, 8},
    [HMZ_PARQUET_DOUBLE] = {TYPE_DOUBLE, HMZ_PARQUET_CONVERTED_NONE, 0, false, 8},
    [HMZ_PARQUET_TEXT] = {TYPE_BYTE_ARRAY, CONVERTED_UTF8, 0, false, 0},
};
