/* SPDX-License-Identifier: MIT */
/* What a made-up merged run holds. Filled by the command line of mkrun, written by the layouts. */
#ifndef HMZ_RUN_SPEC_H
#define HMZ_RUN_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Event numbers, as "3,7,12" or "all". */
struct number_list {
    uint64_t *items;
    size_t count;
    bool all;
};
bool number_list_has(const struct number_list *self, uint64_t number);

/* A wrong structure, made on purpose in one event. */
enum damage {
    DAMAGE_NONE,
    DAMAGE_COLUMNS,          /* 516 columns */
    DAMAGE_TYPE,             /* traces as 32-bit integers */
    DAMAGE_MISSING_ID,       /* attribute id, or the header of 0.1.0, is missing */
    DAMAGE_SOFT_LINK,        /* traces are a soft link */
    DAMAGE_EXTERNAL_LINK,    /* traces are a link into another file */
    DAMAGE_EXTERNAL_STORAGE, /* traces lie in another file */
    DAMAGE_VIRTUAL,          /* traces are a virtual dataset */
    DAMAGE_UNWRITTEN,        /* traces were made, never written: no storage */
    DAMAGE_STRAY,            /* a member `notes` beside the events */
    DAMAGE_NAME,             /* a member `event_007` beside the events */
    DAMAGE_SCALER,           /* a scaler readout of text */
};

struct run_spec {
    const char *path;
    int32_t run;
    uint64_t events; /* with GET data at most, from first_event on */
    uint64_t first_event;
    uint64_t frib_tail; /* events with FRIB data only, after the last */
    uint64_t traces_least, traces_most;
    uint64_t samples; /* rows of 1903 */
    uint64_t samples_1905;
    uint64_t silicon_most; /* rows of a silicon matrix: 0 to this */
    uint64_t seed;
    struct number_list holes, frib_only, get_only, zero_rows, empty_events, no_1903, short_1903, narrow_1903,
        no_977, empty_977, with_1904, with_1905, with_1906, scaler_holes;
    int coincidence;                     /* -1: 0, 1, 2, 3 in turn */
    struct number_list coincidence_high; /* events with 977 above 3 */
    bool no_frib, unclosed, extra_datasets, extra_exotic, extra_attributes, extra_top, scaler_max;
    uint64_t scalers;
    struct number_list scaler_values; /* how many values, in turn */
    const char *title;
    const char *version;
    enum damage damage;
    uint64_t damaged_event;
};

/* Which parts an event of this number has. */
bool spec_has_event(const struct run_spec *spec, uint64_t number);
bool spec_has_get(const struct run_spec *spec, uint64_t number);
bool spec_has_frib(const struct run_spec *spec, uint64_t number);
uint64_t spec_end(const struct run_spec *spec); /* one past the last event number */
uint64_t spec_traces(const struct run_spec *spec, uint64_t number);
uint64_t spec_silicon(const struct run_spec *spec, uint64_t number, unsigned detector);
uint16_t spec_coincidence(const struct run_spec *spec, uint64_t number);
bool spec_damages(const struct run_spec *spec, uint64_t number, enum damage damage);

/* Ids and clocks differ from the event number and from each other, and pass 2^32 (GET) and 2^31 (FRIB). */
uint32_t spec_get_id(const struct run_spec *spec, uint64_t number);
uint64_t spec_get_timestamp(const struct run_spec *spec, uint64_t number);
uint64_t spec_get_timestamp_other(const struct run_spec *spec, uint64_t number);
uint32_t spec_frib_id(const struct run_spec *spec, uint64_t number);
uint32_t spec_frib_timestamp(const struct run_spec *spec, uint64_t number);

/* First, last and last-but-one event with GET data; false where there is none. */
struct get_range {
    uint64_t count, first, last, before_last;
};
struct get_range spec_get_range(const struct run_spec *spec);

/* One layout each. */
void write_legacy(const struct run_spec *spec);
void write_v1(const struct run_spec *spec);
void write_v2(const struct run_spec *spec);

#endif
