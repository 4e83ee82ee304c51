/* SPDX-License-Identifier: MIT */
#include "plan_bounds.h"

#include "index.h"

/* Goes through the events of all runs, upwards only. */
struct walk {
    const struct hmz_plan *plan;
    const struct hmz_state *state;
    struct hmz_index *index;
    size_t run;    /* whose index is open */
    uint64_t next; /* event that the index gives next, counted through all runs */
    struct hmz_event event;
};

static int open_run(struct walk *self, size_t run, struct hmz_error *err)
{
    hmz_index_close(self->index);
    self->index = NULL;
    self->run = run;
    self->next = self->plan->runs[run].first;
    return hmz_index_open(hmz_state_index(self->state, self->plan->runs[run].run), &self->index, err);
}

static int go_to(struct walk *self, uint64_t event, struct hmz_error *err)
{
    const struct hmz_plan_run *runs = self->plan->runs;
    size_t run = self->run;
    while (event >= runs[run].first + runs[run].event_count)
        run++;
    int status = self->index && run == self->run ? HMZ_OK : open_run(self, run, err);
    if (status == HMZ_OK && event - self->next >= HMZ_INDEX_BLOCK_EVENTS) {
        self->next = event;
        status = hmz_index_seek_event(self->index, event - runs[run].first, err);
    }
    return status;
}

/* The same event may be asked for twice. */
static int find(struct walk *self, uint64_t event, struct hmz_event_id *place_out, struct hmz_error *err)
{
    int status = self->index && event + 1 == self->next ? HMZ_OK : go_to(self, event, err);
    for (; status == HMZ_OK && self->next <= event; self->next++)
        status = hmz_index_next_event(self->index, &self->event, err);
    if (status == HMZ_END)
        return hmz_fail(err, HMZ_E_DAMAGED, "the index of merged run %d has fewer events than it says",
                        self->plan->runs[self->run].run);
    *place_out = (struct hmz_event_id){.run = self->plan->runs[self->run].run, .event = self->event.number};
    return status;
}

int hmz_plan_bounds_find(struct hmz_plan *plan, const struct hmz_state *state, struct hmz_error *err)
{
    struct walk walk = {.plan = plan, .state = state};
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < plan->file_count; i++) {
        struct hmz_plan_file *file = &plan->files[i];
        status = find(&walk, file->first, &file->first_id, err);
        if (status == HMZ_OK)
            status = find(&walk, file->end - 1, &file->last_id, err);
    }
    hmz_event_release(&walk.event);
    hmz_index_close(walk.index);
    return status;
}
