/* SPDX-License-Identifier: MIT */
/* Is a merged run still the file that it was? Its length and its time of modification say so; its inode does
 * not, as some file systems make up new ones. */
#ifndef HMZ_FILE_IDENTITY_H
#define HMZ_FILE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "hmz_error.h"

/* Two values and no padding: written to files of the state folder and to manifests. */
struct hmz_file_identity {
    uint64_t bytes;
    int64_t mtime_ns; /* since 1970 */
};

struct hmz_file_identity hmz_file_identity_of(const struct stat *found);

/* Of the file at `path` now; links are followed. HMZ_E_FAILED: it cannot be looked at. */
HMZ_MUST_CHECK int hmz_file_identity_read(const char *path, struct hmz_file_identity *out,
                                          struct hmz_error *err);

bool hmz_file_identity_same(const struct hmz_file_identity *a, const struct hmz_file_identity *b);

#endif
