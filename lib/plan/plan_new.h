/* SPDX-License-Identifier: MIT */
/* Makes a plan from the indexes of the merged runs. */
#ifndef HMZ_PLAN_NEW_H
#define HMZ_PLAN_NEW_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "plan.h"
#include "plan_events.h"

struct hmz_plan_request {
    const struct hmz_plan_input *inputs;
    size_t input_count;
    const struct hmz_settings *settings;
    const struct hmz_state *state;     /* of the indexes, and of harmonic_path, where links begin */
    const volatile sig_atomic_t *stop; /* stop.h */
};

/* HMZ_E_USAGE: links to a run of merger 0.1.0 are wanted; the message names all of them. */
HMZ_MUST_CHECK int hmz_plan_new(const struct hmz_plan_request *request, struct hmz_plan **plan_out,
                                struct hmz_error *err);

#endif
