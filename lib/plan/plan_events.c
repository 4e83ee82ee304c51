/* SPDX-License-Identifier: MIT */
#include "plan_events.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "footprint.h"
#include "path.h"
#include "spyral.h"

void hmz_plan_events_release(struct hmz_plan_events *self)
{
    free(self->sizes);
    free(self->kinds);
    free(self->own);
    free(self->kind_table);
    *self = (struct hmz_plan_events){0};
}

static bool grow(void **array, uint64_t count, size_t width)
{
    void *larger = realloc(*array, count * width);
    if (larger)
        *array = larger;
    return larger != NULL;
}

static int reserve(struct hmz_plan_events *self, uint64_t more, struct hmz_error *err)
{
    uint64_t capacity = self->count + more;
    if (capacity <= self->capacity)
        return HMZ_OK;
    if (!grow((void **)&self->sizes, capacity, sizeof *self->sizes) ||
        !grow((void **)&self->kinds, capacity, sizeof *self->kinds) ||
        (self->own && !grow((void **)&self->own, capacity, sizeof *self->own)))
        return hmz_fail_nomem(err, "the sizes of all events");
    self->capacity = capacity;
    return HMZ_OK;
}

/* One merged run on its way into the plan. */
struct gathering {
    struct hmz_plan_events *events;
    struct hmz_index *index;
    const struct hmz_plan_target *target;
    struct hmz_footprint_link link; /* how links name the run; no file where it cannot be linked to */
    struct hmz_names names;         /* of what is set aside */
};

static bool same_kind(const struct hmz_plan_kind *a, const struct hmz_plan_kind *b)
{
    return a->metadata.copy_bytes == b->metadata.copy_bytes &&
           a->metadata.link_bytes == b->metadata.link_bytes && a->spyral == b->spyral &&
           a->dropped == b->dropped;
}

/* The kinds are few: links differ by the digits of the event's number, copies by what is in the event. */
static int find_kind(struct hmz_plan_events *self, const struct hmz_plan_kind *kind, uint16_t *found_out,
                     struct hmz_error *err)
{
    size_t i = self->count ? self->kinds[self->count - 1] : 0; /* mostly that of the event before */
    if (i >= self->kind_count || !same_kind(&self->kind_table[i], kind))
        for (i = 0; i < self->kind_count && !same_kind(&self->kind_table[i], kind);)
            i++;
    if (i > UINT16_MAX)
        return hmz_fail(err, HMZ_E_FAILED,
                        "the events are of more than 65,536 kinds, which is more than any merger writes");
    if (i == self->kind_count) {
        if (!grow((void **)&self->kind_table, i + 1, sizeof *self->kind_table))
            return hmz_fail_nomem(err, "kinds of events");
        self->kind_table[self->kind_count++] = *kind;
    }
    *found_out = (uint16_t)i;
    return HMZ_OK;
}

static int add_own(struct hmz_plan_events *self, const struct hmz_plan_metadata *metadata,
                   struct hmz_error *err)
{
    if (!self->own)
        self->own = calloc(self->capacity, sizeof *self->own);
    if (!self->own)
        return hmz_fail_nomem(err, "the sizes of all events");
    self->own[self->count] = *metadata;
    return HMZ_OK;
}

static uint32_t at_most_u32(uint64_t bytes)
{
    return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

static struct hmz_plan_metadata metadata_of(const struct gathering *self, const struct hmz_event *event)
{
    return (struct hmz_plan_metadata){
        .copy_bytes = at_most_u32(hmz_footprint_event(event, NULL)),
        .link_bytes = self->link.file ? at_most_u32(hmz_footprint_event(event, &self->link)) : 0};
}

static int add_event(struct gathering *self, const struct hmz_event *event, struct hmz_plan_kind *kind,
                     struct hmz_error *err)
{
    struct hmz_plan_events *events = self->events;
    const struct hmz_plan_metadata metadata = metadata_of(self, event);
    const bool own = hmz_event_carries(event);
    int status = HMZ_OK;
    if (!own)
        kind->metadata = metadata;
    if (own || events->own)
        status = add_own(events, own ? &metadata : &(const struct hmz_plan_metadata){0}, err);
    if (status == HMZ_OK)
        status = find_kind(events, kind, &events->kinds[events->count], err);
    events->sizes[events->count++] = event->bytes;
    return status;
}

static int gather_event(struct gathering *self, struct hmz_event *event, struct hmz_error *err)
{
    struct hmz_plan_events *events = self->events;
    struct hmz_plan_kind kind = {.spyral = (uint8_t)hmz_spyral_judge(event),
                                 .dropped = hmz_spyral_would_drop(event)};
    int status = HMZ_OK;
    if (kind.spyral != HMZ_SPYRAL_READS && self->target->frib == HMZ_FRIB_SET_ASIDE)
        status = hmz_spyral_set_aside(event, &self->names, err);
    if (status != HMZ_OK)
        return status;
    if (__builtin_add_overflow(events->total, event->bytes, &events->total))
        return hmz_fail(err, HMZ_E_DAMAGED, "the events have more than 2^64 bytes together");
    assert(events->sizes && events->kinds);
    return add_event(self, event, &kind, err);
}

static int gather_events(struct gathering *self, struct hmz_error *err)
{
    struct hmz_event event = {0};
    int status;
    while ((status = hmz_index_next_event(self->index, &event, err)) == HMZ_OK) {
        if (self->events->count == self->events->capacity)
            status = hmz_fail(err, HMZ_E_DAMAGED, "an index holds more events than it says");
        if (status == HMZ_OK)
            status = hmz_stop_check(self->target->stop, err);
        if (status == HMZ_OK)
            status = gather_event(self, &event, err);
        if (status != HMZ_OK)
            break;
    }
    hmz_event_release(&event);
    hmz_names_release(&self->names);
    return status == HMZ_END ? HMZ_OK : status;
}

int hmz_plan_events_add_run(struct hmz_plan_events *self, const struct hmz_plan_input *input,
                            struct hmz_plan_run *run, const struct hmz_plan_target *target,
                            struct hmz_error *err)
{
    struct gathering gathering = {.events = self, .target = target};
    int status = hmz_index_open(hmz_state_index(target->state, input->run), &gathering.index, err);
    if (status != HMZ_OK)
        return status;
    const struct hmz_index_run *found = hmz_index_get_run(gathering.index);
    *run = (struct hmz_plan_run){.run = found->run,
                                 .path = strdup(input->path),
                                 .identity = found->identity,
                                 .index_hash = hmz_index_hash(gathering.index),
                                 .linkable = found->info.layout != HMZ_LAYOUT_FLAT,
                                 .first = self->count,
                                 .event_count = found->event_count};
    status = run->path ? reserve(self, found->event_count, err) : hmz_fail_nomem(err, input->path);
    if (status == HMZ_OK)
        status = hmz_path_relative(target->state->harmonic.path, input->path, &run->link, err);
    gathering.link =
        (struct hmz_footprint_link){.file = run->linkable ? run->link : NULL, .layout = found->info.layout};
    if (status == HMZ_OK)
        status = gather_events(&gathering, err);
    if (status == HMZ_OK && self->count - run->first != run->event_count)
        status = hmz_fail(err, HMZ_E_DAMAGED, "the index of merged run %d has fewer events than it says",
                          input->run);
    hmz_index_close(gathering.index);
    return status;
}
