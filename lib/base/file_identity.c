/* SPDX-License-Identifier: MIT */
#include "file_identity.h"

#include <errno.h>

#ifdef __APPLE__
#define st_mtim st_mtimespec
#endif

struct hmz_file_identity hmz_file_identity_of(const struct stat *found)
{
    return (struct hmz_file_identity){
        .bytes = (uint64_t)found->st_size,
        /* Unsigned, as some file systems invent times far outside of what fits. */
        .mtime_ns = (int64_t)((uint64_t)found->st_mtim.tv_sec * UINT64_C(1000000000) +
                              (uint64_t)found->st_mtim.tv_nsec),
    };
}

int hmz_file_identity_read(const char *path, struct hmz_file_identity *out, struct hmz_error *err)
{
    struct stat found;
    if (stat(path, &found) != 0)
        return hmz_fail_errno(err, errno, "%s: cannot look at it", path);
    *out = hmz_file_identity_of(&found);
    return HMZ_OK;
}

bool hmz_file_identity_same(const struct hmz_file_identity *a, const struct hmz_file_identity *b)
{
    return a->bytes == b->bytes && a->mtime_ns == b->mtime_ns;
}
