/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "footprint.h"
#include "path.h"
#include "spyral.h"

struct hmz_run_name hmz_harmonic_name(size_t number)
{
    struct hmz_run_name out;
    snprintf(out.text, sizeof out.text, "run_%04zu.h5", number);
    return out;
}

int hmz_plan_place_compare(const struct hmz_plan_place *a, const struct hmz_plan_place *b)
{
    if (a->run != b->run)
        return a->run < b->run ? -1 : 1;
    return a->event < b->event ? -1 : a->event > b->event;
}

uint64_t hmz_plan_file_bytes(const struct hmz_plan *self)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < self->file_count; i++)
        bytes += self->files[i].file_bytes;
    return bytes;
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

/* What is gathered of the events while the plan is made, 29 bytes each. */
struct gathered {
    uint64_t *sizes;
    uint64_t *numbers;
    uint32_t *metadata; /* HDF5 metadata of the event on disk, in a copy */
    uint32_t *links;    /* in a harmonic run of links */
    uint8_t *unreadable;
    uint64_t count;
    uint64_t room;
    uint64_t total;
    struct hmz_footprints footprints;
};

static void release_gathered(struct gathered *self)
{
    free(self->sizes);
    free(self->numbers);
    free(self->metadata);
    free(self->links);
    free(self->unreadable);
    hmz_footprints_release(&self->footprints);
}

static bool grow(void **array, uint64_t count, size_t width)
{
    void *larger = realloc(*array, count * width);
    if (larger)
        *array = larger;
    return larger != NULL;
}

static int make_room(struct gathered *self, uint64_t more, struct hmz_error *err)
{
    uint64_t room = self->count + more;
    if (room <= self->room)
        return HMZ_OK;
    if (!grow((void **)&self->sizes, room, sizeof *self->sizes) ||
        !grow((void **)&self->numbers, room, sizeof *self->numbers) ||
        !grow((void **)&self->metadata, room, sizeof *self->metadata) ||
        !grow((void **)&self->links, room, sizeof *self->links) ||
        !grow((void **)&self->unreadable, room, sizeof *self->unreadable))
        return hmz_fail_nomem(err, "the sizes of all events");
    self->room = room;
    return HMZ_OK;
}

