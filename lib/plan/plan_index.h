/* SPDX-License-Identifier: MIT */
/* The index that a plan was made of. An index can be lost or made again, and tell of other events then: what
 * is written, listed and told comes from the one that was planned, or from none. */
#ifndef HMZ_PLAN_INDEX_H
#define HMZ_PLAN_INDEX_H

#include "hmz_error.h"
#include "index.h"
#include "plan.h"
#include "state.h"

/* Opens the index of a run of the plan. HMZ_E_FAILED: missing, or another one. */
HMZ_MUST_CHECK int hmz_plan_index_open(const struct hmz_state *state, const struct hmz_plan_run *run,
                                       struct hmz_index **index_out, struct hmz_error *err);

#endif
