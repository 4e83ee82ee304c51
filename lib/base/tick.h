/* SPDX-License-Identifier: MIT */
/* How long work tells that it goes on: a function of the caller that is called with what was done since the
 * last call. It must be quick; it is called about once per event.
 *
 * And where it is: told before libhdf5 is let at an event of a merged run, so that a crash can be named. */
#ifndef HMZ_TICK_H
#define HMZ_TICK_H

#include <stdint.h>

struct hmz_tick { /* all zero: nobody listens */
    void (*call)(void *data, uint64_t events, uint64_t bytes);
    void (*at_event)(void *data, int32_t run, uint64_t event); /* of the merged run */
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
