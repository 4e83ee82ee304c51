/* SPDX-License-Identifier: MIT */
/* Which events go into which harmonic run, how large that will be, and what identifies the plan. Made from
 * the indexes; the arithmetic of the cut itself is in cut.h. */
#ifndef HMZ_PLAN_H
#define HMZ_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "index.h"
#include "settings.h"
#include "spyral.h"

struct hmz_event_id { /* an event by its original numbers */
    int32_t run;
    uint64_t event;
};

/* By run, then by event: the order of a harmonic set. Below, at or above 0. */
int hmz_event_id_compare(const struct hmz_event_id *a, const struct hmz_event_id *b);

struct hmz_plan_run {
    int32_t run;
    char *path; /* of the merged run */
    char *link; /* the same, from harmonic_path on, as links name it; NULL in a copy's plan that was loaded */
    struct hmz_file_identity identity;
    uint64_t index_hash; /* hmz_index_hash() of the index it was planned by; not in `id` */
    bool linkable;       /* not of merger 0.1.0; not saved */
    uint64_t first;      /* its first event, counted through all runs */
    uint64_t event_count;
};

struct hmz_plan_file {
    uint64_t first, end;                 /* events counted through all runs */
    uint64_t payload_bytes;              /* of their datasets */
    uint64_t file_bytes;                 /* predicted length of the harmonic run */
    uint64_t mode_bytes[HMZ_MODE_COUNT]; /* the same, by mode */
    struct hmz_event_id first_id, last_id;
    struct hmz_spyral_counts spyral;
};

struct hmz_plan {
    uint64_t id;                  /* XXH3-64 over all that decides the output */
    struct hmz_settings settings; /* the size as asked for is not in `id` */
    bool linkable;                /* mode: link could be chosen */
    uint64_t event_count;
    uint64_t payload_bytes;
    uint64_t wanted_files; /* before the limit of one event a file */
    struct hmz_plan_run *runs;
    size_t run_count;
    struct hmz_plan_file *files;
    size_t file_count;
};

void hmz_plan_free(struct hmz_plan *self);

/* "run_0012.h5" */
struct hmz_run_name {
    char text[32];
};
struct hmz_run_name hmz_harmonic_name(size_t number);

#endif
