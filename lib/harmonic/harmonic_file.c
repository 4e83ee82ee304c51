/* SPDX-License-Identifier: MIT */
#include "harmonic_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "event_checksum.h"
#include "event_data.h"
#include "event_tree.h"
#include "file_hints.h"
#include "footprint.h"
#include "h5_driver.h"
#include "h5_error.h"
#include "h5_memory.h"
#include "h5_scope.h"
#include "index.h"
#include "outfile.h"
#include "path.h"
#include "posix_io.h"
#include "readback.h"
#include "run_source.h"
#include "scan.h"
#include "written.h"

/* Data are handed to the disk in steps of this size while more are written. */
enum { WRITEBACK_STEP_BYTES = 8 << 20 };

struct writer {
    const struct hmz_harmonic_task *task;
    const struct hmz_plan_file *file;
    struct hmz_run_name name;
    struct hmz_outfile out;
    struct hmz_h5_file driver_file;
    struct hmz_tree tree;
    struct hmz_mover *mover;
    struct hmz_readback *readback;
    struct hmz_written written;
    struct hmz_run_source source;
    uint64_t *places; /* of the pieces of the event at hand */
    size_t places_room;
    uint64_t unsynced_from, unsynced_to; /* data not yet handed to the disk */
};

/* ---- begin ---- */

static int create_part(struct writer *self, struct hmz_error *err)
{
    char *path = hmz_state_part_path(self->task->state, self->name.text);
    if (!path)
        return hmz_fail_nomem(err, self->name.text);
    int status = hmz_outfile_create(&self->out, path, err);
    if (status == HMZ_OK && hmz_file_preallocate(self->out.fd, self->file->file_bytes, err) != HMZ_OK)
        status = hmz_place(err, "%s", path);
    free(path);
    return status;
}

static int create_tree(struct writer *self, struct hmz_error *err)
{
    HMZ_H5_SCOPED access = -1;
    self->driver_file = (struct hmz_h5_file){.fd = self->out.fd};
    int status = hmz_h5_driver_fapl(&self->driver_file, &access, err);
    if (status != HMZ_OK)
        return status;
    /* Bounds: every libhdf5 writes the same bytes. */
    if (H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18) < 0 ||
        H5Pset_meta_block_size(access, hmz_footprint_block_bytes(self->file->end - self->file->first)) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot set how metadata are laid out");
    status = hmz_h5_limit_cache(access, self->file->end - self->file->first, err);
    if (status != HMZ_OK)
        return status;
    return hmz_tree_create(access, self->name.text, &self->tree, err);
}

static int begin(struct writer *self, struct hmz_error *err)
{
    uint64_t count = self->file->end - self->file->first;
    self->written.plan_id = self->task->plan->id;
    self->written.checksums = malloc(count * sizeof *self->written.checksums);
    if (!self->written.checksums)
        return hmz_fail_nomem(err, "checksums");
    int status = hmz_mover_new(&self->mover, err);
    if (status == HMZ_OK)
        status = hmz_readback_new(&self->readback, err);
    if (status == HMZ_OK)
        status = create_part(self, err);
    return status == HMZ_OK ? create_tree(self, err) : status;
}

/* ---- events ---- */

/* libhdf5 hears of no failed write (h5_driver.h), so we ask after each event. */
static int check_driver(struct writer *self, struct hmz_error *err)
{
    if (self->driver_file.write_error)
        return hmz_fail_errno(err, self->driver_file.write_error, "cannot write");
    return HMZ_OK;
}

static int places_for(struct writer *self, size_t count, struct hmz_error *err)
{
    if (count <= self->places_room)
        return HMZ_OK;
    uint64_t *places = realloc(self->places, count * sizeof *places);
    if (!places)
        return hmz_fail_nomem(err, "places");
    self->places = places;
    self->places_room = count;
    return HMZ_OK;
}

static void start_writeback(struct writer *self, uint64_t place, uint64_t bytes)
{
    if (place + bytes > self->unsynced_to)
        self->unsynced_to = place + bytes;
    if (self->unsynced_to - self->unsynced_from < WRITEBACK_STEP_BYTES)
        return;
    hmz_file_start_writeback(self->out.fd, self->unsynced_from, self->unsynced_to - self->unsynced_from);
    self->unsynced_from = self->unsynced_to;
}

