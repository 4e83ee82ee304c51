/* SPDX-License-Identifier: MIT */
/* Notation: E events, n files, S their sum, M the largest event, P(b) the position of boundary b,
 * t(k) = k S / n the target of cut k, u(k) the boundary nearest to it (the earliest of equally near ones),
 * and the cuts themselves, with c(0) = 0 and c(n) = E:
 *
 *     c(k) = min(max(u(k), c(k-1) + 1), E - (n - k))                               0 < k < n
 *
 * No file is empty, and this can always be done: c(k-1) <= E - (n - k) - 1 leaves room for c(k-1) + 1, so
 * c(k) >= c(k-1) + 1, and the second bound leaves one event for each file after k.
 *
 * Moved just as far as needed: beyond u(k), to either side, the distance to t(k) never falls again. So given
 * the cut before it and the files still to be filled, c(k) is the allowed boundary closest to u(k), in events
 * and in bytes. Where several targets meet at one boundary (a giant event), the first cut takes it and the
 * others are pushed on behind it; spreading them to both sides could move fewer cuts, but not improve the
 * bound below. A first pass that pushes forward and a second that pulls back from the end would give the same
 * cuts: the limit E - (n - k) grows by one from cut to cut, as the push does.
 *
 * Each file is within M of S/n. Every t(k) lies in the span of one event, so |P(u(k)) - t(k)| <= M/2.
 *  (a) S/n > M: targets are more than M apart, so the u(k) all differ, u(1) > 0 and u(n-1) < E, and no
 *      cut is moved. A file ends and begins within M/2 of its targets: it is within M of S/n.
 *  (b) S/n <= M: no file can be too small, as S/n - M <= 0. A file of one event is not too large: at most
 *      M <= S/n + M. A file k of more events has c(k) > c(k-1) + 1, so c(k) was not pushed forward:
 *      c(k) <= u(k) (c(n) = E is u(n), or lies after it by events of no bytes). And c(k-1) was not pulled
 *      back: then c(k-1) = E - (n - k + 1) and file k has one event only. So c(k-1) >= u(k-1), and the file
 *      holds at most P(u(k)) - P(u(k-1)) <= S/n + M/2 + M/2. */
#include "cut.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>

/* Products of a position and a number of files: both are below 2^64. */
__extension__ typedef unsigned __int128 wide;

static int sum_up(const uint64_t *sizes, uint64_t event_count, uint64_t *total_bytes_out,
                  struct hmz_error *err)
{
    uint64_t total = 0;
    for (uint64_t i = 0; i < event_count; i++)
        if (__builtin_add_overflow(total, sizes[i], &total))
            return hmz_fail(err, HMZ_E_DAMAGED,
                            "the first %" PRIu64 " of %" PRIu64 " events have more than %" PRIu64
                            " bytes, the last of them alone %" PRIu64,
                            i + 1, event_count, UINT64_MAX, sizes[i]);
    *total_bytes_out = total;
    return HMZ_OK;
}

uint64_t hmz_cut_count(uint64_t total_bytes, uint64_t target_bytes, uint64_t harmonic_count,
                       uint64_t event_count)
{
    uint64_t count = harmonic_count;
    if (count == 0 && target_bytes > 0)
        count = total_bytes / target_bytes + (total_bytes % target_bytes != 0);
    else if (count == 0)
        count = total_bytes > 0 ? event_count : 1;
    if (count == 0)
        count = 1;
    return count < event_count ? count : event_count;
}

uint64_t hmz_cut_count_of_processes(uint64_t total_bytes, uint64_t target_bytes, uint64_t processes,
                                    uint64_t event_count)
{
    /* Of S / (p m) the two next to T are those of m = S / (p T), rounded down, and m + 1. With S = p T m + r
     * the first is too large by r / (p m), the second too small by (p T - r) / (p (m + 1)). */
    const unsigned __int128 wanted = (unsigned __int128)processes * target_bytes;
    const uint64_t most = event_count / processes;
    if (most == 0)
        return event_count;
    uint64_t times = most;
    if (wanted > 0 && total_bytes / wanted < most) {
        uint64_t few = (uint64_t)(total_bytes / wanted);
        uint64_t rest = (uint64_t)(total_bytes % wanted);
        bool few_is_nearer =
            few > 0 && (unsigned __int128)rest * (few + 1) <= (wanted - rest) * (unsigned __int128)few;
        times = few_is_nearer ? few : few + 1;
    }
    return times * processes;
}

/* Walks over the boundaries once, for targets that only grow. */
struct walk {
    const uint64_t *sizes;
    uint64_t boundary; /* the earliest one at or after the target */
    uint64_t position;
    uint64_t before; /* the earliest boundary at the last position before `position` */
    uint64_t before_position;
    uint64_t plateau; /* the earliest boundary at `position` */
};

static void walk_step(struct walk *self)
{
    uint64_t size = self->sizes[self->boundary++];
    if (size == 0)
        return;
    self->before = self->plateau;
    self->before_position = self->position;
    self->position += size;
    self->plateau = self->boundary;
}

/* The boundary nearest to k S / n, everything multiplied by n: `scaled_target` is k S. It cannot walk past
 * the end: the last boundary is at S. */
static uint64_t walk_nearest(struct walk *self, wide scaled_target, uint64_t file_count)
{
    while ((wide)self->position * file_count < scaled_target)
        walk_step(self);
    if (self->boundary == 0)
        return 0;
    wide after = (wide)self->position * file_count - scaled_target;
    wide before = scaled_target - (wide)self->before_position * file_count;
    return before <= after ? self->before : self->boundary;
}

int hmz_cut_new(const uint64_t *sizes, uint64_t event_count, uint64_t file_count, uint64_t **first_event_out,
                struct hmz_error *err)
{
    assert(file_count <= event_count && (file_count > 0 || event_count == 0));
    *first_event_out = NULL;
    uint64_t total_bytes = 0;
    int status = sum_up(sizes, event_count, &total_bytes, err);
    if (status != HMZ_OK)
        return status;
    uint64_t *first = calloc(file_count + 1, sizeof *first);
    if (!first)
        return hmz_fail_nomem(err, "the cuts between harmonic runs");
    struct walk walk = {.sizes = sizes};
    for (uint64_t k = 1; k < file_count; k++) {
        uint64_t cut = walk_nearest(&walk, (wide)total_bytes * k, file_count);
        uint64_t earliest = first[k - 1] + 1;
        uint64_t latest = event_count - (file_count - k);
        if (cut < earliest)
            cut = earliest;
        first[k] = cut < latest ? cut : latest;
    }
    first[file_count] = event_count;
    *first_event_out = first;
    return HMZ_OK;
}
