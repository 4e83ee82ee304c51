/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <string.h>

static const uint64_t window_ns = (uint64_t)HMZ_PROGRESS_SAMPLES * HMZ_PROGRESS_SAMPLE_NS;

/* Longer than any job: what a rate of next to nothing would predict is not worth showing. */
static const double longest_left_s = 100.0 * 24 * 3600;

static const struct hmz_progress_sample *sample_at(const struct hmz_progress *self, uint32_t i)
{
    return &self->samples[(self->sample_first + i) % HMZ_PROGRESS_SAMPLES];
}

static void drop_oldest(struct hmz_progress *self)
{
    self->sample_first = (self->sample_first + 1) % HMZ_PROGRESS_SAMPLES;
    self->sample_count--;
}

static void push_sample(struct hmz_progress *self)
{
    if (self->sample_count == HMZ_PROGRESS_SAMPLES)
        drop_oldest(self);
    self->samples[(self->sample_first + self->sample_count) % HMZ_PROGRESS_SAMPLES] =
        (struct hmz_progress_sample){self->elapsed_ns, self->worked_events, self->worked_bytes};
    self->sample_count++;
}

static uint64_t add_up_to_max(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

void hmz_progress_start(struct hmz_progress *self, const char *stage, uint64_t total_events,
                        uint64_t total_bytes, uint64_t now_ns)
{
    memset(self, 0, sizeof *self);
    self->stage = stage;
    self->total_events = total_events;
    self->total_bytes = total_bytes;
    self->clock_ns = now_ns;
    push_sample(self);
}

void hmz_progress_add(struct hmz_progress *self, uint64_t events, uint64_t bytes)
{
    hmz_progress_keep(self, events, bytes);
    self->worked_events = add_up_to_max(self->worked_events, events);
    self->worked_bytes = add_up_to_max(self->worked_bytes, bytes);
}

void hmz_progress_keep(struct hmz_progress *self, uint64_t events, uint64_t bytes)
{
    self->done_events = add_up_to_max(self->done_events, events);
    self->done_bytes = add_up_to_max(self->done_bytes, bytes);
}

void hmz_progress_tick(struct hmz_progress *self, uint64_t now_ns)
{
    if (now_ns > self->clock_ns)
        self->elapsed_ns = add_up_to_max(self->elapsed_ns, now_ns - self->clock_ns);
    self->clock_ns = now_ns;
    if (self->elapsed_ns - sample_at(self, self->sample_count - 1)->elapsed_ns >= HMZ_PROGRESS_SAMPLE_NS)
        push_sample(self);
    /* Ticks can be rare: the oldest sample is the last one that is a whole window old. */
    while (self->sample_count > 1 && self->elapsed_ns - sample_at(self, 1)->elapsed_ns >= window_ns)
        drop_oldest(self);
}

static double part_of(uint64_t done, uint64_t total)
{
    return done >= total ? 1.0 : (double)done / (double)total;
}

static void view_left(const struct hmz_progress *self, struct hmz_progress_view *view)
{
    bool by_bytes = self->total_bytes > 0;
    uint64_t total = by_bytes ? self->total_bytes : self->total_events;
    uint64_t done = by_bytes ? self->done_bytes : self->done_events;
    double rate = by_bytes ? view->bytes_per_s : view->events_per_s;
    if (total == 0)
        return;
    view->has_fraction = true;
    view->fraction = part_of(done, total);
    if (!view->has_rate || rate <= 0 || done >= total)
        return;
    view->left_s = (double)(total - done) / rate;
    view->has_left = view->left_s <= longest_left_s;
}

struct hmz_progress_view hmz_progress_view(const struct hmz_progress *self)
{
    struct hmz_progress_view view = {.elapsed_s = (double)self->elapsed_ns / 1e9};
    const struct hmz_progress_sample *oldest = sample_at(self, 0);
    if (self->elapsed_ns - oldest->elapsed_ns >= HMZ_PROGRESS_SAMPLE_NS) {
        double seconds = (double)(self->elapsed_ns - oldest->elapsed_ns) / 1e9;
        view.has_rate = true;
        view.bytes_per_s = (double)(self->worked_bytes - oldest->bytes) / seconds;
        view.events_per_s = (double)(self->worked_events - oldest->events) / seconds;
    }
    view_left(self, &view);
    return view;
}
