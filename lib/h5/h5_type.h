/* SPDX-License-Identifier: MIT */
/* Checks a datatype that was read from a file. Old versions of libhdf5 accept any description of a type. New
 * versions refuse a description that makes no sense. A type with a changed bit would give other values. */
#ifndef HMZ_H5_TYPE_H
#define HMZ_H5_TYPE_H

#include <hdf5.h>

#include "hmz_error.h"

/* `type` is any HDF5 datatype. Its members and elements are checked, too. HMZ_E_DAMAGED: a number has no
 * bits, bits outside its bytes, bits with two meanings, or far more bytes than bits (as HDF5 2.0 refuses). */
HMZ_MUST_CHECK int hmz_h5_type_check(hid_t type, struct hmz_error *err);

#endif
