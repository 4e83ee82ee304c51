/* SPDX-License-Identifier: MIT */
/* What a dataset of a merged run is and how its bytes are reached. */
#ifndef HMZ_H5_DATASET_H
#define HMZ_H5_DATASET_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "hmz_error.h"

struct hmz_h5_dataset {
    enum hmz_storage storage;
    enum hmz_element element; /* in the file */
    bool null;                /* no shape at all (null dataspace): libhdf5 copies it, as an object */
    int rank;                 /* 0 for a scalar */
    uint64_t dims[HMZ_RANK_LIMIT];
    uint64_t bytes;  /* elements times their width */
    uint64_t offset; /* from the begin of the file; 0 where the bytes have no single offset, or none yet */
};

/* Looks at an open dataset. Its data are not read.
 * HMZ_E_DAMAGED: data in other files (external, virtual), references, a size beyond 2^63 bytes, or a
 * message of libhdf5. HMZ_E_FAILED: its data need a filter that is not installed. */
HMZ_MUST_CHECK int hmz_h5_dataset_describe(hid_t dataset, struct hmz_h5_dataset *out, struct hmz_error *err);

/* The dimensions of a simple or scalar dataspace; `dims_out` has room for HMZ_RANK_LIMIT. HMZ_E_DAMAGED
 * where one is above the limit that the dataspace sets itself. */
HMZ_MUST_CHECK int hmz_h5_space_dims(hid_t space, uint64_t *dims_out, int *rank_out, struct hmz_error *err);

/* A new dataspace of that shape, a scalar where `rank` is 0; the caller's to close. -1 where libhdf5 refuses.
 */
hid_t hmz_h5_space_new(const uint64_t *dims, int rank);

#endif
