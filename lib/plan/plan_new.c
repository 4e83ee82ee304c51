/* SPDX-License-Identifier: MIT */
#include "plan_new.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "footprint.h"
#include "plan_events.h"
#include "plan_file.h"
#include "plan_bounds.h"

static int gather(struct hmz_plan *plan, const struct hmz_plan_request *request,
                  struct hmz_plan_events *events, struct hmz_error *err)
{
    plan->runs = calloc(request->input_count ? request->input_count : 1, sizeof *plan->runs);
    if (!plan->runs)
        return hmz_fail_nomem(err, "a plan");
    const struct hmz_plan_target target = {
        .state = request->state, .frib = request->settings->frib, .stop = request->stop};
    int status = HMZ_OK;
    for (; status == HMZ_OK && plan->run_count < request->input_count; plan->run_count++) {
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
    if (plan->linkable || plan->settings.mode != HMZ_MODE_LINK)
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

/* A file has at least one event, so there are events. */
static struct hmz_plan_file describe_file(const struct hmz_plan *plan, const struct hmz_plan_events *events,
                                          uint64_t first, uint64_t end)
{
    assert(events->sizes && events->kinds && events->kind_table);
    struct hmz_plan_file file = {.first = first, .end = end};
    uint64_t copy = hmz_footprint_names(end - first);
    uint64_t link = copy;
    for (uint64_t i = first; i < end; i++) {
        const struct hmz_plan_kind *kind = &events->kind_table[events->kinds[i]];
        file.payload_bytes += events->sizes[i];
        copy += kind->metadata.copy_bytes + (events->own ? events->own[i].copy_bytes : 0);
        link += kind->metadata.link_bytes + (events->own ? events->own[i].link_bytes : 0);
        file.spyral.events[kind->spyral]++;
        file.spyral.dropped += kind->dropped;
    }
    for (int mode = 0; mode < HMZ_MODE_COUNT; mode++)
        file.mode_bytes[mode] = hmz_mode_facts((enum hmz_mode)mode)->holds_data
                                    ? hmz_footprint_file_bytes(end - first, file.payload_bytes, copy)
                                    : hmz_footprint_file_bytes(end - first, 0, link);
    file.file_bytes = file.mode_bytes[plan->settings.mode];
    return file;
}

static int describe_files(struct hmz_plan *plan, const struct hmz_plan_events *events,
                          const uint64_t *first_event, uint64_t count, struct hmz_error *err)
{
    if (count == 0)
        return HMZ_OK;
    plan->files = calloc(count, sizeof *plan->files);
    if (!plan->files)
        return hmz_fail_nomem(err, "a plan");
    for (uint64_t i = 0; i < count; i++)
        plan->files[plan->file_count++] = describe_file(plan, events, first_event[i], first_event[i + 1]);
    return HMZ_OK;
}

static int cut(struct hmz_plan *plan, const struct hmz_plan_events *events, struct hmz_error *err)
{
    const struct hmz_settings *settings = &plan->settings;
    uint64_t *first_event;
    uint64_t count = settings->processes
                         ? hmz_cut_count_of_processes(plan->payload_bytes, settings->target_bytes,
                                                      settings->processes, plan->event_count)
                         : hmz_cut_count(plan->payload_bytes, settings->target_bytes,
                                         settings->harmonic_count, plan->event_count);
    plan->wanted_files = settings->harmonic_count ? settings->harmonic_count : count;
    int status = hmz_cut_new(events->sizes, plan->event_count, count, &first_event, err);
    if (status != HMZ_OK)
        return status;
    status = describe_files(plan, events, first_event, count, err);
    free(first_event);
    return status;
}

int hmz_plan_new(const struct hmz_plan_request *request, struct hmz_plan **plan_out, struct hmz_error *err)
{
    struct hmz_plan_events events = {0};
    struct hmz_plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return hmz_fail_nomem(err, "a plan");
    plan->settings = *request->settings;
    int status = gather(plan, request, &events, err);
    if (status == HMZ_OK)
        status = judge_links(plan, err);
    if (status == HMZ_OK)
        status = cut(plan, &events, err);
    hmz_plan_events_release(&events);
    if (status == HMZ_OK)
        status = hmz_plan_bounds_find(plan, request->state, err);
    if (status == HMZ_OK)
        status = hmz_plan_identify(plan, err);
    if (status != HMZ_OK) {
        hmz_plan_free(plan);
        return status;
    }
    *plan_out = plan;
    return HMZ_OK;
}
