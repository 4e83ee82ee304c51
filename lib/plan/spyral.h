/* SPDX-License-Identifier: MIT */
/* What Spyral's reader of harmonic runs makes of an event's FRIB data. One event that it cannot read ends its
 * work on that file and on all later files of that process, with exit code 0; an event without FRIB data is
 * fine. So FRIB data that it would die on can be set aside under another name, which it does not look at.
 * Source: attpc_spyral 1.1.2, HarmonizerReader. */
#ifndef HMZ_SPYRAL_H
#define HMZ_SPYRAL_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "hmz_error.h"
#include "names.h"

enum { HMZ_SPYRAL_1903_SAMPLES = 2048, HMZ_SPYRAL_1903_COLUMNS = 8, HMZ_SPYRAL_COINCIDENCE_LAST = 3 };

/* The coincidence register says ion chamber, downscaled: Spyral drops such an event where it can read it. */
enum { HMZ_SPYRAL_DROPPED = 2 };

/* Column `spyral` of events.parquet, and in plan files: never change a number. The lowest that applies. */
enum hmz_spyral {
    HMZ_SPYRAL_READS = 0, /* also: no FRIB data */
    HMZ_SPYRAL_NO_1903 = 1,
    HMZ_SPYRAL_SAMPLES = 2,        /* 1903 has other than 2048 */
    HMZ_SPYRAL_COINCIDENCE = 3,    /* 977 is above 3 */
    HMZ_SPYRAL_NO_COINCIDENCE = 4, /* no 977, or no value in it */
    HMZ_SPYRAL_NO_MATRIX = 5,      /* 1903 is no matrix of eight columns */
    HMZ_SPYRAL_VERDICTS = 6
};

/* What it makes of the FRIB data, set aside or not. */
enum hmz_spyral hmz_spyral_judge(const struct hmz_event *event);

/* It cannot read the event, which it would drop otherwise: 977 is 2. Set aside it becomes a cloud. */
bool hmz_spyral_would_drop(const struct hmz_event *event);

/* A verdict in words: "no 1903". NULL for HMZ_SPYRAL_READS. */
const char *hmz_spyral_reason(enum hmz_spyral verdict);

/* Events, by what it makes of them. */
struct hmz_spyral_counts {
    uint64_t events[HMZ_SPYRAL_VERDICTS];
    uint64_t dropped; /* those of hmz_spyral_would_drop() */
};

/* All that it cannot read. */
uint64_t hmz_spyral_fatal(const struct hmz_spyral_counts *self);

/* Moves the FRIB data of an event to HMZ_EVENT_SET_ASIDE_NAME: flag and paths, and the order of the pieces by
 * them. `names` keeps the new paths and must outlive the event. */
HMZ_MUST_CHECK int hmz_spyral_set_aside(struct hmz_event *event, struct hmz_names *names,
                                        struct hmz_error *err);

#endif
