/* SPDX-License-Identifier: MIT */
#include "h5_link.h"

bool hmz_h5_link_read(hid_t from, const char *path, struct hmz_h5_link *out)
{
    unsigned flags;
    /* libhdf5 takes a value for a link only where the end of the room given is the end of a text, however
     * short the link. */
    out->value[sizeof out->value - 1] = '\0';
    return H5Lget_val(from, path, out->value, sizeof out->value, H5P_DEFAULT) >= 0 &&
           H5Lunpack_elink_val(out->value, sizeof out->value, &flags, &out->file, &out->target) >= 0;
}
