/* SPDX-License-Identifier: MIT */
#include "plan_events.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "spyral.h"

void hmz_plan_events_release(struct hmz_plan_events *self)
{
    free(self->sizes);
    free(self->kinds);
    free(self->kind_table);
    hmz_footprints_release(&self->footprints);
}

static bool grow(void **array, uint64_t count, size_t width)
{
    void *larger = realloc(*array, count * width);
    if (larger)
        *array = larger;
    return larger != NULL;
}

static int make_room(struct hmz_plan_events *self, uint64_t more, struct hmz_error *err)
{
    uint64_t room = self->count + more;
    if (room <= self->room)
        return HMZ_OK;
    if (!grow((void **)&self->sizes, room, sizeof *self->sizes) ||
        !grow((void **)&self->kinds, room, sizeof *self->kinds))
        return hmz_fail_nomem(err, "the sizes of all events");
    self->room = room;
    return HMZ_OK;
}

/* What events of a run have in common. The events are many, their kinds are few, and so are the digits of
 * their numbers, by which the lengths of links differ. */
struct costs {
    uint32_t metadata; /* of this kind in a copy; 0: not known yet */
    uint32_t links;    /* of the event at hand in a run of links; holds for numbers … */
    uint64_t first;    /* … from this one on … */
    uint64_t end;      /* … to below this one, of as many digits; 0: not known yet */
};

/* One merged run on its way into the plan. */
struct gathering {
    struct hmz_plan_events *events;
    struct hmz_index *index;
    const char *link; /* how links name the run; NULL where it cannot be linked to */
    enum hmz_frib frib;
    struct costs *kinds;    /* [2][kinds of the run]: as they are, and with FRIB data set aside */
    struct hmz_names names; /* of what is set aside */
};

