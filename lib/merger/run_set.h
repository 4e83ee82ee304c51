/* SPDX-License-Identifier: MIT */
/* Which merged runs a folder has: the files run_NNNN.h5 (four digits or more) within a range. */
#ifndef HMZ_RUN_SET_H
#define HMZ_RUN_SET_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

struct hmz_run_set_options {
    const char *merger_path;
    int32_t min_run, max_run; /* both included */
    const int32_t *skip_runs; /* ascending */
    size_t skip_count;
};

struct hmz_run_file {
    int32_t run;
    char *path;
    uint64_t size_bytes;
    int64_t mtime_ns; /* since 1970 */
    uint64_t inode;
};

enum { HMZ_RUN_SET_MISSING_BYTES = 256 };

struct hmz_run_set {
    struct hmz_run_file *files; /* by run; owned */
    size_t file_count;
    uint64_t missing_count;                       /* runs of the range, not skipped, that are not there */
    char missing_text[HMZ_RUN_SET_MISSING_BYTES]; /* "57, 60 to 62", cut with "…" where too long */
};

/* HMZ_E_USAGE: no run in the range (the message says which runs the folder has), or two files of one run. The
 * time it takes grows with the files in the folder, not with the range. */
HMZ_MUST_CHECK int hmz_run_set_list(const struct hmz_run_set_options *options, struct hmz_run_set *out,
                                    struct hmz_error *err);
void hmz_run_set_release(struct hmz_run_set *self);

#endif
