/* SPDX-License-Identifier: MIT */
/* What the events and the readouts of a run tell together: how long it took by the clock of GET, and what its
 * scalers counted. */
#ifndef HMZ_RUN_TOTALS_H
#define HMZ_RUN_TOTALS_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

/* ---- the clock of GET: 100 MHz, 48 bits ---- */

struct hmz_get_times {   /* all zero: no event with a time yet */
    uint64_t first;      /* the first timestamp that is not 0; 0: none was */
    int64_t least, most; /* ticks from there to the earliest and the latest event */
};

/* In order of the events. */
void hmz_get_times_add(struct hmz_get_times *self, const struct hmz_event *event);

/* Seconds from the first timestamp of the run to that of the event, modulo 2^48 ticks, as the nearer of the
 * two ways; false where the event has no GET data, its timestamp is 0 or the run has none. */
bool hmz_get_times_of_event(const struct hmz_get_times *self, const struct hmz_event *event,
                            double *seconds_out);

/* Seconds from the earliest event to the latest; false where no event has a time. */
bool hmz_get_times_duration(const struct hmz_get_times *self, double *seconds_out);

/* ---- scalers ---- */

/* Which value of a readout is what: the wiring of the experiment (docs/formats.md). */
enum hmz_scaler_value {
    HMZ_SCALER_CLOCK_FREE = 0,
    HMZ_SCALER_CLOCK_LIVE = 1,
    HMZ_SCALER_ION_CHAMBER = 4,
    HMZ_SCALER_MESH = 5,
    HMZ_SCALER_TOTALS = 6 /* totals are kept of those below */
};

struct hmz_scaler_totals {              /* all zero: no readout yet */
    uint64_t counts[HMZ_SCALER_TOTALS]; /* of intervals, and of falls (2^32 each) */
    uint32_t last[HMZ_SCALER_TOTALS];   /* of readouts that count since the start of the run */
    uint32_t present;                   /* bit i: a readout has value i */
};

/* In order of the readouts. `incremental` 1: counts of its interval, which add up. 0: since the start of the
 * run: the last value counts, and each fall on the way is a wrap of 32 bits. */
void hmz_scaler_totals_add(struct hmz_scaler_totals *self, const struct hmz_scaler *readout);

/* False where no readout has the value. */
bool hmz_scaler_totals_get(const struct hmz_scaler_totals *self, enum hmz_scaler_value value,
                           uint64_t *counts_out);

/* clock_live / clock_free; false where either lacks or the clock did not count. */
bool hmz_scaler_totals_live(const struct hmz_scaler_totals *self, double *fraction_out);

#endif
