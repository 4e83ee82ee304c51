/* SPDX-License-Identifier: MIT */
/* A column of a table, as the writer and the reader name it. */
#ifndef HMZ_PARQUET_COLUMN_H
#define HMZ_PARQUET_COLUMN_H

/* Each has a row in parquet_types.c. */
enum hmz_parquet_type {
    HMZ_PARQUET_I32,
    HMZ_PARQUET_U32,
    HMZ_PARQUET_U64,
    HMZ_PARQUET_DOUBLE,
    HMZ_PARQUET_TEXT
};

struct hmz_parquet_column {
    const char *name; /* UTF-8; texts must live as long as the table */
    enum hmz_parquet_type type;
    /* What a value means, and its unit, for people: written beside the columns. NULL: not said. */
    const char *meaning, *unit;
};

#endif
