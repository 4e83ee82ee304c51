/* SPDX-License-Identifier: MIT */
/* Where did an original event go? From the harmonic set alone; a worker reads it. */
#ifndef HMZ_FIND_H
#define HMZ_FIND_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "manifest.h"
#include "pool.h"

/* What the worker answers where the harmonic run has no such event. */
#define HMZ_FIND_NOWHERE UINT64_MAX

struct hmz_found_event {
    const char *file; /* borrowed from the manifest */
    size_t harmonic_run;
    uint64_t harmonic_event;
};

struct hmz_find_request {
    const char *harmonic_path;
    const struct hmz_manifest *manifest; /* of the set there */
    const struct hmz_pool_options *pool; /* for the worker */
    struct hmz_event_id wanted;
};

/* HMZ_END: the set has no such event. */
HMZ_MUST_CHECK int hmz_find(const struct hmz_find_request *request, struct hmz_found_event *found_out,
                            struct hmz_error *err);

#endif
