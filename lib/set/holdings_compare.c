/* SPDX-License-Identifier: MIT */
/* Two lists in the same order, of the set and of a merged run, walked side by side. */
#include <stdlib.h>

#include "event_sums.h"
#include "events_rows.h"
#include "holdings.h"
#include "index.h"
#include "scalers_rows.h"
#include "stop.h"

/* What lies in a run, item by item: one that the set holds, or one that the merged run has. */
struct item {
    struct hmz_event event;
    struct hmz_scaler scaler;
};

enum kind { EVENTS, SCALERS };

struct walk {
    struct hmz_holdings *holdings;
    enum kind kind;
    const volatile sig_atomic_t *stop;
    /* the run at hand */
    size_t run;
    struct hmz_index *index; /* of the merged run; NULL: there is none, or nothing left in it */
    struct item held, now;
    bool has_now;
    uint64_t now_offset;        /* of `now` in the index, from 1 on */
    struct hmz_event_sums sums; /* by id, where the data are asked for */
    uint64_t checksum;          /* of `held` */
    bool has_checksum;
};

static struct hmz_held_count *count_of(const struct walk *self)
{
    struct hmz_held_run *run = &self->holdings->runs[self->run];
    return self->kind == EVENTS ? &run->events : &run->scalers;
}

static uint64_t number_of(const struct walk *self, const struct item *item)
{
    /* The table has 32 bits for the number of a readout. */
    return self->kind == EVENTS ? item->event.number : (uint32_t)item->scaler.number;
}

static bool same_event(const struct hmz_event *a, const struct hmz_event *b)
{
    const uint32_t flags = HMZ_EVENT_HAS_GET | HMZ_EVENT_HAS_FRIB | HMZ_EVENT_HAS_COINCIDENCE;
    return (a->flags & flags) == (b->flags & flags) && a->traces == b->traces && a->bytes == b->bytes &&
           a->get_id == b->get_id && a->get_timestamp == b->get_timestamp &&
           a->get_timestamp_other == b->get_timestamp_other && a->frib_id == b->frib_id &&
           a->frib_timestamp == b->frib_timestamp && a->coincidence == b->coincidence;
}

static bool same_scaler(const struct hmz_scaler *a, const struct hmz_scaler *b)
{
    if (a->start_offset != b->start_offset || a->stop_offset != b->stop_offset ||
        a->timestamp != b->timestamp || a->incremental != b->incremental || a->value_count != b->value_count)
        return false;
    for (uint32_t i = 0; i < a->value_count; i++)
        if (a->values[i] != b->values[i])
            return false;
    return true;
}

static int next_in_index(const struct walk *self, struct hmz_index *index, struct item *item,
                         struct hmz_error *err)
{
    return self->kind == EVENTS ? hmz_index_next_event(index, &item->event, err)
                                : hmz_index_next_scaler(index, &item->scaler, err);
}

static void leave_run(struct walk *self)
{
    hmz_index_close(self->index);
    self->index = NULL;
    self->has_now = false;
}

static int enter_run(struct walk *self, const struct hmz_held_run *held, struct hmz_error *err)
{
    self->now_offset = 0;
    hmz_event_sums_release(&self->sums);
    if (held->settled || !held->index.name[0])
        return HMZ_OK;
    int status = hmz_index_open(held->index, &self->index, err);
    if (status == HMZ_OK && held->sums.name[0])
        status = hmz_event_sums_load(&self->sums, held->sums, err);
    return status;
}

/* Turns to a run, in the order of runs; a set of ours holds nothing of others. */
static int turn_to(struct walk *self, int32_t run, struct hmz_error *err)
{
    const struct hmz_holdings *holdings = self->holdings;
    if (self->run < holdings->run_count && holdings->runs[self->run].run == run)
        return HMZ_OK;
    leave_run(self);
    for (self->run = 0; self->run < holdings->run_count; self->run++)
        if (holdings->runs[self->run].run == run)
            break;
    if (self->run == holdings->run_count)
        return hmz_fail(err, HMZ_E_USAGE, "the tables have merged run %d, which the manifest does not list",
                        run);
    return enter_run(self, &holdings->runs[self->run], err);
}

