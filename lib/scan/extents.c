/* SPDX-License-Identifier: MIT */
#include "extents.h"

#include <stdlib.h>

#include "list.h"

void hmz_extents_release(struct hmz_extents *self)
{
    free(self->items);
    *self = (struct hmz_extents){0};
}

static int add(struct hmz_extents *self, const struct hmz_extent *extent, struct hmz_error *err)
{
    struct hmz_extent *item = hmz_list_add(&self->items, &self->count, sizeof *self->items);
    if (!item)
        return hmz_fail_nomem(err, "the offsets of all datasets");
    *item = *extent;
    return HMZ_OK;
}

int hmz_extents_add(struct hmz_extents *self, const struct hmz_event *event, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < event->piece_count; i++) {
        const struct hmz_piece *piece = &event->pieces[i];
        const struct hmz_extent extent = {
            .begin = piece->offset, .end = piece->offset + piece->bytes, .event = event->number};
        if (piece->storage == HMZ_STORAGE_RAW && piece->bytes > 0)
            status = add(self, &extent, err);
    }
    return status;
}

static int by_begin(const void *a, const void *b)
{
    const struct hmz_extent *left = a;
    const struct hmz_extent *right = b;
    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    if (left->end != right->end)
        return left->end < right->end ? -1 : 1;
    return left->event < right->event ? -1 : left->event > right->event;
}

static bool identical(const struct hmz_extent *a, const struct hmz_extent *b)
{
    return a->begin == b->begin && a->end == b->end;
}

int hmz_extents_each_overlap(struct hmz_extents *self, hmz_extents_tell *tell, void *data,
                             struct hmz_error *err)
{
    int status = HMZ_OK;
    if (self->count < 2)
        return HMZ_OK;
    qsort(self->items, self->count, sizeof *self->items, by_begin);
    const struct hmz_extent *widest = &self->items[0]; /* of those before, the one that ends last */
    for (size_t i = 1; status == HMZ_OK && i < self->count; i++) {
        const struct hmz_extent *here = &self->items[i];
        if (here->begin < widest->end && here->event != widest->event && !identical(here, widest))
            status = tell(data, widest, here, err);
        if (here->end > widest->end)
            widest = here;
    }
    return status;
}
