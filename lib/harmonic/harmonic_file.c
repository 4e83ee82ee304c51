/* SPDX-License-Identifier: MIT */
#include "harmonic_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "event_walk.h"
#include "file_hints.h"
#include "footprint.h"
#include "h5_carry.h"
#include "h5_error.h"
#include "h5_memory.h"
#include "h5_scope.h"
#include "posix_io.h"
#include "mode_ops.h"
#include "writer.h"

static const struct hmz_mode_ops *const mode_ops[HMZ_MODE_COUNT] = {
    [HMZ_MODE_COPY] = &hmz_mode_copy,
    [HMZ_MODE_LINK] = &hmz_mode_link,
};

/* ---- begin ---- */

static int create_part(struct hmz_writer *self, struct hmz_error *err)
{
    int status = hmz_outfile_create_own(&self->out, hmz_state_part(self->task->state, self->name.text), err);
    if (status == HMZ_OK && hmz_file_preallocate(self->out.fd, self->file->file_bytes, err) != HMZ_OK)
        status = hmz_context_at(err, self->out.part);
    return status;
}

static int create_tree(struct hmz_writer *self, struct hmz_error *err)
{
    HMZ_H5_SCOPED access = -1;
    uint64_t event_count = self->file->end - self->file->first;
    self->driver_file = (struct hmz_h5_file){.fd = self->out.fd};
    int status = hmz_h5_driver_fapl(&self->driver_file, &access, err);
    if (status != HMZ_OK)
        return status;
    status = hmz_h5_carry_form(access, err);
    if (status != HMZ_OK)
        return status;
    if (H5Pset_meta_block_size(access, hmz_footprint_block_bytes(event_count)) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot set how metadata are laid out");
    status = hmz_h5_limit_cache(access, hmz_footprint_name_heap(event_count), err);
    if (status != HMZ_OK)
        return status;
    return hmz_tree_create(access, self->name.text, event_count, &self->tree, err);
}

static int begin(struct hmz_writer *self, struct hmz_error *err)
{
    uint64_t count = self->file->end - self->file->first;
    self->written.plan_id = self->task->plan->id;
    self->written.first = self->file->first_id;
    self->written.last = self->file->last_id;
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

/* libhdf5 hears of no failed write (h5_driver.h), so we ask after each event. What it says afterwards, of
 * data that are not there, counts less. */
static int check_driver(const struct hmz_writer *self, int status, struct hmz_error *err)
{
    if (self->driver_file.write_error)
        return hmz_fail_write(err, self->driver_file.write_error, "cannot write");
    return status;
}

/* The tree of the event, its offsets, and its data there. */
static int put_event(struct hmz_writer *self, struct hmz_run_source *source, const struct hmz_event *event,
                     struct hmz_error *err)
{
    uint64_t checksum = 0;
    struct hmz_tree_request request = {.harmonic_event = self->written.event_count,
                                       .orig_run = source->run,
                                       .event = event,
                                       .source = {.file = -1, .layout = source->layout},
                                       .link_file = source->link};
    if (hmz_event_needs_library(event))
        request.source.file = source->file;
    int status = hmz_tree_add_event(&self->tree, &request, self->offsets.at, err);
    if (status == HMZ_E_DAMAGED)
        err->reach = HMZ_REACH_EVENT;
    if (status == HMZ_OK)
        status = self->ops->put(self, source, event, &checksum, err);
    if (status == HMZ_OK)
        self->written.checksums[self->written.event_count++] = checksum;
    return check_driver(self, hmz_run_source_settle(source, status, err), err);
}

static int leave_out(struct hmz_writer *self, const struct hmz_event_id *id, struct hmz_error *err)
{
    const struct hmz_error why = *err;
    self->surveying = true;
    return hmz_unreadable_add(&self->found, id, why.text, err);
}

static int take_event(void *data, struct hmz_run_source *source, const struct hmz_event *event,
                      struct hmz_error *err)
{
    struct hmz_writer *self = data;
    const struct hmz_event_id id = {.run = source->run, .event = event->number};
    hmz_tick(&self->task->tick, 1, event->bytes);
    if (hmz_unreadable_has(self->known, &id))
        return HMZ_OK;
    int status = hmz_offsets_reserve(&self->offsets, event->piece_count, err);
    if (status == HMZ_OK && hmz_event_needs_library(event)) {
        hmz_tick_event(&self->task->tick, source->run, event->number);
        status = hmz_run_source_library(source, err);
    }
    if (status == HMZ_OK)
        status = self->surveying ? self->ops->try_event(self, source, event, err)
                                 : put_event(self, source, event, err);
    if (status == HMZ_E_DAMAGED && err->reach == HMZ_REACH_EVENT && self->task->skip_bad)
        return leave_out(self, &id, err);
    if (status == HMZ_E_DAMAGED)
        return hmz_context(err, "merged run %d", source->run);
    if (status != HMZ_OK)
        return hmz_context(err, "%s: merged run %d, event %" PRIu64, self->name.text, source->run,
                           event->number);
    if (self->written.event_count == 1)
        self->written.first = id;
    self->written.last = id;
    return HMZ_OK;
}

static int write_events(struct hmz_writer *self, struct hmz_error *err)
{
    const struct hmz_event_walk walk = {.plan = self->task->plan,
                                        .state = self->task->state,
                                        .first = self->file->first,
                                        .end = self->file->end,
                                        .visit = take_event,
                                        .data = self};
    return hmz_event_walk(&walk, err);
}

/* ---- end ---- */

static int finish_tree(struct hmz_writer *self, struct hmz_error *err)
{
    const struct hmz_written *written = &self->written;
    const struct hmz_tree_summary summary = {.event_count = written->event_count,
                                             .first_run = written->first.run,
                                             .first_event = written->first.event,
                                             .last_run = written->last.run,
                                             .last_event = written->last.event};
    int status = check_driver(self, hmz_tree_finish(&self->tree, &summary, err), err);
    if (status == HMZ_OK)
        status = hmz_io_length(self->out.fd, &self->written.file_bytes, err);
    if (status == HMZ_OK)
        hmz_file_trim(self->out.fd, self->written.file_bytes);
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "%s", self->name.text);
}

/* ---- reading back ---- */

static int read_back(struct hmz_writer *self, struct hmz_error *err)
{
    int status = hmz_readback_run(self->readback, self->out.fd, self->written.file_bytes, &self->task->tick,
                                  &self->written.hash, err);
    if (status == HMZ_OK)
        status = self->ops->check(self, err);
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "%s: reading back", self->name.text);
}

