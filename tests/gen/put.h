/* SPDX-License-Identifier: MIT */
/* The few HDF5 calls that the layouts are made of. A fixture maker has nobody to hand an error to: it says
 * what failed and exits. */
#ifndef HMZ_PUT_H
#define HMZ_PUT_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

#include "run_spec.h"

void must(bool ok, const char *what);

hid_t put_file(const char *path);
hid_t put_group(hid_t parent, const char *name);
void put_close(hid_t id);

/* A contiguous dataset; of zero rows it is chunked (1, 1, …), as the mergers write it. */
void put_dataset(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *dims, const void *data);
hid_t put_dataset_open(hid_t parent, const char *name, hid_t type, int rank, const hsize_t *dims,
                       const void *data);
void put_row(hid_t parent, const char *name, hid_t type, hsize_t count, const void *data);

/* Scalar attributes. */
void put_u32(hid_t object, const char *name, uint32_t value);
void put_u64(hid_t object, const char *name, uint64_t value);
void put_text(hid_t object, const char *name, const char *text); /* variable length, UTF-8 */

hid_t put_text_type(void); /* of put_text() */

/* What no version of the harmonizer knows. */
void put_extra_attributes(hid_t object);
void put_extra_datasets(hid_t group, bool exotic);

/* The FRIB modules of an event under names made of `prefix` and the module: "977", or "evt3_977". */
void put_modules(hid_t group, const char *prefix, const struct run_spec *spec, uint64_t number);

/* The trace matrix of an event, with the damage that the run is to have; -1 where there is none to be opened.
 */
hid_t put_traces(hid_t group, const char *name, const struct run_spec *spec, uint64_t number, uint64_t rows);

/* Values of scaler readout `i`. */
enum { SCALER_VALUES_MOST = 1024 };
struct scaler_content {
    uint32_t header[5]; /* start offset, stop offset, timestamp, number of values, incremental */
    uint32_t values[SCALER_VALUES_MOST];
    hsize_t count;
};
void scaler_content(const struct run_spec *spec, uint64_t i, struct scaler_content *out);

/* A whole run of 0.2.0 or later, but for the GET parts, which `put_get` writes. */
void put_modern_run(const struct run_spec *spec,
                    void (*put_get)(hid_t event, const struct run_spec *spec, uint64_t number));

#endif
