/* SPDX-License-Identifier: MIT */
/* How far a job is: state only. It draws nothing and reads no clock; times are nanoseconds of any monotonic
 * clock, given by the caller. */
#ifndef HMZ_PROGRESS_H
#define HMZ_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HMZ_PROGRESS_SAMPLES = 32 };

struct hmz_progress_sample {
    int64_t at_ns;
    uint64_t events, bytes;
};

struct hmz_progress {
    const char *stage; /* borrowed: "scan", "write" */
    int64_t began_ns;
    uint64_t total_events, total_bytes;                       /* 0: not known */
    uint64_t events, bytes;                                   /* done */
    struct hmz_progress_sample samples[HMZ_PROGRESS_SAMPLES]; /* about one a second, for the rate of late */
    size_t sample_count;                                      /* ever taken */
};

void hmz_progress_begin(struct hmz_progress *self, const char *stage, int64_t now_ns);
void hmz_progress_set_total(struct hmz_progress *self, uint64_t events, uint64_t bytes);
void hmz_progress_advance(struct hmz_progress *self, uint64_t events, uint64_t bytes, int64_t now_ns);

/* 0 to 1, by bytes where they are known, else by events; negative where neither is. */
double hmz_progress_fraction(const struct hmz_progress *self);

/* Per second, over the last half minute. */
struct hmz_progress_rate {
    double events, bytes;
};
struct hmz_progress_rate hmz_progress_rate(const struct hmz_progress *self, int64_t now_ns);

/* Seconds to the end; negative where nobody can tell yet. */
double hmz_progress_seconds_left(const struct hmz_progress *self, int64_t now_ns);

#endif
