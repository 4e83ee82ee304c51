/* SPDX-License-Identifier: MIT */
#include "plan_index.h"

int hmz_plan_index_open(const struct hmz_state *state, const struct hmz_plan_run *run,
                        struct hmz_index **index_out, struct hmz_error *err)
{
    const struct hmz_file_at at = hmz_state_index(state, run->run);
    struct hmz_index *index = NULL;
    int status = hmz_index_open(at, &index, err);
    if (status == HMZ_OK && hmz_index_hash(index) != run->index_hash) {
        hmz_index_close(index);
        index = NULL;
        hmz_ignore(hmz_fail(err, HMZ_E_FAILED,
                            "is not the scan that the plan was made of; run `prepare` or the whole job "
                            "again, with --force if that asks for it"));
        status = hmz_context_at(err, at);
    }
    *index_out = index;
    return status;
}
