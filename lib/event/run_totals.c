/* SPDX-License-Identifier: MIT */
#include "run_totals.h"

#define CLOCK_MASK (((uint64_t)1 << 48) - 1)
static const int64_t half_clock = (int64_t)1 << 47;
static const double ticks_per_second = 1e8;

/* ---- the clock of GET ---- */

static int64_t ticks_since(uint64_t first, uint64_t timestamp)
{
    int64_t ticks = (int64_t)((timestamp - first) & CLOCK_MASK);
    return ticks < half_clock ? ticks : ticks - 2 * half_clock;
}

static bool has_time(const struct hmz_event *event)
{
    return (event->flags & HMZ_EVENT_HAS_GET) && event->get_timestamp != 0;
}

void hmz_get_times_add(struct hmz_get_times *self, const struct hmz_event *event)
{
    if (!has_time(event))
        return;
    if (self->first == 0)
        self->first = event->get_timestamp;
    int64_t ticks = ticks_since(self->first, event->get_timestamp);
    self->least = ticks < self->least ? ticks : self->least;
    self->most = ticks > self->most ? ticks : self->most;
}

bool hmz_get_times_of_event(const struct hmz_get_times *self, const struct hmz_event *event,
                            double *seconds_out)
{
    if (!has_time(event) || self->first == 0)
        return false;
    *seconds_out = (double)ticks_since(self->first, event->get_timestamp) / ticks_per_second;
    return true;
}

bool hmz_get_times_duration(const struct hmz_get_times *self, double *seconds_out)
{
    if (self->first == 0)
        return false;
    *seconds_out = (double)(self->most - self->least) / ticks_per_second;
    return true;
}

/* ---- scalers ---- */

void hmz_scaler_totals_add(struct hmz_scaler_totals *self, const struct hmz_scaler *readout)
{
    for (uint32_t i = 0; i < HMZ_SCALER_TOTALS && i < readout->value_count; i++) {
        uint32_t value = readout->values[i];
        self->present |= 1u << i;
        if (readout->incremental) {
            self->counts[i] += value;
        } else {
            self->counts[i] += value < self->last[i] ? (uint64_t)1 << 32 : 0;
            self->last[i] = value;
        }
    }
}

bool hmz_scaler_totals_get(const struct hmz_scaler_totals *self, enum hmz_scaler_value value,
                           uint64_t *counts_out)
{
    *counts_out = self->counts[value] + self->last[value];
    return self->present & (1u << value);
}

bool hmz_scaler_totals_live(const struct hmz_scaler_totals *self, double *fraction_out)
{
    uint64_t all;
    uint64_t live;
    if (!hmz_scaler_totals_get(self, HMZ_SCALER_CLOCK_FREE, &all) ||
        !hmz_scaler_totals_get(self, HMZ_SCALER_CLOCK_LIVE, &live) || all == 0)
        return false;
    *fraction_out = (double)live / (double)all;
    return true;
}