static uint32_t at_most_u32(uint64_t bytes)
{
    return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

static int find_links(struct gathering *self, const struct hmz_event *event, struct costs *costs,
                      struct hmz_error *err)
{
    if (!self->link || (costs->first <= event->number && event->number < costs->end))
        return HMZ_OK;
    uint64_t bytes = 0;
    const struct hmz_footprint_link link = {.file = self->link, .event_number = event->number};
    costs->first = 0;
    costs->end = 10;
    while (costs->end <= event->number && costs->end <= UINT64_MAX / 10) {
        costs->first = costs->end;
        costs->end *= 10;
    }
    int status = hmz_footprints_get(&self->events->footprints, event, &link, &bytes, err);
    costs->links = at_most_u32(bytes);
    return status;
}

static int find_costs(struct gathering *self, const struct hmz_event *event, uint32_t kind,
                      struct costs **costs_out, struct hmz_error *err)
{
    bool aside = event->flags & HMZ_EVENT_SET_ASIDE;
    struct costs *costs = &self->kinds[kind + (aside ? hmz_index_kind_count(self->index) : 0)];
    int status = HMZ_OK;
    if (costs->metadata == 0) {
        uint64_t bytes = 0;
        status = hmz_footprints_get(&self->events->footprints, event, NULL, &bytes, err);
        costs->metadata = at_most_u32(bytes);
    }
    *costs_out = costs;
    return status == HMZ_OK ? find_links(self, event, costs, err) : status;
}

static bool same_costs(const struct hmz_plan_kind *a, const struct hmz_plan_kind *b)
{
    return a->metadata == b->metadata && a->links == b->links && a->spyral == b->spyral &&
           a->dropped == b->dropped;
}

/* Adds an event that is of this kind. */
static int add_event(struct hmz_plan_events *self, uint64_t bytes, const struct hmz_plan_kind *kind,
                     struct hmz_error *err)
{
    size_t i = self->count ? self->kinds[self->count - 1] : 0; /* mostly that of the event before */
    if (i >= self->kind_count || !same_costs(&self->kind_table[i], kind))
        for (i = 0; i < self->kind_count && !same_costs(&self->kind_table[i], kind);)
            i++;
    if (i == self->kind_count) {
        if (i > UINT16_MAX)
            return hmz_fail(err, HMZ_E_FAILED,
                            "the events are of more than 65,536 kinds, which is more than any merger writes");
        if (!grow((void **)&self->kind_table, i + 1, sizeof *self->kind_table))
            return hmz_fail_nomem(err, "kinds of events");
        self->kind_table[self->kind_count++] = *kind;
    }
    if (__builtin_add_overflow(self->total, bytes, &self->total))
        return hmz_fail(err, HMZ_E_DAMAGED, "the events have more than 2^64 bytes together");
    assert(self->sizes && self->kinds);
    self->sizes[self->count] = bytes;
    self->kinds[self->count++] = (uint16_t)i;
    return HMZ_OK;
}

static int gather_event(struct gathering *self, struct hmz_event *event, uint32_t kind, struct hmz_error *err)
{
    struct costs *costs = NULL;
    enum hmz_spyral spyral = hmz_spyral_judge(event);
    int status = HMZ_OK;
    if (spyral != HMZ_SPYRAL_READS && self->frib == HMZ_FRIB_SET_ASIDE)
        status = hmz_spyral_set_aside(event, &self->names, err);
    if (status == HMZ_OK)
        status = find_costs(self, event, kind, &costs, err);
    if (status != HMZ_OK)
        return status;
    const struct hmz_plan_kind plan_kind = {.metadata = costs->metadata,
                                            .links = costs->links,
                                            .spyral = (uint8_t)spyral,
                                            .dropped = hmz_spyral_would_drop(event)};
    return add_event(self->events, event->bytes, &plan_kind, err);
}

static int gather_events(struct gathering *self, struct hmz_error *err)
{
    struct hmz_event event = {0};
    uint32_t kind;
    int status;
    self->kinds = calloc(2 * (size_t)hmz_index_kind_count(self->index) + 1, sizeof *self->kinds);
    if (!self->kinds)
        return hmz_fail_nomem(err, "kinds of events");
    while ((status = hmz_index_next_event(self->index, &event, &kind, err)) == HMZ_OK) {
        if (self->events->count == self->events->room)
            status = hmz_fail(err, HMZ_E_DAMAGED, "an index holds more events than it says");
        else
            status = gather_event(self, &event, kind, err);
        if (status != HMZ_OK)
            break;
    }
    hmz_event_release(&event);
    hmz_names_release(&self->names);
    free(self->kinds);
    return status == HMZ_END ? HMZ_OK : status;
}

int hmz_plan_events_add_run(struct hmz_plan_events *self, const struct hmz_plan_input *input,
                            struct hmz_plan_run *run, const struct hmz_plan_target *target,
                            struct hmz_error *err)
{
    struct gathering gathering = {.events = self, .frib = target->frib};
    int status = hmz_index_open(hmz_state_index(target->state, input->run), &gathering.index, err);
    if (status != HMZ_OK)
        return status;
    const struct hmz_index_run *found = hmz_index_get_run(gathering.index);
    *run = (struct hmz_plan_run){.run = found->run,
                                 .path = strdup(input->path),
                                 .identity = found->identity,
                                 .index_hash = hmz_index_hash(gathering.index),
                                 .linkable = found->info.layout != HMZ_LAYOUT_LEGACY,
                                 .first = self->count,
                                 .event_count = found->event_count};
    status = run->path ? make_room(self, found->event_count, err) : hmz_fail_nomem(err, input->path);
    if (status == HMZ_OK)
        status = hmz_path_relative(target->state->harmonic.path, input->path, &run->link, err);
    gathering.link = run->linkable ? run->link : NULL;
    if (status == HMZ_OK)
        status = gather_events(&gathering, err);
    if (status == HMZ_OK && self->count - run->first != run->event_count)
        status = hmz_fail(err, HMZ_E_DAMAGED, "the index of merged run %d has fewer events than it says",
                          input->run);
    hmz_index_close(gathering.index);
    return status;
}
