/* SPDX-License-Identifier: MIT */
/* Where an external link leads. */
#ifndef HMZ_H5_LINK_H
#define HMZ_H5_LINK_H

#include <hdf5.h>
#include <stdbool.h>

enum { HMZ_H5_LINK_BYTES = 8192 }; /* more than two paths */

struct hmz_h5_link {
    char value[HMZ_H5_LINK_BYTES]; /* what the others point into */
    const char *file;              /* as the link has it: relative to the folder of the file that holds it */
    const char *target;            /* the object's path there */
};

/* `path`: of the link, from `from` on. False: there is no external link of at most that length. */
bool hmz_h5_link_read(hid_t from, const char *path, struct hmz_h5_link *out);

#endif
