/* SPDX-License-Identifier: MIT */
/* XXH3-128 of a whole file, as the manifest lists it and as xxh128sum prints it. */
#ifndef HMZ_FILE_HASH_H
#define HMZ_FILE_HASH_H

#include <stdint.h>

#include "hmz_error.h"
#include "tick.h"

struct hmz_file_hash { /* as xxh128sum prints it: high, then low, in hexadecimal */
    uint64_t high, low;
};

/* The first `length` bytes of an open file. Tells `tick` of the bytes as they are read. */
HMZ_MUST_CHECK int hmz_file_hash_take(int fd, uint64_t length, const struct hmz_tick *tick,
                                      struct hmz_file_hash *hash_out, struct hmz_error *err);

/* "0123…": 32 hexadecimal digits, as xxh128sum prints. */
struct hmz_hash_text {
    char text[33];
};
struct hmz_hash_text hmz_file_hash_text(struct hmz_file_hash hash);

#endif
