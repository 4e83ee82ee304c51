/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <assert.h>
#include <stdlib.h>

#include "list.h"
#include "plan_index.h"
#include "spyral.h"
#include "stop.h"
#include "unreadable.h"

void hmz_report_release(struct hmz_report *self)
{
    free(self->runs);
    free(self->files);
    *self = (struct hmz_report){0};
}

int hmz_report_add_run(struct hmz_report *self, const struct hmz_index *index, struct hmz_error *err)
{
    uint64_t count;
    const struct hmz_finding *findings = hmz_index_findings(index, &count);
    struct hmz_report_run *run = hmz_list_add(&self->runs, &self->run_count, sizeof *self->runs);
    if (!run)
        return hmz_fail_nomem(err, "the report");
    run->index = *hmz_index_get_run(index);
    for (uint64_t i = 0; i < count; i++) {
        run->left_out = run->left_out || findings[i].kind == HMZ_FINDING_RUN;
        run->skipped_events += findings[i].kind == HMZ_FINDING_EVENT;
        run->skipped_scalers += findings[i].kind == HMZ_FINDING_SCALER;
        run->skipped_members += findings[i].kind == HMZ_FINDING_MEMBER;
    }
    return HMZ_OK;
}

int hmz_report_take_plan(struct hmz_report *self, const struct hmz_plan *plan, struct hmz_error *err)
{
    assert(self->run_count == plan->run_count);
    free(self->files);
    self->file_count = 0;
    self->files = calloc(plan->file_count + 1, sizeof *self->files);
    if (!self->files)
        return hmz_fail_nomem(err, "the report");
    for (; self->file_count < plan->file_count; self->file_count++) {
        const struct hmz_plan_file *file = &plan->files[self->file_count];
        self->files[self->file_count] = (struct hmz_report_file){.events = file->end - file->first,
                                                                 .payload_bytes = file->payload_bytes,
                                                                 .file_bytes = file->file_bytes,
                                                                 .spyral = file->spyral};
    }
    return HMZ_OK;
}

/* ---- what the copy left out ---- */

static int add_unreadable(struct hmz_unreadable *all, struct hmz_file_at at, struct hmz_error *err)
{
    struct hmz_unreadable some;
    int status = hmz_unreadable_load(&some, at, err);
    if (status != HMZ_OK)
        return status;
    for (size_t i = 0; status == HMZ_OK && i < some.count; i++)
        status = hmz_unreadable_add(all, &some.items[i].id, some.items[i].reason, err);
    hmz_unreadable_release(&some);
    return status;
}

/* Of all harmonic runs. */
static int list_unreadable(const struct hmz_plan *plan, const struct hmz_state *state,
                           struct hmz_unreadable *all, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < plan->file_count; i++)
        status = add_unreadable(all, hmz_state_unreadable(state, i), err);
    return status;
}

static bool has_any_of(const struct hmz_unreadable *all, int32_t run)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->items[i].id.run == run)
            return true;
    return false;
}

/* `number`: of the event, counted through all runs of the plan. */
static void take_out_of_file(struct hmz_report *self, const struct hmz_plan *plan, uint64_t number,
                             const struct hmz_event *event)
{
    size_t i = 0;
    while (i < plan->file_count && plan->files[i].end <= number)
        i++;
    assert(i < plan->file_count);
    self->files[i].events--;
    self->files[i].payload_bytes -= event->bytes;
    self->files[i].spyral.events[hmz_spyral_judge(event)]--;
    self->files[i].spyral.dropped -= hmz_spyral_would_drop(event);
}

/* The sums of the run are made again, of the events that are left. */
static int take_out_of_run(struct hmz_report *self, size_t r, const struct hmz_plan *plan,
                           const struct hmz_unreadable *all, struct hmz_index *index, struct hmz_error *err)
{
    struct hmz_report_run *run = &self->runs[r];
    struct hmz_event event = {0};
    uint64_t number = plan->runs[r].first;
    int status;
    hmz_index_run_clear_events(&run->index);
    while ((status = hmz_index_next_event(index, &event, err)) == HMZ_OK) {
        const struct hmz_event_id id = {.run = run->index.run, .event = event.number};
        if (hmz_unreadable_has(all, &id)) {
            take_out_of_file(self, plan, number, &event);
            run->skipped_events++;
        } else {
            hmz_index_run_add_event(&run->index, &event);
        }
        number++;
    }
    hmz_event_release(&event);
    return status == HMZ_END ? HMZ_OK : status;
}

int hmz_report_take_out(struct hmz_report *self, const struct hmz_plan *plan, const struct hmz_state *state,
                        const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    assert(self->run_count == plan->run_count && self->file_count == plan->file_count);
    struct hmz_unreadable all = {0};
    int status = list_unreadable(plan, state, &all, err);
    for (size_t r = 0; status == HMZ_OK && r < plan->run_count; r++) {
        struct hmz_index *index;
        if (!has_any_of(&all, plan->runs[r].run))
            continue;
        status = hmz_stop_check(stop, err);
        if (status == HMZ_OK)
            status = hmz_plan_index_open(state, &plan->runs[r], &index, err);
        if (status != HMZ_OK)
            break;
        status = take_out_of_run(self, r, plan, &all, index, err);
        hmz_index_close(index);
    }
    hmz_unreadable_release(&all);
    return status;
}

/* ---- sums ---- */

struct hmz_report_sums hmz_report_sum(const struct hmz_report *self)
{
    struct hmz_report_sums sums = {0};
    for (size_t i = 0; i < self->run_count; i++) {
        const struct hmz_index_run *run = &self->runs[i].index;
        sums.runs_left_out += self->runs[i].left_out;
        if (self->runs[i].left_out)
            continue;
        sums.runs_read++;
        sums.file_bytes += run->identity.bytes;
        sums.events += run->event_count;
        sums.payload_bytes += run->payload_bytes;
        sums.events_without_get_inside += run->events_without_get - run->events_after_last_get;
        sums.events_after_last_get += run->events_after_last_get;
        sums.scalers += run->scaler_count;
    }
    return sums;
}