/* Goes on in the merged run to the first item that is not before `number`. */
static int seek(struct walk *self, uint64_t number, struct hmz_error *err)
{
    while (self->index && (!self->has_now || number_of(self, &self->now) < number)) {
        int status = next_in_index(self, self->index, &self->now, err);
        self->has_now = status == HMZ_OK;
        self->now_offset++;
        if (status == HMZ_END)
            leave_run(self);
        else if (status != HMZ_OK)
            return status;
    }
    return HMZ_OK;
}

static void add(uint64_t *count, uint64_t *first, uint64_t *last, uint64_t number)
{
    if ((*count)++ == 0)
        *first = number;
    *last = number;
}

/* It has the right number, ids, rows and bytes; but are its data those that the set was made of? */
static bool has_other_data(const struct walk *self)
{
    if (self->kind != EVENTS || !self->has_checksum || self->now_offset > self->sums.count)
        return false;
    const struct hmz_event_sum *sum = &self->sums.items[self->now_offset - 1];
    return sum->kind == HMZ_SUM_UNREADABLE || (sum->kind == HMZ_SUM_KNOWN && sum->checksum != self->checksum);
}

/* Judges self->held. */
static int judge(struct walk *self, int32_t run, struct hmz_error *err)
{
    int status = hmz_stop_check(self->stop, err);
    if (status == HMZ_OK)
        status = turn_to(self, run, err);
    if (status != HMZ_OK || self->holdings->runs[self->run].settled)
        return status;
    uint64_t number = number_of(self, &self->held);
    struct hmz_held_count *count = count_of(self);
    count->held++;
    status = seek(self, number, err);
    if (status != HMZ_OK)
        return status;
    bool same = self->kind == EVENTS ? same_event(&self->held.event, &self->now.event)
                                     : same_scaler(&self->held.scaler, &self->now.scaler);
    if (!self->has_now || number_of(self, &self->now) != number)
        add(&count->missing, &count->missing_first, &count->missing_last, number);
    else if (!same)
        add(&count->other, &count->other_first, &count->other_last, number);
    else if (has_other_data(self))
        add(&count->spoilt, &count->spoilt_first, &count->spoilt_last, number);
    return HMZ_OK;
}

/* ---- from the tables ---- */

/* Its hash is right, so what does not read as a table of ours is one of another program. */
static int of_table(int status, struct hmz_error *err)
{
    return status == HMZ_E_DAMAGED ? err->status = HMZ_E_USAGE : status;
}

static int walk_events(struct walk *self, struct hmz_error *err)
{
    struct hmz_events_rows *rows = NULL;
    int32_t run;
    int status = of_table(hmz_events_rows_open(self->holdings->events_fd, &rows, err), err);
    while (status == HMZ_OK) {
        status = of_table(hmz_events_rows_next(rows, &run, &self->held.event, err), err);
        self->has_checksum = status == HMZ_OK && hmz_events_rows_checksum(rows, &self->checksum);
        if (status == HMZ_OK)
            status = judge(self, run, err);
    }
    hmz_events_rows_close(rows);
    return status == HMZ_END ? HMZ_OK : status;
}

static int walk_scalers(struct walk *self, struct hmz_error *err)
{
    struct hmz_scalers_rows *rows = NULL;
    int32_t run;
    int status = of_table(hmz_scalers_rows_open(self->holdings->scalers_fd, &rows, err), err);
    while (status == HMZ_OK) {
        status = of_table(hmz_scalers_rows_next(rows, &run, &self->held.scaler, err), err);
        if (status == HMZ_OK)
            status = judge(self, run, err);
    }
    hmz_scalers_rows_close(rows);
    return status == HMZ_END ? HMZ_OK : status;
}

static int walk_tables(struct walk *self, struct hmz_error *err)
{
    if (self->kind == EVENTS)
        return self->holdings->events_fd >= 0 ? walk_events(self, err) : HMZ_OK;
    return self->holdings->scalers_fd >= 0 ? walk_scalers(self, err) : HMZ_OK;
}

/* ---- from the plan that was begun ---- */

