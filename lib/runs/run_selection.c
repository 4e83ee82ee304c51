/* SPDX-License-Identifier: MIT */
#include "run_selection.h"

#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "path.h"
#include "run_ranges.h"

void hmz_run_selection_release(struct hmz_run_selection *self)
{
    free(self->ranges);
    free(self->skip_runs);
    *self = (struct hmz_run_selection){0};
}

int hmz_run_selection_copy(const struct hmz_run_selection *from, struct hmz_run_selection *to_out,
                           struct hmz_error *err)
{
    int status = HMZ_OK;
    *to_out = (struct hmz_run_selection){.as_list = from->as_list};
    for (size_t i = 0; status == HMZ_OK && i < from->range_count; i++)
        status = hmz_run_selection_add_range(to_out, from->ranges[i], err);
    for (size_t i = 0; status == HMZ_OK && i < from->skip_count; i++)
        status = hmz_run_selection_add_skipped(to_out, from->skip_runs[i], err);
    return status;
}

int hmz_run_selection_add_range(struct hmz_run_selection *self, struct hmz_run_range range,
                                struct hmz_error *err)
{
    struct hmz_run_range *item = hmz_list_add(&self->ranges, &self->range_count, sizeof *self->ranges);
    if (!item)
        return hmz_fail_nomem(err, "the list of runs");
    *item = range;
    return HMZ_OK;
}

int hmz_run_selection_add_skipped(struct hmz_run_selection *self, int32_t run, struct hmz_error *err)
{
    int32_t *item = hmz_list_add(&self->skip_runs, &self->skip_count, sizeof *self->skip_runs);
    if (!item)
        return hmz_fail_nomem(err, "skip_runs");
    *item = run;
    return HMZ_OK;
}

/* ---- order ---- */

static int by_run(const void *left, const void *right)
{
    const int32_t *a = left;
    const int32_t *b = right;
    return (*a > *b) - (*a < *b);
}

static int by_first(const void *left, const void *right)
{
    return by_run(&((const struct hmz_run_range *)left)->first,
                  &((const struct hmz_run_range *)right)->first);
}

static size_t join_ranges(struct hmz_run_range *ranges, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && ranges[i].first <= (int64_t)ranges[kept - 1].last + 1)
            ranges[kept - 1].last =
                ranges[i].last > ranges[kept - 1].last ? ranges[i].last : ranges[kept - 1].last;
        else
            ranges[kept++] = ranges[i];
    }
    return kept;
}

static size_t drop_repeated(int32_t *runs, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || runs[i] != runs[kept - 1])
            runs[kept++] = runs[i];
    return kept;
}

void hmz_run_selection_sort(struct hmz_run_selection *self)
{
    if (self->range_count > 0)
        qsort(self->ranges, self->range_count, sizeof *self->ranges, by_first);
    if (self->skip_count > 0)
        qsort(self->skip_runs, self->skip_count, sizeof *self->skip_runs, by_run);
    self->range_count = join_ranges(self->ranges, self->range_count);
    self->skip_count = drop_repeated(self->skip_runs, self->skip_count);
}

/* ---- questions ---- */

bool hmz_run_selection_spans(const struct hmz_run_selection *self, int32_t run)
{
    bool spans = self->range_count == 0;
    for (size_t i = 0; !spans && i < self->range_count; i++)
        spans = run >= self->ranges[i].first && run <= self->ranges[i].last;
    return spans;
}

bool hmz_run_selection_skips(const struct hmz_run_selection *self, int32_t run)
{
    return self->skip_count > 0 && bsearch(&run, self->skip_runs, self->skip_count, sizeof run, by_run);
}

bool hmz_run_selection_has(const struct hmz_run_selection *self, int32_t run)
{
    return hmz_run_selection_spans(self, run) && !hmz_run_selection_skips(self, run);
}

int hmz_run_selection_text(const struct hmz_run_selection *self, char **text_out, struct hmz_error *err)
{
    struct hmz_run_ranges ranges = {0};
    if (self->range_count == 1 && !self->as_list) {
        *text_out = hmz_text_new("%d to %d", self->ranges[0].first, self->ranges[0].last);
        return *text_out ? HMZ_OK : hmz_fail_nomem(err, "the list of runs");
    }
    for (size_t i = 0; i < self->range_count; i++)
        hmz_run_ranges_add(&ranges, self->ranges[i].first, (int64_t)self->ranges[i].last + 1);
    return hmz_run_ranges_take_text(&ranges, text_out, err);
}

const char *hmz_run_selection_keys(const struct hmz_run_selection *self)
{
    if (self->range_count == 0)
        return "skip_runs";
    return self->as_list ? "runs and skip_runs" : "min_run, max_run and skip_runs";
}
