/* SPDX-License-Identifier: MIT */
/* The rows of runs.parquet, as the merged runs that they were made of. */
#ifndef HMZ_RUNS_ROWS_H
#define HMZ_RUNS_ROWS_H

#include <stdbool.h>

#include "hmz_error.h"
#include "index.h"

struct hmz_runs_rows;

/* `fd`: the table, borrowed until the end. HMZ_E_DAMAGED: not a table that runs_table.c wrote. */
HMZ_MUST_CHECK int hmz_runs_rows_open(int fd, struct hmz_runs_rows **rows_out, struct hmz_error *err);
void hmz_runs_rows_close(struct hmz_runs_rows *self); /* NULL is allowed */

/* The next merged run; its times, payload and traces are not in the table. *left_out_out: nothing of it could
 * be read. HMZ_END after the last. */
HMZ_MUST_CHECK int hmz_runs_rows_next(struct hmz_runs_rows *self, struct hmz_index_run *run_out,
                                      bool *left_out_out, struct hmz_error *err);

#endif
