/* SPDX-License-Identifier: MIT */
/* What something that libhdf5 carries over takes of a harmonic run, in bytes: for the prediction of a length.
 * Arithmetic, within a per cent or so. Source: HDF5 File Format Specification 3.0, III.E, IV.A.2.m. */
#ifndef HMZ_H5_SIZE_H
#define HMZ_H5_SIZE_H

#include <hdf5.h>
#include <stdint.h>

#include "hmz_error.h"

/* An attribute in the header of its object, and its texts beside it. `value`: as read with `type`. */
uint64_t hmz_h5_size_of_attr(const char *name, hid_t type, hid_t space, const void *value);

/* Adds what an object of any kind takes besides the data of a dataset: header, attributes, list of members
 * (not the members themselves), list of chunks, texts. Of texts beyond a MiB of references only these count,
 * which are data. HMZ_E_DAMAGED: libhdf5 cannot tell. */
HMZ_MUST_CHECK int hmz_h5_size_add_object(hid_t object, uint64_t *bytes, struct hmz_error *err);

#endif
