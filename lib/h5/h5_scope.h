/* SPDX-License-Identifier: MIT */
/* HDF5 identifiers that close themselves at the end of their scope.
 *
 *     HMZ_H5_SCOPED dataset = H5Dopen2(event, "get_traces", H5P_DEFAULT);
 *     if (dataset < 0) …
 *
 * One closer fits every kind of identifier. For files that were written to, this is only the way out
 * after a failure: hmz_h5_close() closes and tells whether it worked. */
#ifndef HMZ_H5_SCOPE_H
#define HMZ_H5_SCOPE_H

#include <hdf5.h>

#include "hmz_error.h"

static inline void hmz_h5_drop(hid_t *id)
{
    if (*id >= 0)
        H5Idec_ref(*id);
    *id = -1;
}

#define HMZ_H5_SCOPED __attribute__((cleanup(hmz_h5_drop))) hid_t

/* Closes *id, sets it to -1, and reports a failure as "cannot close WHAT: …". */
HMZ_MUST_CHECK int hmz_h5_close(hid_t *id, const char *what, struct hmz_error *err);

#endif
