/* SPDX-License-Identifier: MIT */
#include "event_tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tree_event.h"
#include "footprint.h"
#include "h5_attr.h"
#include "h5_error.h"
#include "h5_scope.h"
#include "links.h"
#include "version.h"

static const char *const event_own[] = {"orig_run", "orig_event", NULL};

/* ---- the file ---- */

/* Of a group of links. */
enum { LINKS_EXPECTED = 4, LINK_EXPECTED_BYTES = 64 };

static int make_properties(struct hmz_tree *self, struct hmz_error *err)
{
    self->scalar = H5Screate(H5S_SCALAR);
    self->group_creation = H5Pcreate(H5P_GROUP_CREATE);
    self->link_group_creation = H5Pcreate(H5P_GROUP_CREATE);
    self->dataset_creation = H5Pcreate(H5P_DATASET_CREATE);
    if (self->scalar < 0 || self->group_creation < 0 || self->link_group_creation < 0 ||
        self->dataset_creation < 0 || H5Pset_obj_track_times(self->group_creation, 0) < 0 ||
        H5Pset_obj_track_times(self->link_group_creation, 0) < 0 ||
        /* Room for the links and attributes at once: groups that have to grow cost a third more time. */
        H5Pset_est_link_info(self->link_group_creation, LINKS_EXPECTED, LINK_EXPECTED_BYTES) < 0 ||
        /* A new-style group from the start, instead of an old-style one that the first link turns into one.
         */
        H5Pset_link_creation_order(self->link_group_creation, H5P_CRT_ORDER_TRACKED) < 0 ||
        H5Pset_obj_track_times(self->dataset_creation, 0) < 0 ||
        H5Pset_layout(self->dataset_creation, H5D_CONTIGUOUS) < 0 ||
        H5Pset_alloc_time(self->dataset_creation, H5D_ALLOC_TIME_EARLY) < 0 ||
        H5Pset_fill_time(self->dataset_creation, H5D_FILL_TIME_NEVER) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot make creation properties");
    return HMZ_OK;
}

static int make_file(struct hmz_tree *self, hid_t access, const char *name, uint64_t event_count,
                     struct hmz_error *err)
{
    uint64_t names = hmz_footprint_name_heap(event_count);
    HMZ_H5_SCOPED creation = H5Pcreate(H5P_FILE_CREATE);
    HMZ_H5_SCOPED events_creation = H5Pcopy(self->group_creation);
    /* One heap of the right size, instead of one that doubles and leaves the halves behind; and its size is
     * known for the cache (h5_memory.h). */
    if (creation < 0 || H5Pset_obj_track_times(creation, 0) < 0 || events_creation < 0 ||
        H5Pset_local_heap_size_hint(events_creation, names < UINT32_MAX ? (size_t)names : UINT32_MAX) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot make creation properties");
    self->file = H5Fcreate(name, H5F_ACC_TRUNC, creation, access);
    if (self->file < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot begin an HDF5 file");
    self->events = H5Gcreate2(self->file, "events", H5P_DEFAULT, events_creation, H5P_DEFAULT);
    if (self->events < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot create group events");
    return HMZ_OK;
}

int hmz_tree_create(hid_t access, const char *name, uint64_t event_count, struct hmz_tree *tree_out,
                    struct hmz_error *err)
{
    *tree_out = HMZ_TREE_CLOSED;
    int status = make_properties(tree_out, err);
    if (status == HMZ_OK)
        status = make_file(tree_out, access, name, event_count, err);
    if (status != HMZ_OK)
        hmz_tree_abandon(tree_out);
    return status;
}

void hmz_tree_abandon(struct hmz_tree *self)
{
    hmz_h5_drop(&self->events);
    hmz_h5_drop(&self->scalar);
    hmz_h5_drop(&self->group_creation);
    hmz_h5_drop(&self->link_group_creation);
    hmz_h5_drop(&self->dataset_creation);
    hmz_h5_drop(&self->file);
}

static int write_summary(struct hmz_tree *self, const struct hmz_tree_summary *summary, struct hmz_error *err)
{
    const uint64_t zero = 0;
    const struct {
        const char *name;
        hid_t type;
        const void *value;
    } attrs[] = {
        {"min_event", H5T_STD_U64LE, &zero},
        {"max_event", H5T_STD_U64LE, &summary->event_count}, /* one past the last, as Spyral reads it */
        {"first_run", H5T_STD_I32LE, &summary->first_run},
        {"first_event", H5T_STD_U64LE, &summary->first_event},
        {"last_run", H5T_STD_I32LE, &summary->last_run},
        {"last_event", H5T_STD_U64LE, &summary->last_event},
    };
    int status = hmz_h5_attr_write_text(self->events, "version", HMZ_FORMAT_VERSION, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_write_text(self->events, "harmonizer_version", HMZ_PROGRAM_VERSION, err);
    for (size_t i = 0; status == HMZ_OK && i < sizeof attrs / sizeof *attrs; i++)
        status =
            hmz_h5_attr_write(self->events, attrs[i].name, attrs[i].type, self->scalar, attrs[i].value, err);
    return status;
}

int hmz_tree_finish(struct hmz_tree *self, const struct hmz_tree_summary *summary, struct hmz_error *err)
{
    int status = write_summary(self, summary, err);
    if (status == HMZ_OK)
        status = hmz_h5_close(&self->events, "group events", err);
    hmz_h5_drop(&self->scalar);
    hmz_h5_drop(&self->group_creation);
    hmz_h5_drop(&self->link_group_creation);
    hmz_h5_drop(&self->dataset_creation);
    if (status == HMZ_OK)
        status = hmz_h5_close(&self->file, "the HDF5 file", err);
    return status;
}

/* ---- one event ---- */

static int begin_event(struct hmz_tree_event *self, struct hmz_error *err)
{
    const struct hmz_tree_request *request = self->request;
    char name[32];
    snprintf(name, sizeof name, "event_%" PRIu64, request->harmonic_event);
    int status = hmz_tree_event_create_group(self, self->tree->events, name, &self->group, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_write(self->group, "orig_run", H5T_STD_I32LE, self->tree->scalar,
                                   &request->orig_run, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_write(self->group, "orig_event", H5T_STD_U64LE, self->tree->scalar,
                                   &self->event->number, err);
    if (status == HMZ_OK && (self->event->flags & HMZ_EVENT_OTHER_ATTRS))
        status = hmz_tree_event_copy_other_attrs(self, "", self->group, event_own, err);
    return status;
}

static int link_pieces(struct hmz_tree_event *self, struct hmz_error *err)
{
    struct hmz_link link;
    size_t at = 0;
    int status = HMZ_OK;
    while (status == HMZ_OK && hmz_links_next(self->request->source.layout, self->event, &at, &link))
        status = hmz_tree_event_link(self, &link, err);
    return status;
}

static int fill_event(struct hmz_tree_event *self, uint64_t *offsets_out, struct hmz_error *err)
{
    const struct hmz_event *event = self->event;
    int status = HMZ_OK;
    bool links = self->request->link_file != NULL;
    if (links)
        status = link_pieces(self, err);
    for (size_t i = 0; !links && status == HMZ_OK && i < event->piece_count; i++)
        status = hmz_tree_event_add(self, &event->pieces[i], &offsets_out[i], err);
    if (status == HMZ_OK && (event->flags & HMZ_EVENT_HAS_FRIB))
        status = hmz_tree_event_make_frib(self, err);
    if (status == HMZ_OK && !(event->flags & HMZ_EVENT_HAS_GET))
        status = hmz_tree_event_add_empty_traces(self, err);
    if (status == HMZ_OK && !links && (event->flags & HMZ_EVENT_GET_GROUP))
        status = hmz_tree_event_link_pads(self, err);
    return status;
}

static int end_event(struct hmz_tree_event *self, int status, struct hmz_error *err)
{
    if (status == HMZ_OK)
        status = hmz_h5_close(&self->get, "group get", err);
    if (status == HMZ_OK)
        status = hmz_h5_close(&self->frib, "the group of FRIB data", err);
    if (status == HMZ_OK)
        status = hmz_h5_close(&self->group, "the event", err);
    hmz_h5_drop(&self->get);
    hmz_h5_drop(&self->frib);
    hmz_h5_drop(&self->group);
    return status;
}

int hmz_tree_add_event(struct hmz_tree *self, const struct hmz_tree_request *request, uint64_t *offsets_out,
                       struct hmz_error *err)
{
    struct hmz_tree_event event = {.tree = self,
                                   .request = request,
                                   .event = request->event,
                                   .group_creation =
                                       request->link_file ? self->link_group_creation : self->group_creation,
                                   .group = -1,
                                   .get = -1,
                                   .frib = -1};
    int status = begin_event(&event, err);
    if (status == HMZ_OK)
        status = fill_event(&event, offsets_out, err);
    return end_event(&event, status, err);
}
