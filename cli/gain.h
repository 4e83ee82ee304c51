/* SPDX-License-Identifier: MIT */
/* What Spyral gains by a set: how long the fullest of its processes works, of the harmonic runs and of the
 * merged runs that they were made of. */
#ifndef HMZ_GAIN_H
#define HMZ_GAIN_H

#include <stdint.h>

#include "report.h"
#include "settings.h"

enum { HMZ_GAINS_LAST = 3 };

struct hmz_gain {
    uint32_t processes;
    double harmonic, merged; /* times the mean of all processes */
};

/* For the number of processes that is configured, or for some that are usual. Returns how many; 0 where there
 * is no data, or no memory. */
int hmz_gain_of(const struct hmz_report *report, const struct hmz_settings *settings,
                struct hmz_gain gains_out[HMZ_GAINS_LAST]);

#endif
