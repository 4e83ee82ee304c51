/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>

struct hmz_run_name hmz_harmonic_name(size_t number)
{
    struct hmz_run_name out;
    snprintf(out.text, sizeof out.text, "run_%04zu.h5", number);
    return out;
}

int hmz_event_id_compare(const struct hmz_event_id *a, const struct hmz_event_id *b)
{
    if (a->run != b->run)
        return a->run < b->run ? -1 : 1;
    return a->event < b->event ? -1 : a->event > b->event;
}

void hmz_plan_free(struct hmz_plan *self)
{
    if (!self)
        return;
    for (size_t i = 0; i < self->run_count; i++) {
        free(self->runs[i].path);
        free(self->runs[i].link);
    }
    free(self->runs);
    free(self->files);
    free(self);
}
