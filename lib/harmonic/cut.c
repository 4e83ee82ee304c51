/* SPDX-License-Identifier: MIT */
#include "cut.h"

__extension__ typedef unsigned __int128 wide;

uint64_t hmz_cut_count(uint64_t total_bytes, uint64_t target_bytes, uint64_t harmonic_count,
                       uint64_t event_count)
{
    uint64_t count = harmonic_count;
    if (count == 0)
        count = total_bytes / target_bytes + (total_bytes % target_bytes != 0);
    if (count == 0)
        count = 1;
    return count < event_count ? count : event_count;
}

static int sum_sizes(const uint64_t *sizes, uint64_t event_count, uint64_t *total_out, struct hmz_error *err)
{
    *total_out = 0;
    for (uint64_t i = 0; i < event_count; i++)
        if (__builtin_add_overflow(*total_out, sizes[i], total_out))
            return hmz_fail(err, HMZ_E_DAMAGED, "the events have more than 2^64 bytes together");
    return HMZ_OK;
}

static wide distance(wide a, wide b)
{
    return a > b ? a - b : b - a;
}

/* A walk along the boundaries that lie at different bytes. Events of size 0 give several boundaries at one
 * byte, of which the earliest counts. */
struct walk {
    const uint64_t *sizes;
    uint64_t event_count;
    uint64_t boundary; /* before this event */
    uint64_t position; /* bytes before it */
    uint64_t next;     /* the next event that has bytes */
};

static void find_next(struct walk *self)
{
    while (self->next < self->event_count && self->sizes[self->next] == 0)
        self->next++;
}

/* Goes to the boundary nearest to target / count. Everything is compared times `count`, so that nothing is
 * rounded; only strictly nearer counts, so a tie stays at the earlier one. Targets grow from call to call. */
static void go_nearest(struct walk *self, wide target, wide count)
{
    for (;;) {
        find_next(self);
        if (self->next == self->event_count)
            return;
        uint64_t ahead = self->position + self->sizes[self->next];
        if (distance(count * ahead, target) >= distance(count * self->position, target))
            return;
        self->position = ahead;
        self->boundary = ++self->next;
    }
}

int hmz_cut_new(const uint64_t *sizes, uint64_t event_count, uint64_t count, uint64_t *cuts_out,
                struct hmz_error *err)
{
    struct walk walk = {.sizes = sizes, .event_count = event_count};
    uint64_t total;
    int status = sum_sizes(sizes, event_count, &total, err);
    if (status != HMZ_OK)
        return status;
    cuts_out[0] = 0;
    for (uint64_t k = 1; k < count; k++) {
        go_nearest(&walk, (wide)k * total, count);
        uint64_t earliest = cuts_out[k - 1] + 1;
        uint64_t latest = event_count - (count - k);
        uint64_t cut = walk.boundary > earliest ? walk.boundary : earliest;
        cuts_out[k] = cut < latest ? cut : latest;
    }
    cuts_out[count] = event_count;
    return HMZ_OK;
}
