/* SPDX-License-Identifier: MIT */
/* Numbers of parquet.thrift, and how each type of column is written into a file. Private to lib/parquet. */
#ifndef HMZ_PARQUET_TYPES_H
#define HMZ_PARQUET_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parquet_column.h"

#define HMZ_PARQUET_MAGIC "PAR1"

enum {
    HMZ_PARQUET_MAGIC_BYTES = 4,
    HMZ_PARQUET_FORMAT_VERSION = 2,
    HMZ_PARQUET_REPETITION_OPTIONAL = 1,
    HMZ_PARQUET_CONVERTED_NONE = -1,
    HMZ_PARQUET_PAGE_DATA = 0,
    HMZ_PARQUET_ENCODING_PLAIN = 0,
    HMZ_PARQUET_ENCODING_RLE = 3,
    HMZ_PARQUET_CODEC_ZSTD = 6,
    HMZ_PARQUET_LOGICAL_STRING = 1,
    HMZ_PARQUET_LOGICAL_INTEGER = 10,
};

struct hmz_parquet_type_words {
    int32_t physical, converted;
    int8_t bits; /* of the logical integer; 0: it is none */
    bool has_sign;
    uint8_t width; /* bytes of a value; 0: a length, then bytes */
};

extern const struct hmz_parquet_type_words hmz_parquet_types[];
enum { HMZ_PARQUET_TYPE_COUNT = HMZ_PARQUET_TEXT + 1 };

#endif
