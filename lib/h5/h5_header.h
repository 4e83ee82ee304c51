/* SPDX-License-Identifier: MIT */
/* Object headers of version 1, which all mergers write, have no checksum. Damage there that libhdf5 1.10 does
 * not look for, and later versions refuse: an attribute that claims more bytes than its place holds (libhdf5
 * then reads on in its own memory, and each process finds something else), more parts than the header says,
 * chunks of elements of another width than the type.
 *
 * No parser of HDF5: what libhdf5 can tell, it is asked for. Headers of another version, and what is too
 * large to be a merger's, are left to it. */
#ifndef HMZ_H5_HEADER_H
#define HMZ_H5_HEADER_H

#include <stdint.h>

#include "hmz_error.h"
#include "read_cache.h"

/* `address`: of the header, from the begin of the file. HMZ_E_DAMAGED: as above. */
HMZ_MUST_CHECK int hmz_h5_header_check(struct hmz_read_cache *file, uint64_t address, struct hmz_error *err);

#endif
