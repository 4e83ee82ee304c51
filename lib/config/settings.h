/* SPDX-License-Identifier: MIT */
/* What decides a harmonic set beside its merged runs: how it is cut, how the data of the events come to lie
 * in it, what becomes of some. A configuration asks for it, a plan is made with it, a manifest lists it. The
 * same merged runs and settings give the same bytes. */
#ifndef HMZ_SETTINGS_H
#define HMZ_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/* How the data come to lie in harmonic runs; what each mode does while one is written:
 * lib/harmonic/mode_ops.h. Written to plans: never change a number. */
enum hmz_mode { HMZ_MODE_COPY = 0, HMZ_MODE_LINK = 1, HMZ_MODE_COUNT };

struct hmz_mode_facts {
    const char *name; /* as configurations, manifests and messages have it */
    bool holds_data;  /* the set is whole without its merged runs, and has a checksum of each event */
};

const struct hmz_mode_facts *hmz_mode_facts(enum hmz_mode mode);

/* What becomes of FRIB data that Spyral dies on (lib/plan/spyral.h). Written to plans, too. */
enum hmz_frib { HMZ_FRIB_SET_ASIDE = 0, HMZ_FRIB_KEEP = 1, HMZ_FRIB_COUNT };

/* As configurations, manifests and messages have it. */
const char *hmz_frib_name(enum hmz_frib frib);

/* The mode of that name, or what becomes of FRIB data; false where there is none. */
bool hmz_mode_by_name(const char *name, enum hmz_mode *mode_out);
bool hmz_frib_by_name(const char *name, enum hmz_frib *frib_out);

struct hmz_settings {
    uint64_t target_bytes;   /* payload of a harmonic run; 0: a count is given */
    uint64_t harmonic_count; /* 0: a size is given */
    uint32_t processes; /* of Spyral: beside a size, the number of harmonic runs is a multiple of it; 0: any
                           number */
    enum hmz_mode mode;
    enum hmz_frib frib;
};

/* What differs first between a set that was made and one that is asked for, as "harmonic_count 5, the
 * configuration says 3"; "" where they are the same. */
struct hmz_settings_text {
    char text[160];
};
struct hmz_settings_text hmz_settings_compare(const struct hmz_settings *made,
                                              const struct hmz_settings *asked);

#endif
