/* SPDX-License-Identifier: MIT */
/* A merged run that data are copied from: its descriptor for raw bytes and, only where something goes
 * through libhdf5, the open HDF5 file. Read only. */
#ifndef HMZ_RUN_SOURCE_H
#define HMZ_RUN_SOURCE_H

#include <hdf5.h>
#include <stdint.h>

#include "event.h"
#include "h5_driver.h"
#include "hmz_error.h"

struct hmz_run_source {
    int32_t run;
    const char *path; /* borrowed */
    const char *link; /* borrowed: the same as harmonic runs link to it; NULL where they do not */
    enum hmz_layout layout;
    int fd;
    struct hmz_h5_file driver_file; /* how libhdf5 reads through `fd` */
    hid_t file;                     /* -1 until hmz_run_source_library() */
};

#define HMZ_RUN_SOURCE_CLOSED ((struct hmz_run_source){.fd = -1, .file = -1})

HMZ_MUST_CHECK int hmz_run_source_open(struct hmz_run_source *self, struct hmz_error *err);

/* Makes `file` valid. */
HMZ_MUST_CHECK int hmz_run_source_library(struct hmz_run_source *self, struct hmz_error *err);

/* What `status` of something that went through `file` really is (h5_driver.h); reach: event. */
HMZ_MUST_CHECK int hmz_run_source_settle(struct hmz_run_source *self, int status, struct hmz_error *err);

void hmz_run_source_close(struct hmz_run_source *self);

#endif
