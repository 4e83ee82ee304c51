/* SPDX-License-Identifier: MIT */
/* Finds where an original event went, from the harmonic set alone: the manifest says which harmonic run, a
 * binary search over orig_run and orig_event says which event. */
#ifndef HMZ_FIND_EVENT_H
#define HMZ_FIND_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "manifest.h"

struct hmz_found_event {
    size_t output; /* place in manifest->outputs */
    size_t harmonic_run;
    uint64_t harmonic_event;
};

/* HMZ_END: the set has no such event. */
HMZ_MUST_CHECK int hmz_find_event(const struct hmz_manifest *manifest, const char *harmonic_path,
                                  const struct hmz_plan_place *wanted, struct hmz_found_event *found_out,
                                  struct hmz_error *err);

#endif
