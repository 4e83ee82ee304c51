/* SPDX-License-Identifier: MIT */
/* Where in a harmonic run the bytes of one event's pieces belong: room that is used again for each event. */
#ifndef HMZ_PLACES_H
#define HMZ_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

struct hmz_places { /* all zero: none */
    uint64_t *at;   /* bytes from the beginning of the file, by piece; owned */
    size_t room;
};

/* Room for `count` of them; what was there before is as good as lost. */
HMZ_MUST_CHECK int hmz_places_reserve(struct hmz_places *self, size_t count, struct hmz_error *err);
void hmz_places_release(struct hmz_places *self);

#endif
