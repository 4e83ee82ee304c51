/* SPDX-License-Identifier: MIT */
/* What is in a set, what is not, what is unusual, what to tell Spyral: in words, or as JSON. The same for
 * `plan`, at the end of the real run, and for a set that is complete (`info`). */
#ifndef HMZ_SUMMARY_H
#define HMZ_SUMMARY_H

#include <jansson.h>
#include <stdio.h>

#include "job.h"

struct hmz_summary { /* everything is borrowed */
    const char *harmonic_path;
    const struct hmz_settings *settings;
    const struct hmz_run_selection *selection;
    const struct hmz_run_set *runs; /* which runs are missing */
    const struct hmz_report *report;
    bool is_cut;           /* the report knows the harmonic runs */
    uint64_t wanted_files; /* harmonic runs asked for; there may be fewer */
    double seconds;        /* that it took; below 0: of no meaning */
};

/* Of a job that was prepared. */
struct hmz_summary hmz_summary_of_job(const struct hmz_job *job, double seconds);

/* Everything about the merged runs and the plan. */
void hmz_summary_print(FILE *to, const struct hmz_summary *self);

/* The last lines: time and rate, and what to tell Spyral. */
void hmz_summary_print_end(FILE *to, const struct hmz_summary *self);

/* One line per merged run. */
void hmz_summary_print_runs(FILE *to, const struct hmz_summary *self);

/* For a set that was complete before the command began. */
void hmz_summary_print_already(FILE *to, const struct hmz_job *job);

/* All of it as one JSON object. `already`: the set was complete before. */
HMZ_MUST_CHECK int hmz_summary_print_json(FILE *to, const struct hmz_summary *self, bool already,
                                          struct hmz_error *err);

/* The sums over the harmonic runs of what Spyral makes of the events. */
struct hmz_spyral_counts hmz_summary_spyral(const struct hmz_report *report);

/* Of event data, less what an earlier try has written: that took none of the time. */
uint64_t hmz_summary_written_bytes(const struct hmz_report *report);

/* How equal the harmonic runs are; there is at least one. */
struct hmz_summary_sizes {
    uint64_t smallest, largest; /* bytes of event data */
    double spread_percent;      /* of the mean */
};
struct hmz_summary_sizes hmz_summary_sizes(const struct hmz_report *report);

#endif
