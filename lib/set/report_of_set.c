/* SPDX-License-Identifier: MIT */
/* The report of a complete set, made again from its tables and its manifest: no merged run and no harmonic
 * run is read. What the tables do not have is left out: members above the events that no version knows. */
#include <stdlib.h>
#include <unistd.h>

#include "events_rows.h"
#include "list.h"
#include "outputs.h"
#include "report.h"
#include "runs_rows.h"
#include "stop.h"
#include "tables.h"

/* ---- merged runs ---- */

static int read_runs(struct hmz_report *self, struct hmz_runs_rows *rows, struct hmz_error *err)
{
    struct hmz_index_run run;
    bool left_out;
    int status;
    while ((status = hmz_runs_rows_next(rows, &run, &left_out, err)) == HMZ_OK) {
        struct hmz_report_run *item = hmz_list_add(&self->runs, &self->run_count, sizeof *self->runs);
        if (!item)
            return hmz_fail_nomem(err, "the report");
        *item = (struct hmz_report_run){.index = run, .left_out = left_out};
    }
    return status == HMZ_END ? HMZ_OK : status;
}

static struct hmz_report_run *find_run(const struct hmz_report *self, int32_t run)
{
    for (size_t i = 0; i < self->run_count; i++)
        if (self->runs[i].index.run == run)
            return &self->runs[i];
    return NULL;
}

static void take_skipped(struct hmz_report *self, const struct hmz_manifest *manifest)
{
    self->skipped = manifest->skipped_count;
    for (size_t i = 0; i < manifest->skipped_count; i++) {
        struct hmz_report_run *run = find_run(self, manifest->skipped[i].run);
        if (!run || run->left_out)
            continue;
        run->skipped_events += manifest->skipped[i].kind == HMZ_SKIPPED_EVENT;
        run->skipped_scalers += manifest->skipped[i].kind == HMZ_SKIPPED_SCALER;
        run->skipped_members += manifest->skipped[i].kind == HMZ_SKIPPED_RUN;
    }
}

/* ---- events ---- */

/* The entry of a harmonic run; NULL: the manifest has no such file. */
static struct hmz_report_file *find_file(const struct hmz_report *self, int32_t number)
{
    return number >= 0 && (size_t)number < self->file_count ? &self->files[number] : NULL;
}

static int add_event(struct hmz_report *self, struct hmz_report_run **run_at_hand, int32_t run,
                     const struct hmz_events_row *row, struct hmz_error *err)
{
    if (!*run_at_hand || (*run_at_hand)->index.run != run)
        *run_at_hand = find_run(self, run);
    struct hmz_report_file *file = find_file(self, row->harmonic_run);
    if (!*run_at_hand || !file)
        return hmz_fail(err, HMZ_E_DAMAGED,
                        "%s: an event of merged run %d in harmonic run %d, which the set does not have",
                        HMZ_EVENTS_TABLE, run, row->harmonic_run);
    (*run_at_hand)->index.payload_bytes += row->event.bytes;
    (*run_at_hand)->index.traces += row->event.traces;
    file->events++;
    file->payload_bytes += row->event.bytes;
    file->spyral.events[row->spyral]++;
    file->spyral.dropped += row->spyral != HMZ_SPYRAL_READS && row->event.flags & HMZ_EVENT_HAS_COINCIDENCE &&
                            row->event.coincidence == HMZ_SPYRAL_DROPPED;
    return HMZ_OK;
}

enum { ROWS_BETWEEN_LOOKS = 1 << 16 };

static int read_events(struct hmz_report *self, struct hmz_events_rows *rows,
                       const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    struct hmz_report_run *run_at_hand = NULL;
    struct hmz_events_row row = {0};
    int status = HMZ_OK;
    for (uint64_t i = 0; status == HMZ_OK; i++) {
        int32_t run;
        status = i % ROWS_BETWEEN_LOOKS == 0 ? hmz_stop_check(stop, err) : HMZ_OK;
        if (status == HMZ_OK)
            status = hmz_events_rows_next(rows, &run, &row.event, err);
        if (status == HMZ_OK)
            status = hmz_events_rows_place(rows, &row, err);
        if (status == HMZ_OK)
            status = add_event(self, &run_at_hand, run, &row, err);
    }
    return status == HMZ_END ? HMZ_OK : status;
}

/* ---- the set ---- */

static int take_files(struct hmz_report *self, const struct hmz_manifest *manifest, struct hmz_error *err)
{
    for (size_t i = 0; i < manifest->output_count; i++)
        self->file_count += manifest->outputs[i].is_run;
    self->files = calloc(self->file_count + 1, sizeof *self->files);
    if (!self->files)
        return hmz_fail_nomem(err, "the report");
    for (size_t i = 0; i < manifest->output_count; i++) {
        size_t number;
        if (manifest->outputs[i].is_run && hmz_outputs_run_number(manifest->outputs[i].file, &number) &&
            number < self->file_count)
            self->files[number].file_bytes = manifest->outputs[i].bytes;
    }
    return HMZ_OK;
}

static int take_runs_table(struct hmz_report *self, int fd, struct hmz_error *err)
{
    struct hmz_runs_rows *rows = NULL;
    int status = hmz_runs_rows_open(fd, &rows, err);
    if (status == HMZ_OK)
        status = read_runs(self, rows, err);
    hmz_runs_rows_close(rows);
    return status;
}

static int take_events_table(struct hmz_report *self, int fd, const volatile sig_atomic_t *stop,
                             struct hmz_error *err)
{
    struct hmz_events_rows *rows = NULL;
    int status = hmz_events_rows_open(fd, &rows, err);
    if (status == HMZ_OK)
        status = read_events(self, rows, stop, err);
    hmz_events_rows_close(rows);
    return status;
}

int hmz_report_of_set(struct hmz_report *self_out, const char *harmonic_path,
                      const struct hmz_manifest *manifest, const volatile sig_atomic_t *stop,
                      struct hmz_error *err)
{
    int runs_fd = -1;
    int events_fd = -1;
    *self_out = (struct hmz_report){0};
    int status = hmz_tables_open_listed(harmonic_path, manifest, HMZ_RUNS_TABLE, &runs_fd, err);
    if (status == HMZ_OK)
        status = hmz_tables_open_listed(harmonic_path, manifest, HMZ_EVENTS_TABLE, &events_fd, err);
    if (status == HMZ_OK)
        status = take_files(self_out, manifest, err);
    if (status == HMZ_OK)
        status = take_runs_table(self_out, runs_fd, err);
    if (status == HMZ_OK)
        status = take_events_table(self_out, events_fd, stop, err);
    if (status == HMZ_OK)
        take_skipped(self_out, manifest);
    if (runs_fd >= 0)
        close(runs_fd); /* only read */
    if (events_fd >= 0)
        close(events_fd);
    if (status != HMZ_OK)
        hmz_report_release(self_out);
    return status;
}
