/* SPDX-License-Identifier: MIT */
/* The rows of scalers.parquet, as the readouts that they were made of. */
#ifndef HMZ_SCALERS_ROWS_H
#define HMZ_SCALERS_ROWS_H

#include "event.h"
#include "hmz_error.h"

struct hmz_scalers_rows;

/* `fd`: the table, borrowed until the end. HMZ_E_DAMAGED: not a table that scalers_table.c wrote. */
HMZ_MUST_CHECK int hmz_scalers_rows_open(int fd, struct hmz_scalers_rows **rows_out, struct hmz_error *err);
void hmz_scalers_rows_close(struct hmz_scalers_rows *self); /* NULL is allowed */

/* The next readout, in order of run and number. HMZ_END after the last. */
HMZ_MUST_CHECK int hmz_scalers_rows_next(struct hmz_scalers_rows *self, int32_t *run_out,
                                         struct hmz_scaler *scaler_out, struct hmz_error *err);

#endif