/* Metadata bytes of each kind of this run; NULL without memory. */
static int kind_metadata(struct gathered *self, const struct hmz_index *index, uint32_t **metadata_out,
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

static int links_bytes(struct gathered *self, struct last_links *last, const struct hmz_event *event,
                       uint32_t kind, struct hmz_error *err)
{
    if (!last->file || (last->number_end > 0 && last->kind == kind && event->number >= last->number_first &&
                        event->number < last->number_end))
        return HMZ_OK;
    uint64_t bytes;
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

static int gather_events(struct gathered *self, struct hmz_index *index, const uint32_t *metadata,
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
        uint64_t i = self->count++;
        assert(self->sizes && self->numbers && self->metadata && self->links && self->unreadable);
        self->sizes[i] = event.bytes;
        self->numbers[i] = event.number;
        self->metadata[i] = metadata[kind];
        self->links[i] = last.bytes;
        self->unreadable[i] = !hmz_spyral_reads(&event);
        if (__builtin_add_overflow(self->total, event.bytes, &self->total)) {
            status = hmz_fail(err, HMZ_E_DAMAGED, "the events have more than 2^64 bytes together");
            break;
        }
    }
    hmz_event_release(&event);
    return status == HMZ_END ? HMZ_OK : status;
}

static int gather_run(struct gathered *self, const struct hmz_plan_input *input, struct hmz_plan_run *run,
                      const char *harmonic_path, struct hmz_error *err)
{
    struct hmz_index *index;
    uint32_t *metadata = NULL;
    int status = hmz_index_open(input->index_path, &index, err);
    if (status == HMZ_END)
        return hmz_fail(err, HMZ_E_FAILED, "%s: missing", input->index_path);
    if (status != HMZ_OK)
        return status;
    const struct hmz_index_run *found = hmz_index_get_run(index);
    *run = (struct hmz_plan_run){.run = found->run,
                                 .path = strdup(input->run_path),
                                 .identity = found->identity,
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
    free(metadata);
    hmz_index_close(index);
    return status;
}

static int gather(struct hmz_plan *plan, const struct hmz_plan_request *request, struct gathered *gathered,
                  struct hmz_error *err)
{
    plan->runs = calloc(request->input_count ? request->input_count : 1, sizeof *plan->runs);
    if (!plan->runs)
        return hmz_fail_nomem(err, "a plan");
    int status = HMZ_OK;
    for (; status == HMZ_OK && plan->run_count < request->input_count; plan->run_count++)
        status = gather_run(gathered, &request->inputs[plan->run_count], &plan->runs[plan->run_count],
                            request->harmonic_path, err);
    plan->event_count = gathered->count;
    plan->payload_bytes = gathered->total;
    return status;
}

/* ---- links ---- */

enum { NAMED_RUNS = 20 };

/* The events of merger 0.1.0 have no groups that could be linked to. */
static int judge_links(struct hmz_plan *plan, struct hmz_error *err)
{
    char names[NAMED_RUNS * 13] = "";
    size_t count = 0;
    for (size_t i = 0; i < plan->run_count; i++) {
        size_t used = strlen(names);
        if (!plan->runs[i].linkable && count++ < NAMED_RUNS)
            snprintf(names + used, sizeof names - used, "%s%d", used ? ", " : "", plan->runs[i].run);
    }
    plan->linkable = count == 0;
    if (plan->linkable || plan->mode != HMZ_MODE_LINK)
        return HMZ_OK;
    char more[32] = "";
    if (count > NAMED_RUNS)
        snprintf(more, sizeof more, " and %zu more", count - NAMED_RUNS);
    return hmz_fail(
        err, HMZ_E_USAGE,
        "mode: link: merged run%s %s%s: of merger 0.1.0, which can only be copied: mode: copy, or "
        "leave out with skip_runs",
        count == 1 ? "" : "s", names, more);
}

/* ---- cutting ---- */

static struct hmz_plan_place place_of(const struct hmz_plan *plan, const struct gathered *gathered,
                                      uint64_t event)
{
    assert(gathered->numbers);
    size_t run = 0;
    while (run + 1 < plan->run_count && plan->runs[run + 1].first <= event)
        run++;
    return (struct hmz_plan_place){.run = plan->runs[run].run, .event = gathered->numbers[event]};
}

/* A file has at least one event, so there are events. */
static struct hmz_plan_file describe_file(const struct hmz_plan *plan, const struct gathered *gathered,
                                          uint64_t first, uint64_t end)
{
    assert(gathered->sizes && gathered->numbers && gathered->metadata && gathered->links &&
           gathered->unreadable);
    struct hmz_plan_file file = {.first = first, .end = end};
    uint64_t metadata = 0;
    uint64_t links = 0;
    for (uint64_t i = first; i < end; i++) {
        file.payload_bytes += gathered->sizes[i];
        metadata += gathered->metadata[i];
        links += gathered->links[i];
        file.unreadable += gathered->unreadable[i];
    }
    uint64_t copy_bytes = hmz_footprint_file_bytes(end - first, file.payload_bytes, metadata);
    uint64_t link_bytes = hmz_footprint_file_bytes(end - first, 0, links);
    file.file_bytes = plan->mode == HMZ_MODE_LINK ? link_bytes : copy_bytes;
    file.other_bytes = plan->mode == HMZ_MODE_LINK ? copy_bytes : link_bytes;
    file.first_place = place_of(plan, gathered, first);
    file.last_place = place_of(plan, gathered, end - 1);
    return file;
}

static int describe_files(struct hmz_plan *plan, const struct gathered *gathered, const uint64_t *first_event,
                          uint64_t count, struct hmz_error *err)
{
    plan->files = calloc(count ? count : 1, sizeof *plan->files);
    if (!plan->files)
        return hmz_fail_nomem(err, "a plan");
    for (; plan->file_count < count; plan->file_count++)
        plan->files[plan->file_count] =
            describe_file(plan, gathered, first_event[plan->file_count], first_event[plan->file_count + 1]);
    return HMZ_OK;
}

static int cut(struct hmz_plan *plan, const struct hmz_plan_request *request, const struct gathered *gathered,
               struct hmz_error *err)
{
    uint64_t *first_event;
    uint64_t count =
        hmz_cut_count(plan->payload_bytes, request->target_bytes, request->harmonic_count, plan->event_count);
    plan->wanted_files = request->harmonic_count ? request->harmonic_count : count;
    int status = hmz_cut_new(gathered->sizes, plan->event_count, count, &first_event, err);
    if (status != HMZ_OK)
        return status;
    status = describe_files(plan, gathered, first_event, count, err);
    free(first_event);
    return status;
}

int hmz_plan_new(const struct hmz_plan_request *request, struct hmz_plan **plan_out, struct hmz_error *err)
{
    struct gathered gathered = {0};
    struct hmz_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return hmz_fail_nomem(err, "a plan");
    plan->mode = request->mode;
    plan->target_bytes = request->target_bytes;
    plan->harmonic_count = request->harmonic_count;
    int status = gather(plan, request, &gathered, err);
    if (status == HMZ_OK)
        status = judge_links(plan, err);
    if (status == HMZ_OK)
        status = cut(plan, request, &gathered, err);
    release_gathered(&gathered);
    if (status == HMZ_OK)
        status = hmz_plan_identify(plan, err);
    if (status != HMZ_OK) {
        hmz_plan_free(plan);
        return status;
    }
    *plan_out = plan;
    return HMZ_OK;
}
