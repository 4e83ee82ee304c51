/* SPDX-License-Identifier: MIT */
/* The element types that are moved as plain bytes: the standard integers and floats of either byte order.
 * Source of the names: HDF5 User's Guide, predefined datatypes (H5T_STD_…, H5T_IEEE_…). */
#ifndef HMZ_ELEMENT_H
#define HMZ_ELEMENT_H

#include <stdbool.h>

/* Little-endian ones are numbered 1 to 10, their big-endian twins 11 to 20. The numbers are written to index
 * files: never change one, only add. */
enum hmz_element {
    HMZ_ELEMENT_OTHER = 0, /* an integer or float of no standard kind (odd precision, 16-bit float, VAX …) */
    HMZ_ELEMENT_I8LE = 1,
    HMZ_ELEMENT_I16LE,
    HMZ_ELEMENT_I32LE,
    HMZ_ELEMENT_I64LE,
    HMZ_ELEMENT_U8LE,
    HMZ_ELEMENT_U16LE,
    HMZ_ELEMENT_U32LE,
    HMZ_ELEMENT_U64LE,
    HMZ_ELEMENT_F32LE,
    HMZ_ELEMENT_F64LE,
    HMZ_ELEMENT_I8BE,
    HMZ_ELEMENT_I16BE,
    HMZ_ELEMENT_I32BE,
    HMZ_ELEMENT_I64BE,
    HMZ_ELEMENT_U8BE,
    HMZ_ELEMENT_U16BE,
    HMZ_ELEMENT_U32BE,
    HMZ_ELEMENT_U64BE,
    HMZ_ELEMENT_F32BE,
    HMZ_ELEMENT_F64BE,
    HMZ_ELEMENT_COUNT,
};

/* From a little-endian one to its big-endian twin. */
enum { HMZ_ELEMENT_TWIN = HMZ_ELEMENT_I8BE - HMZ_ELEMENT_I8LE };

/* Same class, sign and width, whatever the byte order. */
bool hmz_element_alike(enum hmz_element a, enum hmz_element b);

#endif
