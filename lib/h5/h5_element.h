/* SPDX-License-Identifier: MIT */
/* Which element type (element.h) an HDF5 datatype is, and the other way round. */
#ifndef HMZ_H5_ELEMENT_H
#define HMZ_H5_ELEMENT_H

#include <hdf5.h>

#include "element.h"

/* The element type of an HDF5 datatype; HMZ_ELEMENT_OTHER where it is none of the standard ones. */
enum hmz_element hmz_element_of(hid_t type);

/* The HDF5 datatype: a predefined one, borrowed; -1 for HMZ_ELEMENT_OTHER. */
hid_t hmz_element_type(enum hmz_element element);

/* "16-bit signed integers" and so on, for messages. `type` any HDF5 datatype. */
struct hmz_element_text {
    char text[64];
};
struct hmz_element_text hmz_element_describe(hid_t type);

#endif
