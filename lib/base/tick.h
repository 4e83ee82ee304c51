/* SPDX-License-Identifier: MIT */
/* A callback for the progress of a long task. The task calls it about once per event, with the number of
 * events and bytes since the last call. It must be quick.
 *
 * A second callback says which event comes next. The task calls it before libhdf5 reads that event, so that a
 * crash can be attributed to it. */
#ifndef HMZ_TICK_H
#define HMZ_TICK_H

#include <stdint.h>

struct hmz_tick { /* all zero: no callbacks */
    void (*call)(void *data, uint64_t events, uint64_t bytes);
    void (*at_event)(void *data, int32_t run, uint64_t event); /* original numbers */
    void *data;
};

static inline void hmz_tick(const struct hmz_tick *tick, uint64_t events, uint64_t bytes)
{
    if (tick->call)
        tick->call(tick->data, events, bytes);
}

static inline void hmz_tick_event(const struct hmz_tick *tick, int32_t run, uint64_t event)
{
    if (tick->at_event)
        tick->at_event(tick->data, run, event);
}

#endif
