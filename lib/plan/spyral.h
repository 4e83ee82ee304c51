/* SPDX-License-Identifier: MIT */
/* What Spyral's reader of harmonic runs needs of an event. Events are never changed for it: those that it
 * cannot read are counted and named. Source: attpc_spyral 1.1.2, HarmonizerReader. */
#ifndef HMZ_SPYRAL_H
#define HMZ_SPYRAL_H

#include <stdbool.h>

#include "event.h"

enum { HMZ_SPYRAL_1903_SAMPLES = 2048, HMZ_SPYRAL_COINCIDENCE_LAST = 3 };

/* An event without FRIB data is read; one with FRIB data needs 977 of 0 to 3 and 1903 of 2048 samples. */
bool hmz_spyral_reads(const struct hmz_event *event);

#endif
