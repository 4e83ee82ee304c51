/* SPDX-License-Identifier: MIT */
/* What a newer HDF5 wrote in a form that this libhdf5 does not know is no damage, nor is a file that its
 * writer has not closed yet.
 *
 * libhdf5 says "bad version number" of both. The headers that newer versions write carry a checksum, which it
 * has checked by then: an unknown version in one of these was written so. The headers of the mergers (version
 * 1) have none: there it is a changed byte. Source: HDF5 File Format Specification, II.A (superblock),
 * IV.A.1. */
#ifndef HMZ_H5_NEWER_H
#define HMZ_H5_NEWER_H

#include <hdf5.h>

#include "hmz_error.h"
#include "read_cache.h"

/* Turns HMZ_E_DAMAGED in `err`, from a failure at the object `name` of `location` ("." for itself), into
 * HMZ_E_FAILED with what helps, where a newer HDF5 wrote it. Returns the status. */
int hmz_h5_judge_newer_object(hid_t location, const char *name, struct hmz_error *err);

/* The same after a file could not be opened; also where it is marked as open for writing, as files of
 * superblock version 3 are until their writer closes them. */
int hmz_h5_judge_unopened_file(struct hmz_read_cache *file, struct hmz_error *err);

#endif
