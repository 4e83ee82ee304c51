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

/* Bytes of the heap that holds the names of a group's members, one entry of the cache, where it was left to
 * libhdf5 to make room: it begins small and doubles. `names_bytes`: each name with its NUL, in multiples of
 * eight. */
uint64_t hmz_h5_heap_bytes(uint64_t names_bytes);

/* Sets the size of the metadata cache, on a file access property list or on an open file. `heap_bytes`: of
 * the heaps of all groups whose members are looked up or made by turns. With less room than that each look-up
 * reads the heap again, and each new member writes it. */
HMZ_MUST_CHECK int hmz_h5_limit_cache(hid_t access, uint64_t heap_bytes, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_h5_limit_open_cache(hid_t file, uint64_t heap_bytes, struct hmz_error *err);

#endif
