/* SPDX-License-Identifier: MIT */
#include "progress.h"

enum { SAMPLE_EVERY_NS = 1000000000 };

void hmz_progress_begin(struct hmz_progress *self, const char *stage, int64_t now_ns)
{
    *self = (struct hmz_progress){.stage = stage, .began_ns = now_ns, .sample_count = 1};
    self->samples[0].at_ns = now_ns;
}

void hmz_progress_set_total(struct hmz_progress *self, uint64_t events, uint64_t bytes)
{
    self->total_events = events;
    self->total_bytes = bytes;
}

static const struct hmz_progress_sample *newest(const struct hmz_progress *self)
{
    return &self->samples[(self->sample_count - 1) % HMZ_PROGRESS_SAMPLES];
}

static const struct hmz_progress_sample *oldest(const struct hmz_progress *self)
{
    size_t first = self->sample_count > HMZ_PROGRESS_SAMPLES ? self->sample_count - HMZ_PROGRESS_SAMPLES : 0;
    return &self->samples[first % HMZ_PROGRESS_SAMPLES];
}

void hmz_progress_advance(struct hmz_progress *self, uint64_t events, uint64_t bytes, int64_t now_ns)
{
    self->events += events;
    self->bytes += bytes;
    if (now_ns - newest(self)->at_ns < SAMPLE_EVERY_NS)
        return;
    self->samples[self->sample_count++ % HMZ_PROGRESS_SAMPLES] =
        (struct hmz_progress_sample){.at_ns = now_ns, .events = self->events, .bytes = self->bytes};
}

double hmz_progress_fraction(const struct hmz_progress *self)
{
    double fraction = -1;
    if (self->total_bytes > 0)
        fraction = (double)self->bytes / (double)self->total_bytes;
    else if (self->total_events > 0)
        fraction = (double)self->events / (double)self->total_events;
    return fraction > 1 ? 1 : fraction;
}

struct hmz_progress_rate hmz_progress_rate(const struct hmz_progress *self, int64_t now_ns)
{
    const struct hmz_progress_sample *from = oldest(self);
    double seconds = (double)(now_ns - from->at_ns) * 1e-9;
    if (!(seconds > 0))
        return (struct hmz_progress_rate){0, 0};
    return (struct hmz_progress_rate){.events = (double)(self->events - from->events) / seconds,
                                      .bytes = (double)(self->bytes - from->bytes) / seconds};
}

double hmz_progress_seconds_left(const struct hmz_progress *self, int64_t now_ns)
{
    struct hmz_progress_rate rate = hmz_progress_rate(self, now_ns);
    if (self->total_bytes > 0 && rate.bytes > 0)
        return self->bytes < self->total_bytes ? (double)(self->total_bytes - self->bytes) / rate.bytes : 0;
    if (self->total_bytes == 0 && self->total_events > 0 && rate.events > 0)
        return self->events < self->total_events ? (double)(self->total_events - self->events) / rate.events
                                                 : 0;
    return -1;
}
