/* SPDX-License-Identifier: MIT */
#include "places.h"

#include <stdlib.h>

int hmz_places_reserve(struct hmz_places *self, size_t count, struct hmz_error *err)
{
    if (count <= self->room)
        return HMZ_OK;
    uint64_t *at = realloc(self->at, count * sizeof *at);
    if (!at)
        return hmz_fail_nomem(err, "the places of an event");
    self->at = at;
    self->room = count;
    return HMZ_OK;
}

void hmz_places_release(struct hmz_places *self)
{
    free(self->at);
    *self = (struct hmz_places){0};
}
