/* SPDX-License-Identifier: MIT */
/* Scans one merged run and writes its index. Everything that is wrong with the run goes into the index as
 * findings, so that one scan of all runs tells of all of them; only what is wrong with the index itself
 * (disk, memory) is a failure.
 *
 * libhdf5 can crash or hang on a damaged run: call this in a process of its own. */
#ifndef HMZ_SCAN_H
#define HMZ_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "hmz_error.h"
#include "index.h"
#include "tick.h"

struct hmz_scan_request {
    int32_t run;
    const char *run_path;
    struct hmz_file_at index; /* the part file is next to it */
    struct hmz_tick tick;     /* events, 0 bytes */
};

HMZ_MUST_CHECK int hmz_scan_run(const struct hmz_scan_request *request, struct hmz_error *err);

#endif
