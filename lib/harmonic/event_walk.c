/* SPDX-License-Identifier: MIT */
#include "event_walk.h"

#include <stdlib.h>
#include <string.h>

#include "plan_index.h"
#include "spyral.h"

static int check_source(const struct hmz_plan_run *run, struct hmz_error *err)
{
    struct hmz_file_identity now;
    int status = hmz_file_identity_read(run->path, &now, err);
    if (status == HMZ_OK && !hmz_file_identity_same(&now, &run->identity))
        status =
            hmz_fail(err, HMZ_E_CHANGED,
                     "merged run %d changed since it was scanned: is the merger still writing?", run->run);
    return status;
}

/* The event at hand in the words of the harmonic run: for whoever writes it, reads it back or compares it. */
static int next_event(const struct hmz_event_walk *self, struct hmz_index *index, struct hmz_event *event,
                      struct hmz_names *names, struct hmz_error *err)
{
    int status = hmz_index_next_event(index, event, err);
    if (status == HMZ_OK && self->plan->settings.frib == HMZ_FRIB_SET_ASIDE &&
        hmz_spyral_judge(event) != HMZ_SPYRAL_READS)
        status = hmz_spyral_set_aside(event, names, err);
    return status;
}

static int visit_events(const struct hmz_event_walk *self, struct hmz_run_source *source,
                        struct hmz_index *index, uint64_t count, struct hmz_error *err)
{
    struct hmz_event event = {0};
    struct hmz_names names = {0};
    int status = HMZ_OK;
    for (uint64_t i = 0; status == HMZ_OK && i < count; i++) {
        status = next_event(self, index, &event, &names, err);
        if (status == HMZ_END)
            status = hmz_fail(err, HMZ_E_DAMAGED, "merged run %d: the index has fewer events than the plan",
                              source->run);
        else if (status == HMZ_OK)
            status = self->visit(self->data, source, &event, err);
    }
    hmz_event_release(&event);
    hmz_names_release(&names);
    return status;
}

/* Events [first, end) of all, which are of this run. */
static int walk_run(const struct hmz_event_walk *self, const struct hmz_plan_run *run, uint64_t first,
                    uint64_t end, struct hmz_error *err)
{
    struct hmz_index *index;
    int status = check_source(run, err);
    if (status == HMZ_OK)
        status = hmz_plan_index_open(self->state, run, &index, err);
    if (status != HMZ_OK)
        return status;
    struct hmz_run_source source = {.run = run->run,
                                    .path = run->path,
                                    .link = self->plan->settings.mode == HMZ_MODE_LINK ? run->link : NULL,
                                    .layout = hmz_index_get_run(index)->info.layout,
                                    .fd = -1,
                                    .file = -1};
    status = hmz_run_source_open(&source, err);
    if (status == HMZ_OK)
        status = hmz_index_seek_event(index, first - run->first, err);
    if (status == HMZ_OK)
        status = visit_events(self, &source, index, end - first, err);
    hmz_run_source_close(&source);
    hmz_index_close(index);
    return status == HMZ_OK ? check_source(run, err) : status;
}

int hmz_event_walk(const struct hmz_event_walk *self, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < self->plan->run_count; i++) {
        const struct hmz_plan_run *run = &self->plan->runs[i];
        uint64_t first = run->first > self->first ? run->first : self->first;
        uint64_t run_end = run->first + run->event_count;
        uint64_t end = run_end < self->end ? run_end : self->end;
        if (first < end)
            status = walk_run(self, run, first, end, err);
    }
    return status;
}
