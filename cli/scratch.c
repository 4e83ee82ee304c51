/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "path.h"

const char *hmz_scratch_parent(void)
{
    const char *parent = getenv("TMPDIR");
    return parent && *parent ? parent : "/tmp";
}

int hmz_scratch_make(char **path_out, struct hmz_error *err)
{
    char *path = hmz_path_join(hmz_scratch_parent(), "harmonizer.XXXXXX");
    if (!path)
        return hmz_fail_nomem(err, "a path");
    if (!mkdtemp(path)) {
        int status = hmz_fail_write(err, errno, "%s: cannot make a scratch folder", path);
        free(path);
        return status;
    }
    *path_out = path;
    return HMZ_OK;
}

void hmz_scratch_remove(const struct hmz_state *state, char *path)
{
    struct hmz_error ignored;
    if (state->scratch)
        hmz_ignore(hmz_state_empty(state, &ignored));
    hmz_ignore(rmdir(path));
    free(path);
}
