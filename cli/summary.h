/* SPDX-License-Identifier: MIT */
/* The words of the summary: what was read, what is in the set, what is unusual, what to tell Spyral. */
#ifndef HMZ_SUMMARY_H
#define HMZ_SUMMARY_H

#include <stdio.h>

#include "job.h"

/* Everything about the merged runs and the plan; the same for `plan` and at the end of the real run. */
void hmz_summary_print(FILE *to, const struct hmz_job *job);

/* The last lines: time and rate (seconds < 0: none), and what to tell Spyral. */
void hmz_summary_print_end(FILE *to, const struct hmz_job *job, double seconds);

/* One line per merged run. */
void hmz_summary_print_runs(FILE *to, const struct hmz_job *job);

/* For a set that was complete before the command began. */
void hmz_summary_print_already(FILE *to, const struct hmz_job *job);

#endif
