/* SPDX-License-Identifier: MIT */
/* Is the libhdf5 that the loader found the one that this program was built for? A module or a conda
 * environment in LD_LIBRARY_PATH can bring another one of the same soname; libhdf5 then prints two hundred
 * lines and aborts, at the first use of one of its constants. */
#ifndef HMZ_H5_LIBRARY_H
#define HMZ_H5_LIBRARY_H

#include "hmz_error.h"

/* Once per process, before anything else of libhdf5. HMZ_E_FAILED (reach: job) with both versions. */
HMZ_MUST_CHECK int hmz_h5_library_check(struct hmz_error *err);

#endif
