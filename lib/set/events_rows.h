/* SPDX-License-Identifier: MIT */
/* The rows of events.parquet, as the events that they were made of. */
#ifndef HMZ_EVENTS_ROWS_H
#define HMZ_EVENTS_ROWS_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "hmz_error.h"
#include "spyral.h"

struct hmz_events_rows;

/* `fd`: the table, borrowed until the end. HMZ_E_DAMAGED: not a table that events_table.c wrote. */
HMZ_MUST_CHECK int hmz_events_rows_open(int fd, struct hmz_events_rows **rows_out, struct hmz_error *err);
void hmz_events_rows_close(struct hmz_events_rows *self); /* NULL is allowed */

/* The next event, in order of run and number, without pieces; flags: which data it has, and coincidence.
 * HMZ_END after the last. */
HMZ_MUST_CHECK int hmz_events_rows_next(struct hmz_events_rows *self, int32_t *run_out,
                                        struct hmz_event *event_out, struct hmz_error *err);

/* Where that event lies, and what Spyral makes of it (HMZ_SPYRAL_READS in a table that does not say). `event`
 * is left as it is. HMZ_E_DAMAGED: a row without a place, or with another verdict than there are. */
struct hmz_events_row {
    struct hmz_event event;
    int32_t harmonic_run;
    uint64_t harmonic_event;
    enum hmz_spyral spyral;
};
HMZ_MUST_CHECK int hmz_events_rows_place(const struct hmz_events_rows *self, struct hmz_events_row *row,
                                         struct hmz_error *err);

/* Of that event; false where the set has none. */
bool hmz_events_rows_checksum(const struct hmz_events_rows *self, uint64_t *checksum_out);

#endif
