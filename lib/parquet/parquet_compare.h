/* SPDX-License-Identifier: MIT */
/* Do two tables hold the same rows? Their bytes may differ all the same: another version of zstd packs the
 * same pages in another way. */
#ifndef HMZ_PARQUET_COMPARE_H
#define HMZ_PARQUET_COMPARE_H

#include <signal.h>

#include "hmz_error.h"

struct hmz_parquet_difference {
    char text[256]; /* "row 12: traces is 5, expected 6"; "" for none */
};

/* The table that `fd` reads with the one that is expected: number of rows, and each column of the former,
 * which may lack some (older tables lack newer columns). HMZ_E_DAMAGED: `fd` is no table that
 * parquet_writer.c wrote. */
HMZ_MUST_CHECK int hmz_parquet_compare(int fd, int expected_fd, const volatile sig_atomic_t *stop,
                                       struct hmz_parquet_difference *out, struct hmz_error *err);

#endif
