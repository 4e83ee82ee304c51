/* SPDX-License-Identifier: MIT */
/* Attributes: typed, range-checked reads, writes of the exact little-endian types, and copies.
 *
 * A missing attribute, one of another shape or class, and a value that does not fit are HMZ_E_DAMAGED with
 * the name, the expected and the found. Reads accept every integer type whose value fits. */
#ifndef HMZ_H5_ATTR_H
#define HMZ_H5_ATTR_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

HMZ_MUST_CHECK int hmz_h5_attr_read_u64(hid_t object, const char *name, uint64_t *value_out,
                                        struct hmz_error *err);
HMZ_MUST_CHECK int hmz_h5_attr_read_u32(hid_t object, const char *name, uint32_t *value_out,
                                        struct hmz_error *err);
HMZ_MUST_CHECK int hmz_h5_attr_read_i32(hid_t object, const char *name, int32_t *value_out,
                                        struct hmz_error *err);

/* A scalar string of either kind (fixed or variable length) into `text`, NUL terminated; longer than
 * capacity_bytes - 1: HMZ_E_DAMAGED. */
HMZ_MUST_CHECK int hmz_h5_attr_read_text(hid_t object, const char *name, char *text, size_t capacity_bytes,
                                         struct hmz_error *err);

/* Writes scalars. `scalar` is a scalar dataspace, made once by the caller; `type` the type in the file. */
HMZ_MUST_CHECK int hmz_h5_attr_write(hid_t object, const char *name, hid_t type, hid_t scalar,
                                     const void *value, struct hmz_error *err);
/* A variable-length UTF-8 string, NUL terminated, as the merger writes `version`. */
HMZ_MUST_CHECK int hmz_h5_attr_write_text(hid_t object, const char *name, const char *text,
                                          struct hmz_error *err);

/* Copies the attributes of `from` that are not in `except` (NULL-terminated list) to `to`, in byte order of
 * their names, with the type and shape they have. Attributes that hold references to objects of their file
 * are HMZ_E_DAMAGED: they would mean nothing elsewhere. *bytes: what they take there is added (h5_size.h). */
HMZ_MUST_CHECK int hmz_h5_attr_copy_others(hid_t from, hid_t to, const char *const *except, uint64_t *bytes,
                                           struct hmz_error *err);

/* HMZ_E_DAMAGED where an attribute of the object holds references: H5Ocopy would write zeros for them without
 * a word. */
HMZ_MUST_CHECK int hmz_h5_attr_check_references(hid_t object, struct hmz_error *err);

#endif
