/* SPDX-License-Identifier: MIT */
/* Reads all that is in an index, as the job does, and checks what index.h promises of it. */
#ifndef HMZ_WALK_INDEX_H
#define HMZ_WALK_INDEX_H

#include "index.h"

/* HMZ_OK, or how reading ended. `run_bytes`: data have to lie within this length; UINT64_MAX where it is not
 * known. */
HMZ_MUST_CHECK int hmz_walk_index(struct hmz_index *index, uint64_t run_bytes, struct hmz_error *err);

#endif
