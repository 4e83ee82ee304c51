/* SPDX-License-Identifier: MIT */
/* How the data of the events come to lie in harmonic runs: one row of facts for each mode. What each does
 * while a harmonic run is written is in lib/harmonic/mode_ops.h. */
#ifndef HMZ_MODE_H
#define HMZ_MODE_H

#include <stdbool.h>

/* Written to plans: never change a number. */
enum hmz_mode { HMZ_MODE_COPY = 0, HMZ_MODE_LINK = 1, HMZ_MODE_COUNT };

struct hmz_mode_facts {
    const char *name; /* as configurations, manifests and messages have it */
    bool holds_data;  /* the set is whole without its merged runs, and has a checksum of each event */
};

const struct hmz_mode_facts *hmz_mode_facts(enum hmz_mode mode);

/* The mode of that name; false where there is none. */
bool hmz_mode_by_name(const char *name, enum hmz_mode *mode_out);

#endif
