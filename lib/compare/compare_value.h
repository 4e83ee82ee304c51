/* SPDX-License-Identifier: MIT */
/* Are two things of HDF5 the same: type, shape, values? For what the program copies without knowing it:
 * attributes of other names, and objects that are no numeric datasets. Either side may be damaged, so every
 * answer is a difference in words, never a failure, but for a lack of memory. */
#ifndef HMZ_COMPARE_VALUE_H
#define HMZ_COMPARE_VALUE_H

#include <hdf5.h>

#include "hmz_error.h"

/* What differs, "" for nothing. */
struct hmz_what_differs {
    char text[512];
};

/* Attribute `name` of two open objects; both have it. */
HMZ_MUST_CHECK int hmz_compare_attr(hid_t merged, hid_t harmonic, const char *name,
                                    struct hmz_what_differs *out, struct hmz_error *err);

/* The attributes of two open objects: `own` (NULL-terminated) are those that the harmonic object has of its
 * own and must have, whatever the merged one has under these names; of the others each must be in both and
 * the same. `merged` -1: there are no others. */
HMZ_MUST_CHECK int hmz_compare_attrs(hid_t merged, hid_t harmonic, const char *const *own,
                                     struct hmz_what_differs *out, struct hmz_error *err);

/* Two open objects as a whole: attributes, datasets, groups and what is in them. */
HMZ_MUST_CHECK int hmz_compare_object(hid_t merged, hid_t harmonic, struct hmz_what_differs *out,
                                      struct hmz_error *err);

#endif
