/* SPDX-License-Identifier: MIT */
/* Keeps libhdf5's memory small: without limits a process that goes through a large run grows to some hundred
 * megabytes and stays there, in metadata and in free lists. */
#ifndef HMZ_H5_MEMORY_H
#define HMZ_H5_MEMORY_H

#include <hdf5.h>
#include <stdint.h>

#include "hmz_error.h"

/* Limits the free lists of this process. */
HMZ_MUST_CHECK int hmz_h5_limit_free_lists(struct hmz_error *err);

/* Bytes that the metadata cache needs for a file whose largest group has this many members. Never less than
 * the names of the group take: below that every look-up reads them again. */
uint64_t hmz_h5_cache_bytes(uint64_t member_count);

/* Sets the size of the metadata cache, on a file access property list or on an open file. */
HMZ_MUST_CHECK int hmz_h5_limit_cache(hid_t access, uint64_t member_count, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_h5_limit_open_cache(hid_t file, uint64_t member_count, struct hmz_error *err);

#endif
