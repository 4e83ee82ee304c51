/* SPDX-License-Identifier: MIT */
/* Is there room for a harmonic set? */
#ifndef HMZ_SPACE_H
#define HMZ_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "hmz_error.h"
#include "plan.h"

struct hmz_space {
    uint64_t need_bytes;                      /* of what is still to be written: an upper bound */
    uint64_t mode_need_bytes[HMZ_MODE_COUNT]; /* of the whole set, by mode */
    uint64_t free_bytes;
    bool free_known; /* this file system tells what is free */
};

/* The upper bound for a harmonic run of that predicted length: a little more, for what nobody can know. */
uint64_t hmz_space_of_file(uint64_t file_bytes);

/* What the whole set of a plan needs, with tables of that many scaler readouts. */
void hmz_space_predict(struct hmz_space *self, const struct hmz_plan *plan, uint64_t scalers);

/* HMZ_E_FAILED: this process may not write files as long as the plan has them. */
HMZ_MUST_CHECK int hmz_space_check_limit(const struct hmz_plan *plan, struct hmz_error *err);

/* HMZ_E_SPACE, with what helps. */
HMZ_MUST_CHECK int hmz_space_check(const struct hmz_space *self, const struct hmz_plan *plan,
                                   const char *folder, struct hmz_error *err);

#endif
