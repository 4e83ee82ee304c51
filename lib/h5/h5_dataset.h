/* SPDX-License-Identifier: MIT */
/* What a dataset of a merged run is and how its bytes are reached. */
#ifndef HMZ_H5_DATASET_H
#define HMZ_H5_DATASET_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "h5_element.h"
#include "hmz_error.h"

/* Written to index files: never change a number. */
enum hmz_storage {
    HMZ_STORAGE_NONE = 0,   /* no elements, no bytes */
    HMZ_STORAGE_RAW = 1,    /* `bytes` at `offset` of the file, as they are */
    HMZ_STORAGE_READ = 2,   /* chunked, filtered, compact, or never written: through H5Dread */
    HMZ_STORAGE_OBJECT = 3, /* elements that are no numbers, or a group: through H5Ocopy */
};

struct hmz_h5_dataset {
    enum hmz_storage storage;
    enum hmz_element element; /* in the file */
    bool null;                /* no shape at all (null dataspace): libhdf5 copies it, as an object */
    int rank;                 /* 0 for a scalar */
    hsize_t dims[H5S_MAX_RANK];
    uint64_t bytes;  /* elements times their width */
    uint64_t offset; /* from the begin of the file; 0 where the bytes have no single place, or none yet */
};

/* Looks at an open dataset. Its data are not read.
 * HMZ_E_DAMAGED: data in other files (external, virtual), references, a size beyond 2^63 bytes, or a
 * message of libhdf5. HMZ_E_FAILED: its data need a filter that is not installed. */
HMZ_MUST_CHECK int hmz_h5_dataset_describe(hid_t dataset, struct hmz_h5_dataset *out, struct hmz_error *err);

/* The dimensions of a simple or scalar dataspace; `dims_out` has room for H5S_MAX_RANK. HMZ_E_DAMAGED where
 * one is above the limit that the dataspace sets itself. */
HMZ_MUST_CHECK int hmz_h5_space_dims(hid_t space, hsize_t *dims_out, int *rank_out, struct hmz_error *err);

/* "(311, 517)" */
struct hmz_shape_text {
    char text[96];
};
struct hmz_shape_text hmz_h5_shape_text(const hsize_t *dims, int rank);

#endif