static int commit(struct hmz_writer *self, struct hmz_error *err)
{
    const struct hmz_state *state = self->task->state;
    int status = hmz_written_save(&self->written, hmz_state_written(state, self->task->number), err);
    return status == HMZ_OK ? hmz_outfile_commit(&self->out, hmz_state_output(state, self->name.text), err)
                            : status;
}

static void release(struct hmz_writer *self)
{
    hmz_tree_abandon(&self->tree);
    hmz_outfile_discard(&self->out);
    hmz_mover_free(self->mover);
    hmz_readback_free(self->readback);
    hmz_written_release(&self->written);
    hmz_unreadable_release(&self->found);
    hmz_offsets_release(&self->offsets);
}

/* ---- all of it ---- */

int hmz_harmonic_file_write(const struct hmz_harmonic_task *task, const struct hmz_unreadable *known,
                            struct hmz_unreadable *found_out, struct hmz_error *err)
{
    struct hmz_writer self = {.task = task,
                              .file = &task->plan->files[task->number],
                              .ops = mode_ops[task->plan->settings.mode],
                              .name = hmz_harmonic_name(task->number),
                              .known = known,
                              .out = HMZ_OUTFILE_CLOSED,
                              .tree = HMZ_TREE_CLOSED};
    int status = begin(&self, err);
    if (status == HMZ_OK)
        status = write_events(&self, err);
    if (status == HMZ_OK && self.surveying) {
        *found_out = self.found;
        self.found = (struct hmz_unreadable){0};
        status = HMZ_END;
    }
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
