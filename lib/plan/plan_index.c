/* SPDX-License-Identifier: MIT */
#include "plan_index.h"

#include <stdlib.h>

int hmz_plan_index_open(const struct hmz_state *state, const struct hmz_plan_run *run,
                        struct hmz_index **index_out, struct hmz_error *err)
{
    char *path = hmz_state_index_path(state, run->run);
    struct hmz_index *index = NULL;
    int status = path ? hmz_index_open(path, &index, err) : hmz_fail_nomem(err, "a path");
    if (status == HMZ_OK && hmz_index_hash(index) != run->index_hash) {
        hmz_index_close(index);
        index = NULL;
        status = hmz_fail(err, HMZ_E_FAILED,
                          "%s: is not the scan that the plan was made of; run `prepare` or the whole job "
                          "again, with --force if that asks for it",
                          path);
    }
    free(path);
    *index_out = index;
    return status;
}
