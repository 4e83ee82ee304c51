/* SPDX-License-Identifier: MIT */
/* How Spyral shares files out to its processes, and what that costs: a process works as long as it has data,
 * the analysis as long as the fullest. Source: attpc_spyral 1.1.2, create_run_stacks(): files by length on
 * disk, largest first, are dealt out to and fro over the processes. */
#ifndef HMZ_SHARE_H
#define HMZ_SHARE_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

enum { HMZ_SHARE_PROCESSES_LAST = 4096 };

struct hmz_share_file {
    uint64_t disk_bytes; /* by which it is dealt out; files of length 0 are not */
    uint64_t data_bytes; /* of events: the work */
};

/* *load_out: the work of the fullest of `processes` (1 to HMZ_SHARE_PROCESSES_LAST), as a multiple of the
 * mean: 1 where all have the same; 0 where there is no work. Files of one length are dealt out in the order
 * that they have here. */
HMZ_MUST_CHECK int hmz_share_fullest(const struct hmz_share_file *files, size_t count, uint32_t processes,
                                     double *load_out, struct hmz_error *err);

#endif
