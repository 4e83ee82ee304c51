/* SPDX-License-Identifier: MIT */
/* The three tables beside the harmonic runs: scalers.parquet, events.parquet, runs.parquet. Made from the
 * indexes and from what the writers of the harmonic runs noted; columns in docs/formats.md. Same plan, same
 * bytes. */
#ifndef HMZ_TABLES_H
#define HMZ_TABLES_H

#include <signal.h>
#include <stddef.h>

#include "hmz_error.h"
#include "manifest.h"
#include "outfile.h"
#include "plan.h"
#include "report.h"
#include "state.h"
#include "tick.h"

enum { HMZ_TABLE_COUNT = 3 };
#define HMZ_SCALERS_TABLE "scalers.parquet"
#define HMZ_EVENTS_TABLE  "events.parquet"
#define HMZ_RUNS_TABLE    "runs.parquet"

/* What a table is made from. */
struct hmz_table_source {
    const struct hmz_plan *plan;
    const struct hmz_state *state;
    const struct hmz_report *report;   /* after hmz_report_take_out() */
    const volatile sig_atomic_t *stop; /* non-zero: HMZ_E_INTERRUPTED, within a few rows; may be NULL */
};

struct hmz_table {
    const char *name; /* "scalers.parquet" */
    /* Writes the table into `file`, which the caller commits. */
    int (*write)(const struct hmz_table_source *source, struct hmz_outfile *file, struct hmz_error *err);
};

extern const struct hmz_table hmz_tables[HMZ_TABLE_COUNT];

HMZ_MUST_CHECK int hmz_scalers_table_write(const struct hmz_table_source *source, struct hmz_outfile *file,
                                           struct hmz_error *err);
HMZ_MUST_CHECK int hmz_events_table_write(const struct hmz_table_source *source, struct hmz_outfile *file,
                                          struct hmz_error *err);
HMZ_MUST_CHECK int hmz_runs_table_write(const struct hmz_table_source *source, struct hmz_outfile *file,
                                        struct hmz_error *err);

/* An upper bound for the lengths of the tables together. */
uint64_t hmz_tables_bound(const struct hmz_plan *plan, uint64_t scaler_count);

/* Opens a table of a complete set to be read. HMZ_E_FAILED: it is missing; HMZ_E_DAMAGED: it is not the file
 * that the manifest lists. Messages name the file. */
HMZ_MUST_CHECK int hmz_tables_open_listed(const char *harmonic_path, const struct hmz_manifest *manifest,
                                          const char *name, int *fd_out, struct hmz_error *err);

/* Calls `visit` with the open index of each run of the plan, in order, until one fails. */
typedef int hmz_tables_visit(void *data, const struct hmz_plan_run *run, struct hmz_index *index,
                             struct hmz_error *err);
HMZ_MUST_CHECK int hmz_tables_each_run(const struct hmz_table_source *source, hmz_tables_visit *visit,
                                       void *data, struct hmz_error *err);

#endif
