/* SPDX-License-Identifier: MIT */
/* How far a stage of the job is, how fast it goes and how long it will take. State only: it draws nothing
 * (cli/bar.h does) and reads no clock; the caller hands the time in.
 *
 *     hmz_progress_start(&progress, "write", total_events, total_bytes, now_ns)
 *     hmz_progress_keep(…)                  what an earlier try has finished: done, but not work of today
 *     hmz_progress_add(…)                   as the counts of the workers come in
 *     hmz_progress_tick(&progress, now_ns)  a few times a second, also while nothing comes in
 *     hmz_progress_view(&progress)          the numbers to show, as of the last tick
 *
 * Times are nanoseconds of any clock. A clock that stands still gives no rate; one that jumps back is taken
 * to have stood still, one that jumps ahead lowers the rate until the jump has left the window. */
#ifndef HMZ_PROGRESS_H
#define HMZ_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* The rate is the mean over about the last ten seconds: samples half a second apart. */
enum { HMZ_PROGRESS_SAMPLES = 20, HMZ_PROGRESS_SAMPLE_NS = 500000000 };

struct hmz_progress_sample {
    uint64_t elapsed_ns;
    uint64_t events; /* worked off since the start of the stage */
    uint64_t bytes;
};

/* Plain data; read at will, written by the functions below only. */
struct hmz_progress {
    const char *stage;     /* "scan", "write", …: ASCII, borrowed */
    uint64_t total_events; /* 0: not known */
    uint64_t total_bytes;  /* payload; 0: not known */
    uint64_t done_events;  /* can pass the totals, where these were estimates */
    uint64_t done_bytes;
    uint64_t worked_events; /* added since the start, without what was kept: what rates are made of */
    uint64_t worked_bytes;
    uint64_t clock_ns;   /* the clock at the last tick */
    uint64_t elapsed_ns; /* since the start, as far as the clock went forward */
    struct hmz_progress_sample samples[HMZ_PROGRESS_SAMPLES]; /* a ring, oldest first */
    uint32_t sample_first;
    uint32_t sample_count; /* at least 1 */
};

/* Begins a stage: nothing done, clock at now_ns. Totals of 0 are not known. */
void hmz_progress_start(struct hmz_progress *self, const char *stage, uint64_t total_events,
                        uint64_t total_bytes, uint64_t now_ns);

/* More is done. Does not move the clock. */
void hmz_progress_add(struct hmz_progress *self, uint64_t events, uint64_t bytes);

/* More is done, but not by this process now: counts in the fraction, not in the rate. */
void hmz_progress_keep(struct hmz_progress *self, uint64_t events, uint64_t bytes);

/* Moves the clock. */
void hmz_progress_tick(struct hmz_progress *self, uint64_t now_ns);

struct hmz_progress_view {
    bool has_fraction;
    double fraction; /* 0 to 1: of the bytes, or of the events where no total of bytes is known */
    bool has_rate;   /* from half a second on: before that it would be noise */
    double bytes_per_s;
    double events_per_s;
    bool has_left; /* something left, and it moves */
    double left_s;
    double elapsed_s;
};

struct hmz_progress_view hmz_progress_view(const struct hmz_progress *self);

#endif
