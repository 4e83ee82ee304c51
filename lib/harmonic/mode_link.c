/* SPDX-License-Identifier: MIT */
/* mode: link. The tree of an event is all there is of it: links into its merged run. */
#include "event_links.h"
#include "event_walk.h"
#include "footprint.h"
#include "h5_error.h"
#include "h5_memory.h"
#include "h5_scope.h"
#include "mode_ops.h"

/* Nobody reads the data that are linked to. */
static int put(struct hmz_writer *self, struct hmz_run_source *source, const struct hmz_event *event,
               uint64_t *checksum_out, struct hmz_error *err)
{
    (void)self;
    (void)source;
    (void)event;
    (void)err;
    *checksum_out = 0;
    return HMZ_OK;
}

static int try_event(struct hmz_writer *self, struct hmz_run_source *source, const struct hmz_event *event,
                     struct hmz_error *err)
{
    (void)self;
    (void)source;
    (void)event;
    (void)err;
    return HMZ_OK;
}

/* What the second walk through the events of a run of links knows. */
struct link_check {
    const struct hmz_writer *writer;
    hid_t events;
    uint64_t number; /* of the next event */
};

static int check_links(void *data, struct hmz_run_source *source, const struct hmz_event *event,
                       struct hmz_error *err)
{
    struct link_check *self = data;
    const struct hmz_event_id id = {.run = source->run, .event = event->number};
    hmz_tick(&self->writer->task->tick, 0, 0);
    if (hmz_unreadable_has(self->writer->known, &id))
        return HMZ_OK;
    const struct hmz_links_request links = {
        .harmonic_event = self->number++, .file = source->link, .layout = source->layout};
    return hmz_links_check(self->events, &links, event, err);
}

static int check(struct hmz_writer *self, struct hmz_error *err)
{
    HMZ_H5_SCOPED access = -1;
    struct hmz_h5_file file = {.fd = self->out.fd};
    int status = hmz_h5_driver_fapl(&file, &access, err);
    if (status == HMZ_OK)
        status =
            hmz_h5_limit_cache(access, hmz_footprint_name_heap(self->file->end - self->file->first), err);
    if (status != HMZ_OK)
        return status;
    HMZ_H5_SCOPED h5 = H5Fopen(self->name.text, H5F_ACC_RDONLY, access);
    HMZ_H5_SCOPED events = h5 < 0 ? -1 : H5Gopen2(h5, "events", H5P_DEFAULT);
    if (events < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot be opened");
    struct link_check check = {.writer = self, .events = events};
    const struct hmz_event_walk walk = {.plan = self->task->plan,
                                        .state = self->task->state,
                                        .first = self->file->first,
                                        .end = self->file->end,
                                        .visit = check_links,
                                        .data = &check};
    return hmz_event_walk(&walk, err);
}

const struct hmz_mode_ops hmz_mode_link = {.put = put, .try_event = try_event, .check = check};
