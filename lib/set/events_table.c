/* SPDX-License-Identifier: MIT */
/* events.parquet: one row per event, in order, with its origin, its id and its checksum. */
#include <stdlib.h>

#include "events_columns.h"
#include "index.h"
#include "parquet_writer.h"
#include "spyral.h"
#include "stop.h"
#include "tables.h"
#include "unreadable.h"
#include "version.h"
#include "written.h"

enum { ROW_GROUP_ROWS = 1 << 17 };

/* Walks through the harmonic runs while the merged runs are walked through. */
struct walk {
    const struct hmz_table_source *source;
    struct hmz_parquet *table;
    const struct hmz_report_run *run; /* at hand */
    size_t file;                      /* harmonic run at hand */
    uint64_t event;                   /* its next event */
    bool loaded;                      /* `written` and `unreadable` are of this file */
    struct hmz_written written;
    struct hmz_unreadable unreadable;
};

static int load_written(struct walk *self, struct hmz_error *err)
{
    const struct hmz_state *state = self->source->state;
    hmz_written_release(&self->written);
    hmz_unreadable_release(&self->unreadable);
    int status = hmz_written_load(&self->written, hmz_state_written(state, self->file), err);
    if (status == HMZ_END)
        status = hmz_fail(err, HMZ_E_FAILED,
                          "%s: the note of harmonic run %zu is missing; run the same command "
                          "again",
                          state->folder.path, self->file);
    if (status == HMZ_OK)
        status = hmz_unreadable_load(&self->unreadable, hmz_state_unreadable(state, self->file), err);
    self->loaded = status == HMZ_OK;
    return status;
}

/* Makes written.checksums[event] the one of the next event, at `id`. HMZ_END where it was left out. */
static int find_event(struct walk *self, const struct hmz_event_id *id, struct hmz_error *err)
{
    int status = self->loaded ? HMZ_OK : load_written(self, err);
    while (status == HMZ_OK) {
        if (hmz_unreadable_has(&self->unreadable, id))
            return HMZ_END;
        if (self->event < self->written.event_count)
            return HMZ_OK;
        if (++self->file == self->source->plan->file_count)
            return hmz_fail(err, HMZ_E_FAILED, "there are more events than the harmonic runs hold");
        self->event = 0;
        status = load_written(self, err);
    }
    return status;
}

static void put_ids(struct hmz_parquet *table, const struct hmz_event *event)
{
    if (event->flags & HMZ_EVENT_HAS_GET) {
        hmz_parquet_put_u32(table, HMZ_EVENTS_GET_ID, event->get_id);
        hmz_parquet_put_u64(table, HMZ_EVENTS_GET_TIMESTAMP, event->get_timestamp);
        hmz_parquet_put_u64(table, HMZ_EVENTS_GET_TIMESTAMP_OTHER, event->get_timestamp_other);
    }
    if (event->flags & HMZ_EVENT_HAS_FRIB) {
        hmz_parquet_put_u32(table, HMZ_EVENTS_FRIB_ID, event->frib_id);
        hmz_parquet_put_u32(table, HMZ_EVENTS_FRIB_TIMESTAMP, event->frib_timestamp);
    }
    if (event->flags & HMZ_EVENT_HAS_COINCIDENCE)
        hmz_parquet_put_u32(table, HMZ_EVENTS_COINCIDENCE, event->coincidence);
}

static int put_event(struct walk *self, const struct hmz_event *event, struct hmz_error *err)
{
    struct hmz_parquet *table = self->table;
    const int32_t run = self->run->index.run;
    const struct hmz_event_id id = {.run = run, .event = event->number};
    double seconds;
    int status = hmz_stop_check(self->source->stop, err);
    if (status == HMZ_OK)
        status = find_event(self, &id, err);
    if (status != HMZ_OK)
        return status == HMZ_END ? HMZ_OK : status;
    hmz_parquet_put_i32(table, HMZ_EVENTS_ORIG_RUN, run);
    hmz_parquet_put_u64(table, HMZ_EVENTS_ORIG_EVENT, event->number);
    hmz_parquet_put_i32(table, HMZ_EVENTS_HARMONIC_RUN, (int32_t)self->file);
    hmz_parquet_put_u64(table, HMZ_EVENTS_HARMONIC_EVENT, self->event);
    hmz_parquet_put_u64(table, HMZ_EVENTS_TRACES, event->traces);
    hmz_parquet_put_u64(table, HMZ_EVENTS_BYTES, event->bytes);
    put_ids(table, event);
    if (hmz_mode_facts(self->source->plan->settings.mode)
            ->holds_data) /* nobody has read the bytes that are linked to */
        hmz_parquet_put_u64(table, HMZ_EVENTS_CHECKSUM, self->written.checksums[self->event]);
    hmz_parquet_put_u32(table, HMZ_EVENTS_SPYRAL, (uint32_t)hmz_spyral_judge(event));
    if (hmz_get_times_of_event(&self->run->index.times, event, &seconds))
        hmz_parquet_put_double(table, HMZ_EVENTS_TIME_S, seconds);
    self->event++;
    return hmz_parquet_end_row(table, err);
}

static int put_run(void *data, const struct hmz_plan_run *run, struct hmz_index *index, struct hmz_error *err)
{
    struct walk *walk = data;
    struct hmz_event event = {0};
    int status;
    walk->run = &walk->source->report->runs[run - walk->source->plan->runs];
    while ((status = hmz_index_next_event(index, &event, err)) == HMZ_OK) {
        status = put_event(walk, &event, err);
        if (status != HMZ_OK)
            break;
    }
    hmz_event_release(&event);
    return status == HMZ_END ? HMZ_OK : status;
}

int hmz_events_table_write(const struct hmz_table_source *source, struct hmz_outfile *file,
                           struct hmz_error *err)
{
    struct walk walk = {.source = source};
    const struct hmz_parquet_options options = {.created_by = "harmonizer " HMZ_PROGRAM_VERSION,
                                                .row_group_rows = ROW_GROUP_ROWS};
    int status =
        hmz_parquet_new(hmz_events_columns, HMZ_EVENTS_COLUMN_COUNT, &options, file, &walk.table, err);
    if (status == HMZ_OK)
        status = hmz_tables_each_run(source, put_run, &walk, err);
    if (status == HMZ_OK)
        status = hmz_parquet_finish(walk.table, err);
    hmz_parquet_free(walk.table);
    hmz_written_release(&walk.written);
    hmz_unreadable_release(&walk.unreadable);
    return status;
}