/* For events with objects only libhdf5 knows the bytes: the checksum is taken from what it has copied. */
static int checksum_by_library(struct writer *self, uint64_t number, uint64_t *checksum_out,
                               struct hmz_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "event_%" PRIu64, number);
    HMZ_H5_SCOPED event = H5Gopen2(self->tree.events, name, H5P_DEFAULT);
    if (event < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "%s: cannot be opened again", name);
    return hmz_event_checksum(event, checksum_out, err);
}

static bool has_object(const struct hmz_event *event)
{
    for (size_t i = 0; i < event->piece_count; i++)
        if (event->pieces[i].storage == HMZ_STORAGE_OBJECT)
            return true;
    return false;
}

static int note_event(struct writer *self, const struct hmz_event *event, uint64_t checksum,
                      struct hmz_error *err)
{
    uint64_t number = self->written.event_count;
    if (has_object(event)) {
        int status = checksum_by_library(self, number, &checksum, err);
        if (status != HMZ_OK)
            return status;
        hmz_readback_note_unknown(self->readback);
    }
    for (size_t i = 0; i < event->piece_count; i++) {
        const struct hmz_piece *piece = &event->pieces[i];
        if (piece->storage != HMZ_STORAGE_RAW && piece->storage != HMZ_STORAGE_READ)
            continue;
        hmz_readback_note(self->readback, self->places[i], piece->bytes);
        start_writeback(self, self->places[i], piece->bytes);
    }
    hmz_readback_note_end(self->readback, checksum);
    self->written.checksums[self->written.event_count++] = checksum;
    return HMZ_OK;
}

static int write_event(struct writer *self, const struct hmz_event *event, struct hmz_error *err)
{
    struct hmz_tree_request request = {.harmonic_event = self->written.event_count,
                                       .orig_run = self->source.run,
                                       .event = event,
                                       .source = {.file = -1, .layout = self->source.layout}};
    int status = places_for(self, event->piece_count, err);
    if (status == HMZ_OK && hmz_tree_needs_source(event)) {
        status = hmz_run_source_library(&self->source, err);
        request.source.file = self->source.file;
    }
    if (status == HMZ_OK)
        status = hmz_tree_add_event(&self->tree, &request, self->places, err);
    uint64_t checksum = 0;
    const struct hmz_move move = {
        .source = &self->source, .event = event, .places = self->places, .to_fd = self->out.fd};
    if (status == HMZ_OK)
        status = hmz_mover_move(self->mover, &move, &checksum, err);
    if (status == HMZ_OK)
        status = note_event(self, event, checksum, err);
    if (status == HMZ_OK)
        status = check_driver(self, err);
    hmz_tick(&self->task->tick, 1, event->bytes);
    if (status == HMZ_OK)
        return HMZ_OK;
    if (status == HMZ_E_DAMAGED)
        return hmz_place(err, "merged run %d", self->source.run);
    return hmz_place(err, "%s: merged run %d, event %" PRIu64, self->name.text, self->source.run,
                     event->number);
}

static int write_range(struct writer *self, struct hmz_index *index, uint64_t count, struct hmz_error *err)
{
    struct hmz_event event = {0};
    int status = HMZ_OK;
    for (uint64_t i = 0; status == HMZ_OK && i < count; i++) {
        status = hmz_index_next_event(index, &event, NULL, err);
        if (status == HMZ_END)
            status = hmz_fail(err, HMZ_E_DAMAGED, "merged run %d: the index has fewer events than the plan",
                              self->source.run);
        else if (status == HMZ_OK)
            status = write_event(self, &event, err);
    }
    hmz_event_release(&event);
    return status;
}

static int check_source(const struct hmz_plan_run *run, struct hmz_error *err)
{
    struct hmz_input_identity now;
    int status = hmz_input_identify(run->path, &now, err);
    if (status == HMZ_OK && memcmp(&now, &run->identity, sizeof now) != 0)
        status = hmz_fail(err, HMZ_E_CHANGED,
                          "merged run %d changed since it was scanned: is the merger still writing? Run the "
                          "same command again when it is finished",
                          run->run);
    return status;
}

