/* SPDX-License-Identifier: MIT */
/* The events that each harmonic run begins and ends with, as ids in merged runs. */
#ifndef HMZ_PLAN_BOUNDS_H
#define HMZ_PLAN_BOUNDS_H

#include "hmz_error.h"
#include "plan.h"
#include "state.h"

/* Fills in first_id and last_id of all files of the plan. The numbers are read from the indexes once
 * more: there are few cuts, and many events to keep the number of. */
HMZ_MUST_CHECK int hmz_plan_bounds_find(struct hmz_plan *plan, const struct hmz_state *state,
                                        struct hmz_error *err);

#endif
