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

/* Sets the size of the metadata cache, of files yet to be opened with `access`, whose largest group has names
 * of this many bytes (the heap of an old-style group, which is one entry of the cache: with less room than
 * that every look-up reads it again, and every new member writes it). */
HMZ_MUST_CHECK int hmz_h5_limit_cache(hid_t access, uint64_t names_bytes, struct hmz_error *err);

/* The same for an open file, by what the names of these groups of it take together (below 0: no group). */
HMZ_MUST_CHECK int hmz_h5_limit_cache_to(hid_t file, const hid_t *groups, size_t group_count,
                                         struct hmz_error *err);

#endif
