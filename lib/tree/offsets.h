/* SPDX-License-Identifier: MIT */
/* Where in a harmonic run the bytes of one event's pieces belong; the memory is used again for each event. */
#ifndef HMZ_OFFSETS_H
#define HMZ_OFFSETS_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

struct hmz_offsets { /* all zero: none */
    uint64_t *at;    /* bytes from the beginning of the file, by piece; owned */
    size_t capacity;
};

/* Room for `count` of them; what was there before is as good as lost. */
HMZ_MUST_CHECK int hmz_offsets_reserve(struct hmz_offsets *self, size_t count, struct hmz_error *err);
void hmz_offsets_release(struct hmz_offsets *self);

#endif
