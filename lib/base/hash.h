/* SPDX-License-Identifier: MIT */
/* XXH3 by libxxhash; on x86 by its dispatcher, which takes the widest vectors that the processor has: twice
 * as fast, the same sums. Include this instead of xxhash.h. */
#ifndef HMZ_HASH_H
#define HMZ_HASH_H

#include <xxhash.h>
#ifdef HMZ_HAVE_XXHASH_DISPATCH
#include <xxh_x86dispatch.h>
#endif

#endif
