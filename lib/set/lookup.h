/* SPDX-License-Identifier: MIT */
/* Where original events lie in a harmonic set, and which they are: any number of questions, answered in one
 * pass over events.parquet. */
#ifndef HMZ_LOOKUP_H
#define HMZ_LOOKUP_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "manifest.h"

struct hmz_lookup_place {
    uint64_t run, event; /* original numbers, or those of the harmonic run and in it */
};

struct hmz_lookup {
    struct hmz_lookup_place asked;
    struct hmz_lookup_place found; /* the other way round */
    bool is_there;
};

enum hmz_lookup_way { HMZ_LOOKUP_ORIGINAL, HMZ_LOOKUP_HARMONIC }; /* what is asked */

struct hmz_lookup_request {
    const char *harmonic_path;
    const struct hmz_manifest *manifest; /* of the set there */
    enum hmz_lookup_way way;
    const volatile sig_atomic_t *stop; /* stop.h */
};

/* Answers all of `items`; their order is kept. HMZ_E_FAILED: the table of that set is missing;
 * HMZ_E_DAMAGED: it is not the one that the manifest lists. */
HMZ_MUST_CHECK int hmz_lookup_answer(const struct hmz_lookup_request *request, struct hmz_lookup *items,
                                     size_t count, struct hmz_error *err);

#endif
