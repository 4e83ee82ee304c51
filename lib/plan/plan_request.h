/* SPDX-License-Identifier: MIT */
/* What a plan is to be made of, handed over to a worker: the plan's predictions are measured with libhdf5
 * (footprint.h), which can crash when memory is short, and the command itself must not. */
#ifndef HMZ_PLAN_REQUEST_H
#define HMZ_PLAN_REQUEST_H

#include "hmz_error.h"
#include "plan_new.h"

/* For hmz_plan_make() in the worker, in the state folder. */
HMZ_MUST_CHECK int hmz_plan_request_save(const struct hmz_plan_request *self, struct hmz_error *err);

/* Makes the plan that is asked for in the state folder and saves it there as a draft. */
HMZ_MUST_CHECK int hmz_plan_make(const struct hmz_state *state, struct hmz_tick tick, struct hmz_error *err);

#endif
