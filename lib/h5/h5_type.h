/* SPDX-License-Identifier: MIT */
/* Can a type read from a file be? Older versions of libhdf5 take any bits that describe a type, newer ones
 * refuse those that make no sense; a type with a changed bit would give other values. */
#ifndef HMZ_H5_TYPE_H
#define HMZ_H5_TYPE_H

#include <hdf5.h>

#include "hmz_error.h"

/* `type` any HDF5 datatype; its members and elements are looked at too. HMZ_E_DAMAGED where a number has no
 * bits, bits outside its bytes, bits that are two things at once, or far more bytes than bits (what HDF5 2.0
 * refuses). */
HMZ_MUST_CHECK int hmz_h5_type_check(hid_t type, struct hmz_error *err);

#endif
