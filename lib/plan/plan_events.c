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

/* Metadata bytes of each kind of this run; NULL without memory. */
static int kind_metadata(struct hmz_plan_events *self, const struct hmz_index *index, uint32_t **metadata_out,
                         struct hmz_error *err)
{
    uint32_t count = hmz_index_kind_count(index);
    uint32_t *metadata = calloc(count ? count : 1, sizeof *metadata);
    struct hmz_event kind = {0};
    int status = metadata ? HMZ_OK : hmz_fail_nomem(err, "kinds of events");
    for (uint32_t i = 0; status == HMZ_OK && i < count; i++) {
        uint64_t bytes = 0;
        status = hmz_index_kind(index, i, &kind, err);
        if (status == HMZ_OK)
            status = hmz_footprints_get(&self->footprints, &kind, NULL, &bytes, err);
        metadata[i] = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    }
    hmz_event_release(&kind);
    *metadata_out = metadata;
    return status;
}

/* Of a run that cannot be linked to nothing is known. The events of a run are many, their kinds are few, and
 * so are the digits of their numbers: `last` remembers one answer. */
struct last_links {
    const char *file; /* NULL: no links */
    uint32_t kind;
    uint64_t number_end;   /* the answer holds for numbers of as many digits: below this one … */
    uint64_t number_first; /* … and from this one on */
    uint32_t bytes;
};

static int links_bytes(struct hmz_plan_events *self, struct last_links *last, const struct hmz_event *event,
                       uint32_t kind, struct hmz_error *err)
{
    if (!last->file || (last->number_end > 0 && last->kind == kind && event->number >= last->number_first &&
                        event->number < last->number_end))
        return HMZ_OK;
    uint64_t bytes = 0;
    const struct hmz_footprint_link link = {.file = last->file, .event_number = event->number};
    last->kind = kind;
    last->number_first = 0;
    last->number_end = 10;
    while (last->number_end <= event->number && last->number_end <= UINT64_MAX / 10) {
        last->number_first = last->number_end;
        last->number_end *= 10;
    }
    int status = hmz_footprints_get(&self->footprints, event, &link, &bytes, err);
    last->bytes = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    return status;
}

static bool same_costs(const struct hmz_plan_kind *a, const struct hmz_plan_kind *b)
{
    return a->metadata == b->metadata && a->links == b->links && a->unreadable == b->unreadable;
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

static int gather_events(struct hmz_plan_events *self, struct hmz_index *index, const uint32_t *metadata,
                         const char *link, struct hmz_error *err)
{
    struct hmz_event event = {0};
    struct last_links last = {.file = link};
    uint32_t kind;
    int status;
    while ((status = hmz_index_next_event(index, &event, &kind, err)) == HMZ_OK) {
        if (self->count == self->room) {
            status = hmz_fail(err, HMZ_E_DAMAGED, "an index holds more events than it says");
            break;
        }
        status = links_bytes(self, &last, &event, kind, err);
        if (status != HMZ_OK)
            break;
        const struct hmz_plan_kind costs = {
            .metadata = metadata[kind], .links = last.bytes, .unreadable = !hmz_spyral_reads(&event)};
        status = add_event(self, event.bytes, &costs, err);
        if (status != HMZ_OK)
            break;
    }
    hmz_event_release(&event);
    return status == HMZ_END ? HMZ_OK : status;
}

int hmz_plan_events_add_run(struct hmz_plan_events *self, const struct hmz_plan_input *input,
                            struct hmz_plan_run *run, const char *harmonic_path, struct hmz_error *err)
{
    struct hmz_index *index;
    uint32_t *metadata = NULL;
    int status = hmz_index_open(input->index_path, &index, err);
    if (status != HMZ_OK)
        return status;
    const struct hmz_index_run *found = hmz_index_get_run(index);
    *run = (struct hmz_plan_run){.run = found->run,
                                 .path = strdup(input->run_path),
                                 .identity = found->identity,
                                 .index_hash = hmz_index_hash(index),
                                 .first = self->count,
                                 .event_count = found->event_count};
    status = run->path ? make_room(self, found->event_count, err) : hmz_fail_nomem(err, input->run_path);
    if (status == HMZ_OK)
        status = kind_metadata(self, index, &metadata, err);
    if (status == HMZ_OK)
        status = hmz_path_relative(harmonic_path, input->run_path, &run->link, err);
    bool legacy = found->info.layout == HMZ_LAYOUT_LEGACY;
    run->linkable = !legacy;
    if (status == HMZ_OK)
        status = gather_events(self, index, metadata, legacy ? NULL : run->link, err);
    if (status == HMZ_OK && self->count - run->first != run->event_count)
        status = hmz_fail(err, HMZ_E_DAMAGED, "%s: has fewer events than it says", input->index_path);
    free(metadata);
    hmz_index_close(index);
    return status;
}
