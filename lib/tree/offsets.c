/* SPDX-License-Identifier: MIT */
#include "offsets.h"

#include <stdlib.h>

int hmz_offsets_reserve(struct hmz_offsets *self, size_t count, struct hmz_error *err)
{
    if (count <= self->capacity)
        return HMZ_OK;
    uint64_t *at = realloc(self->at, count * sizeof *at);
    if (!at)
        return hmz_fail_nomem(err, "the offsets of an event");
    self->at = at;
    self->capacity = count;
    return HMZ_OK;
}

void hmz_offsets_release(struct hmz_offsets *self)
{
    free(self->at);
    *self = (struct hmz_offsets){0};
}
