/* SPDX-License-Identifier: MIT */
#include "plan_new.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "plan_events.h"
#include "plan_file.h"
#include "plan_places.h"

static int gather(struct hmz_plan *plan, const struct hmz_plan_request *request,
                  struct hmz_plan_events *events, struct hmz_error *err)
{
    plan->runs = calloc(request->input_count ? request->input_count : 1, sizeof *plan->runs);
    if (!plan->runs)
        return hmz_fail_nomem(err, "a plan");
    const struct hmz_plan_target target = {.state = request->state, .frib = request->frib};
    int status = HMZ_OK;
    for (; status == HMZ_OK && plan->run_count < request->input_count; plan->run_count++) {
        hmz_tick(&request->tick, 0, 0);
        status = hmz_plan_events_add_run(events, &request->inputs[plan->run_count],
                                         &plan->runs[plan->run_count], &target, err);
    }
    plan->event_count = events->count;
    plan->payload_bytes = events->total;
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
        "leave %s out with skip_runs",
        count == 1 ? "" : "s", names, more, count == 1 ? "it" : "them");
}

/* ---- cutting ---- */

/* A file has at least one event, so there are events. `names`: bytes that their names take. */
static struct hmz_plan_file describe_file(const struct hmz_plan *plan, const struct hmz_plan_events *events,
                                          uint64_t first, uint64_t end, uint64_t names)
{
    assert(events->sizes && events->kinds && events->kind_table);
    struct hmz_plan_file file = {.first = first, .end = end};
    uint64_t metadata = names;
    uint64_t links = names;
    for (uint64_t i = first; i < end; i++) {
        const struct hmz_plan_kind *kind = &events->kind_table[events->kinds[i]];
        file.payload_bytes += events->sizes[i];
        metadata += kind->metadata;
        links += kind->links;
        file.spyral.events[kind->spyral]++;
        file.spyral.dropped += kind->dropped;
    }
    uint64_t copy_bytes = hmz_footprint_file_bytes(end - first, file.payload_bytes, metadata);
    uint64_t link_bytes = hmz_footprint_file_bytes(end - first, 0, links);
    file.file_bytes = plan->mode == HMZ_MODE_LINK ? link_bytes : copy_bytes;
    file.other_bytes = plan->mode == HMZ_MODE_LINK ? copy_bytes : link_bytes;
    return file;
}

struct event_count {
    uint64_t events;
    uint64_t file;
};

static int compare_counts(const void *a, const void *b)
{
    const struct event_count *left = a;
    const struct event_count *right = b;
    return left->events < right->events ? -1 : left->events > right->events;
}

/* names_out[i]: bytes that the names of the events of file i take; all are measured on one way up. */
static int measure_names(const uint64_t *first_event, uint64_t count, const struct hmz_tick *tick,
                         uint64_t *names_out, struct hmz_error *err)
{
    struct event_count *counts = calloc(count, sizeof *counts);
    uint64_t *events = calloc(count, sizeof *events);
    uint64_t *bytes = calloc(count, sizeof *bytes);
    int status = counts && events && bytes ? HMZ_OK : hmz_fail_nomem(err, "a plan");
    if (status == HMZ_OK) {
        for (uint64_t i = 0; i < count; i++)
            counts[i] = (struct event_count){.events = first_event[i + 1] - first_event[i], .file = i};
        qsort(counts, count, sizeof *counts, compare_counts);
        for (uint64_t i = 0; i < count; i++)
            events[i] = counts[i].events;
        status = hmz_footprint_names(events, count, tick, bytes, err);
        for (uint64_t i = 0; i < count; i++)
            names_out[counts[i].file] = bytes[i];
    }
    free(counts);
    free(events);
    free(bytes);
    return status;
}

static int describe_files(struct hmz_plan *plan, const struct hmz_plan_events *events,
                          const uint64_t *first_event, uint64_t count, const struct hmz_tick *tick,
                          struct hmz_error *err)
{
    if (count == 0)
        return HMZ_OK;
    uint64_t *names = calloc(count, sizeof *names);
    plan->files = calloc(count, sizeof *plan->files);
    int status = names && plan->files ? HMZ_OK : hmz_fail_nomem(err, "a plan");
    if (status == HMZ_OK)
        status = measure_names(first_event, count, tick, names, err);
    for (uint64_t i = 0; status == HMZ_OK && i < count; i++)
        plan->files[plan->file_count++] =
            describe_file(plan, events, first_event[i], first_event[i + 1], names[i]);
    free(names);
    return status;
}

static int cut(struct hmz_plan *plan, const struct hmz_plan_request *request,
               const struct hmz_plan_events *events, struct hmz_error *err)
{
    uint64_t *first_event;
    uint64_t count =
        hmz_cut_count(plan->payload_bytes, request->target_bytes, request->harmonic_count, plan->event_count);
    plan->wanted_files = request->harmonic_count ? request->harmonic_count : count;
    int status = hmz_cut_new(events->sizes, plan->event_count, count, &first_event, err);
    if (status != HMZ_OK)
        return status;
    status = describe_files(plan, events, first_event, count, &request->tick, err);
    free(first_event);
    return status;
}

int hmz_plan_new(const struct hmz_plan_request *request, struct hmz_plan **plan_out, struct hmz_error *err)
{
    struct hmz_plan_events events = {0};
    struct hmz_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return hmz_fail_nomem(err, "a plan");
    plan->mode = request->mode;
    plan->frib = request->frib;
    plan->target_bytes = request->target_bytes;
    plan->harmonic_count = request->harmonic_count;
    int status = gather(plan, request, &events, err);
    if (status == HMZ_OK)
        status = judge_links(plan, err);
    if (status == HMZ_OK)
        status = cut(plan, request, &events, err);
    hmz_plan_events_release(&events);
    if (status == HMZ_OK)
        status = hmz_plan_places_find(plan, request->state, err);
    if (status == HMZ_OK)
        status = hmz_plan_identify(plan, err);
    if (status != HMZ_OK) {
        hmz_plan_free(plan);
        return status;
    }
    *plan_out = plan;
    return HMZ_OK;
}