/* The part of the harmonic run that comes from one merged run: events [first, end) of all. */
static int write_from_run(struct writer *self, const struct hmz_plan_run *run, uint64_t first, uint64_t end,
                          struct hmz_error *err)
{
    struct hmz_index *index = NULL;
    int status = check_source(run, err);
    char *path = hmz_state_index_path(self->task->state, run->run);
    if (status == HMZ_OK)
        status = path ? hmz_index_open(path, &index, err) : hmz_fail_nomem(err, "a path");
    if (status == HMZ_END)
        status = hmz_fail(err, HMZ_E_FAILED, "%s: missing; run the same command again", path);
    free(path);
    if (status != HMZ_OK)
        return status;
    self->source = (struct hmz_run_source){.run = run->run,
                                           .path = run->path,
                                           .layout = hmz_index_get_run(index)->info.layout,
                                           .fd = -1,
                                           .file = -1};
    status = hmz_run_source_open(&self->source, err);
    if (status == HMZ_OK)
        status = hmz_index_seek_event(index, first - run->first, err);
    if (status == HMZ_OK)
        status = write_range(self, index, end - first, err);
    hmz_run_source_close(&self->source);
    hmz_index_close(index);
    return status == HMZ_OK ? check_source(run, err) : status;
}

static int write_events(struct writer *self, struct hmz_error *err)
{
    const struct hmz_plan *plan = self->task->plan;
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < plan->run_count; i++) {
        const struct hmz_plan_run *run = &plan->runs[i];
        uint64_t first = run->first > self->file->first ? run->first : self->file->first;
        uint64_t run_end = run->first + run->event_count;
        uint64_t end = run_end < self->file->end ? run_end : self->file->end;
        if (first < end)
            status = write_from_run(self, run, first, end, err);
    }
    return status;
}

/* ---- end ---- */

static int finish_tree(struct writer *self, struct hmz_error *err)
{
    const struct hmz_plan_file *file = self->file;
    const struct hmz_tree_summary summary = {.event_count = self->written.event_count,
                                             .first_run = file->first_place.run,
                                             .first_event = file->first_place.event,
                                             .last_run = file->last_place.run,
                                             .last_event = file->last_place.event};
    int status = hmz_tree_finish(&self->tree, &summary, err);
    if (status == HMZ_OK)
        status = check_driver(self, err);
    if (status == HMZ_OK)
        status = hmz_file_trim(self->out.fd, err);
    if (status == HMZ_OK)
        status = hmz_io_length(self->out.fd, &self->written.file_bytes, err);
    return status == HMZ_OK ? HMZ_OK : hmz_place(err, "%s", self->name.text);
}

static int read_back(struct writer *self, struct hmz_error *err)
{
    int status = hmz_readback_run(self->readback, self->out.fd, self->written.file_bytes, &self->task->tick,
                                  &self->written.hash, err);
    return status == HMZ_OK ? HMZ_OK : hmz_place(err, "%s: reading back", self->name.text);
}

static int commit(struct writer *self, struct hmz_error *err)
{
    char *written_path = hmz_state_written_path(self->task->state, self->task->number);
    char *final_path = hmz_path_join(self->task->state->harmonic_path, self->name.text);
    int status = written_path && final_path ? HMZ_OK : hmz_fail_nomem(err, "a path");
    if (status == HMZ_OK)
        status = hmz_written_save(&self->written, written_path, err);
    if (status == HMZ_OK)
        status = hmz_outfile_commit(&self->out, final_path, err);
    free(written_path);
    free(final_path);
    return status;
}

static void release(struct writer *self)
{
    hmz_tree_abandon(&self->tree);
    hmz_outfile_discard(&self->out);
    hmz_mover_free(self->mover);
    hmz_readback_free(self->readback);
    hmz_written_release(&self->written);
    free(self->places);
}

int hmz_harmonic_file_write(const struct hmz_harmonic_task *task, struct hmz_error *err)
{
    struct writer self = {.task = task,
                          .file = &task->plan->files[task->number],
                          .name = hmz_harmonic_name(task->number),
                          .out = HMZ_OUTFILE_CLOSED,
                          .tree = HMZ_TREE_CLOSED,
                          .source = HMZ_RUN_SOURCE_CLOSED};
    int status = begin(&self, err);
    if (status == HMZ_OK)
        status = write_events(&self, err);
    if (status == HMZ_OK)
        status = finish_tree(&self, err);
    if (status == HMZ_OK)
        status = hmz_outfile_sync(&self.out, err);
    if (status == HMZ_OK)
        status = read_back(&self, err);
    if (status == HMZ_OK)
        status = commit(&self, err);
    release(&self);
    return status;
}
