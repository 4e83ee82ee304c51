/* SPDX-License-Identifier: MIT */
/* Where the events are cut into harmonic runs. Pure arithmetic: touches no file.
 *
 * S is the sum of the sizes of all events, n the number of harmonic runs. Cut k (of 1 to n-1) is the boundary
 * between two events that is nearest to k S/n, the earlier of two that are equally near, moved just as far as
 * needed so that no run is empty.
 *
 * Each run is within the largest event m of S/n. A cut that was not moved is within m/2 of its target, for
 * every target lies between two boundaries at most m apart; so a run between two such cuts is within m of
 * S/n. A cut is only moved where targets share a boundary or where fewer events than runs are left, which
 * needs S/n <= m; there a run made by moving is one event, of 0 to m bytes, and one that begins at a moved
 * cut is shorter than it was, but not empty: both are within m of S/n, which itself is between 0 and m. */
#ifndef HMZ_CUT_H
#define HMZ_CUT_H

#include <stdint.h>

#include "hmz_error.h"

/* The number of runs: harmonic_count, or where that is 0 total_bytes / target_bytes rounded up; at least 1
 * and at most event_count (0 for no event at all). One of target_bytes and harmonic_count is not 0. */
uint64_t hmz_cut_count(uint64_t total_bytes, uint64_t target_bytes, uint64_t harmonic_count,
                       uint64_t event_count);

/* Cuts event_count events into `count` runs, 1 <= count <= event_count.
 *
 *   sizes      [event_count] bytes of each event, in order
 *   cuts_out   [count + 1] run k has the events [cuts_out[k], cuts_out[k + 1])
 *
 * HMZ_E_DAMAGED where the sizes sum to more than 2^64 bytes. Same input, same cuts. */
HMZ_MUST_CHECK int hmz_cut_new(const uint64_t *sizes, uint64_t event_count, uint64_t count,
                               uint64_t *cuts_out, struct hmz_error *err);

#endif