static int open_planned(struct hmz_file_at at, const struct hmz_plan_run *run, struct hmz_index **index_out,
                        struct hmz_error *err)
{
    int status = hmz_index_open(at, index_out, err);
    if (status != HMZ_OK || hmz_index_hash(*index_out) == run->index_hash)
        return status;
    hmz_index_close(*index_out);
    *index_out = NULL;
    return hmz_fail(err, HMZ_E_DAMAGED, "%s is of another scan", at.name);
}

/* The index that the plan was made of: the kept one, that of the state, or what the merged run has now. */
static int open_begun(const struct walk *self, size_t i, struct hmz_index **index_out, struct hmz_error *err)
{
    const struct hmz_state *state = self->holdings->state;
    const struct hmz_plan_run *run = &self->holdings->begun->runs[i];
    const struct hmz_file_at ids[] = {hmz_state_begun_index(state, run->run),
                                      hmz_state_index(state, run->run), self->holdings->runs[i].index};
    int status = HMZ_E_DAMAGED;
    for (size_t k = 0; k < 3 && status != HMZ_OK && status != HMZ_E_NOMEM; k++)
        if (ids[k].name[0])
            status = open_planned(ids[k], run, index_out, err);
    if (status == HMZ_OK || status == HMZ_E_NOMEM)
        return status;
    return hmz_fail(err, HMZ_E_USAGE, "the scan of merged run %d that the set was begun with is lost",
                    run->run);
}

/* Lies event `id`, counted through all runs, in a harmonic run that is there? Takes its checksum. */
static bool is_written(struct walk *self, uint64_t id)
{
    const struct hmz_holdings *holdings = self->holdings;
    const struct hmz_plan *begun = holdings->begun;
    size_t i = 0;
    while (i < begun->file_count && id >= begun->files[i].end)
        i++;
    self->has_checksum = i < begun->file_count && holdings->file_sums[i];
    if (self->has_checksum)
        self->checksum = holdings->file_sums[i][id - begun->files[i].first];
    return i < begun->file_count && holdings->files_there[i];
}

static int walk_begun_run(struct walk *self, size_t i, struct hmz_error *err)
{
    const struct hmz_plan_run *run = &self->holdings->begun->runs[i];
    struct hmz_index *index = NULL;
    uint64_t id = run->first;
    int status = open_begun(self, i, &index, err);
    while (status == HMZ_OK && (status = next_in_index(self, index, &self->held, err)) == HMZ_OK)
        if (self->kind == SCALERS || is_written(self, id++))
            status = judge(self, run->run, err);
    hmz_index_close(index);
    return status == HMZ_END ? HMZ_OK : status;
}

static int walk_begun(struct walk *self, struct hmz_error *err)
{
    const struct hmz_holdings *holdings = self->holdings;
    int status = HMZ_OK;
    if (self->kind == SCALERS && !holdings->has_scalers)
        return HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < holdings->run_count; i++)
        if (!holdings->runs[i].settled)
            status = walk_begun_run(self, i, err);
    return status;
}

/* ---- both kinds ---- */

static int compare(struct hmz_holdings *holdings, enum kind kind, const volatile sig_atomic_t *stop,
                   struct hmz_error *err)
{
    struct walk *self = calloc(1, sizeof *self);
    if (!self)
        return hmz_fail_nomem(err, "what the set holds");
    *self = (struct walk){.holdings = holdings, .kind = kind, .stop = stop, .run = holdings->run_count};
    int status = holdings->begun ? walk_begun(self, err) : walk_tables(self, err);
    leave_run(self);
    hmz_event_sums_release(&self->sums);
    hmz_event_release(&self->held.event);
    hmz_event_release(&self->now.event);
    free(self);
    return status;
}

int hmz_holdings_compare(struct hmz_holdings *self, const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    for (size_t i = 0; i < self->run_count; i++)
        if (!self->runs[i].settled)
            self->runs[i].events = self->runs[i].scalers = (struct hmz_held_count){0};
    int status = compare(self, EVENTS, stop, err);
    return status == HMZ_OK ? compare(self, SCALERS, stop, err) : status;
}
