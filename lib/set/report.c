/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdlib.h>

void hmz_report_release(struct hmz_report *self)
{
    free(self->runs);
    *self = (struct hmz_report){0};
}

int hmz_report_add(struct hmz_report *self, const struct hmz_index_run *run, struct hmz_error *err)
{
    struct hmz_index_run *runs = realloc(self->runs, (self->run_count + 1) * sizeof *runs);
    if (!runs)
        return hmz_fail_nomem(err, "the report");
    self->runs = runs;
    runs[self->run_count++] = *run;
    self->file_bytes += run->identity.bytes;
    self->events += run->event_count;
    self->payload_bytes += run->payload_bytes;
    self->events_without_get_inside += run->events_without_get - run->events_after_last_get;
    self->events_after_last_get += run->events_after_last_get;
    self->scalers += run->scaler_count;
    return HMZ_OK;
}
