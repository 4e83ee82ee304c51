/* SPDX-License-Identifier: MIT */
/* The numbers of the summary, at the end of a job and in `plan`. Every number is of what is in the set: what
 * the scan left out never counts, and what the copy left out is subtracted again.
 *
 *     hmz_report_add_run()     each merged run of the range, in order, from its index
 *     hmz_report_take_plan()   the harmonic runs as they are planned
 *     hmz_report_take_out()    what the harmonic runs that were written lack of that */
#ifndef HMZ_REPORT_H
#define HMZ_REPORT_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "index.h"
#include "manifest.h"
#include "plan.h"
#include "state.h"

struct hmz_report_run { /* a merged run of the range */
    struct hmz_index_run index;
    bool left_out;           /* as a whole: nothing of it could be read, `index` knows its file alone */
    uint64_t skipped_events; /* left out one by one */
    uint64_t skipped_scalers;
    uint64_t skipped_members; /* that are neither event nor readout */
};

struct hmz_report_file { /* a harmonic run */
    uint64_t events;
    uint64_t payload_bytes;
    uint64_t file_bytes; /* its length, as predicted or as it is */
    struct hmz_spyral_counts spyral;
    bool kept; /* an earlier try has written it */
};

struct hmz_report {              /* all zero: empty */
    struct hmz_report_run *runs; /* by run, those of the plan; owned */
    size_t run_count;
    struct hmz_report_file *files; /* owned */
    size_t file_count;
    uint64_t skipped; /* entries of the list in the manifest */
};

/* Sums over the merged runs. */
struct hmz_report_sums {
    size_t runs_read, runs_left_out;
    uint64_t file_bytes; /* of those that were read */
    uint64_t events;
    uint64_t payload_bytes;
    uint64_t events_without_get_inside; /* before the last GET event of their run */
    uint64_t events_after_last_get;
    uint64_t scalers;
};

void hmz_report_release(struct hmz_report *self);

/* Adds one merged run. What the index found to be damaged counts as left out. */
HMZ_MUST_CHECK int hmz_report_add_run(struct hmz_report *self, const struct hmz_index *index,
                                      struct hmz_error *err);

/* The harmonic runs are those of the plan, which was made of the runs that were added. */
HMZ_MUST_CHECK int hmz_report_take_plan(struct hmz_report *self, const struct hmz_plan *plan,
                                        struct hmz_error *err);

/* Takes out the events that `state` lists as unreadable (unreadable.h). Once, after hmz_report_take_plan().
 * `stop` as in stop.h. */
HMZ_MUST_CHECK int hmz_report_take_out(struct hmz_report *self, const struct hmz_plan *plan,
                                       const struct hmz_state *state, const volatile sig_atomic_t *stop,
                                       struct hmz_error *err);

/* That of a complete set, from its tables and its manifest. HMZ_E_FAILED, HMZ_E_DAMAGED: a table is missing,
 * or not the one that the manifest lists. */
HMZ_MUST_CHECK int hmz_report_of_set(struct hmz_report *self_out, const char *harmonic_path,
                                     const struct hmz_manifest *manifest, const volatile sig_atomic_t *stop,
                                     struct hmz_error *err);

struct hmz_report_sums hmz_report_sum(const struct hmz_report *self);

#endif
