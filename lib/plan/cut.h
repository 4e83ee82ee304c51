/* SPDX-License-Identifier: MIT */
/* Where a row of events is cut into files of equal size. Pure arithmetic on sizes: no files, no HDF5.
 *
 *     n = hmz_cut_count(total_bytes, target_bytes, harmonic_count, event_count) how many files
 *     hmz_cut_new(sizes, event_count, n, &first_event, err)                     which events go where
 *     free(first_event)
 *
 * Sizes are the payload of each event (the bytes of its datasets), in the order in which the events are
 * written. Event boundary b lies before event b, so there are event_count + 1 of them; its position is the
 * payload before it. Cut k, between file k - 1 and file k, is the boundary nearest to k S / n; of two that
 * are equally near, and of several at the same position (events of no bytes), it is the earliest. A cut that
 * would leave a file empty is moved to the closest boundary that does not.
 *
 * So all n files together hold each event once and in order, none is empty, and the payload of each differs
 * from S / n by at most the largest event (the proof is in cut.c). The comparisons are exact, so the result
 * does not depend on the machine, and sizes that are all multiplied by the same factor give the same cuts. */
#ifndef HMZ_CUT_H
#define HMZ_CUT_H

#include <stdint.h>

#include "hmz_error.h"

/* The number of files: harmonic_count, or total_bytes / target_bytes rounded up where that is 0; at least 1
 * and at most event_count. No event, no file: 0. A target of 0 bytes is the limit of small targets: one
 * event a file. Cannot fail. */
uint64_t hmz_cut_count(uint64_t total_bytes, uint64_t target_bytes, uint64_t harmonic_count,
                       uint64_t event_count);

/* The multiple of `processes` (not 0) for which the size of a file is nearest to target_bytes; the smaller
 * one, where two are as near. At most event_count. */
uint64_t hmz_cut_count_of_processes(uint64_t total_bytes, uint64_t target_bytes, uint64_t processes,
                                    uint64_t event_count);

/* The cuts.
 *
 *   sizes            [event_count] bytes, borrowed; may be NULL where event_count is 0
 *   file_count       n, from 1 to event_count; 0 if and only if event_count is 0 (hmz_cut_count() sees to it)
 *   first_event_out  [file_count + 1]: file k holds the events first_event[k] to first_event[k + 1] - 1;
 *                    first_event[0] is 0, first_event[file_count] is event_count. The caller's, free().
 *                    NULL on failure
 *
 * HMZ_E_DAMAGED (the sum of the sizes does not fit 64 bits) or HMZ_E_NOMEM. One pass: the time grows with
 * event_count + file_count. */
HMZ_MUST_CHECK int hmz_cut_new(const uint64_t *sizes, uint64_t event_count, uint64_t file_count,
                               uint64_t **first_event_out, struct hmz_error *err);

#endif
