/* SPDX-License-Identifier: MIT */
#include "event_tree.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "event_tree_internal.h"
#include "h5_attr.h"
#include "h5_error.h"
#include "h5_scope.h"
#include "version.h"

static const char *const event_own[] = {"orig_run", "orig_event", NULL};
static const char *const get_own[] = {"id", "timestamp", "timestamp_other", NULL};
static const char *const frib_own[] = {"id", "timestamp", NULL};
static const char *const none_own[] = {NULL};

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

static int make_file(struct hmz_tree *self, hid_t access, const char *name, struct hmz_error *err)
{
    HMZ_H5_SCOPED creation = H5Pcreate(H5P_FILE_CREATE);
    if (creation < 0 || H5Pset_obj_track_times(creation, 0) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot make creation properties");
    self->file = H5Fcreate(name, H5F_ACC_TRUNC, creation, access);
    if (self->file < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot begin an HDF5 file");
    self->events = H5Gcreate2(self->file, "events", H5P_DEFAULT, self->group_creation, H5P_DEFAULT);
    if (self->events < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot create group events");
    return HMZ_OK;
}

int hmz_tree_create(hid_t access, const char *name, struct hmz_tree *tree_out, struct hmz_error *err)
{
    *tree_out = HMZ_TREE_CLOSED;
    int status = make_properties(tree_out, err);
    if (status == HMZ_OK)
        status = make_file(tree_out, access, name, err);
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

static int create_group(const struct hmz_tree_work *work, hid_t parent, const char *name, hid_t *group_out,
                        struct hmz_error *err)
{
    *group_out = H5Gcreate2(parent, name, H5P_DEFAULT, work->group_creation, H5P_DEFAULT);
    if (*group_out < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot create group %s", name);
    return HMZ_OK;
}

static int write_get_ids(const struct hmz_tree_work *work, hid_t object, struct hmz_error *err)
{
    const struct hmz_event *event = work->event;
    hid_t scalar = work->tree->scalar;
    int status = hmz_h5_attr_write(object, "id", H5T_STD_U32LE, scalar, &event->get_id, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_write(object, "timestamp", H5T_STD_U64LE, scalar, &event->get_timestamp, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_write(object, "timestamp_other", H5T_STD_U64LE, scalar,
                                   &event->get_timestamp_other, err);
    return status;
}

/* Attributes that no version here knows, from the same object of the merged run. */
static int copy_other_attrs(const struct hmz_tree_work *work, const char *path, hid_t to,
                            const char *const *own, struct hmz_error *err)
{
    const struct hmz_tree_source *source = &work->request->source;
    if (source->file < 0)
        return HMZ_OK;
    struct hmz_source_path there = hmz_event_source_path(source->layout, work->event, path);
    HMZ_H5_SCOPED from = H5Oopen(source->file, there.text, H5P_DEFAULT);
    if (from < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "%s: cannot be opened", there.text);
    int status = hmz_h5_attr_copy_others(from, to, own, err);
    return status == HMZ_OK ? HMZ_OK : hmz_place(err, "%s", there.text);
}

int hmz_tree_make_frib(struct hmz_tree_work *work, struct hmz_error *err)
{
    const struct hmz_event *event = work->event;
    hid_t scalar = work->tree->scalar;
    if (work->frib >= 0)
        return HMZ_OK;
    int status = create_group(work, work->group, "frib_physics", &work->frib, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_write(work->frib, "id", H5T_STD_U32LE, scalar, &event->frib_id, err);
    if (status == HMZ_OK)
        status =
            hmz_h5_attr_write(work->frib, "timestamp", H5T_STD_U32LE, scalar, &event->frib_timestamp, err);
    if (status == HMZ_OK && (event->flags & HMZ_EVENT_FRIB_OTHER_ATTRS))
        status = copy_other_attrs(work, "frib_physics", work->frib, frib_own, err);
    return status;
}

static int make_get(struct hmz_tree_work *work, struct hmz_error *err)
{
    if (work->get >= 0)
        return HMZ_OK;
    int status = create_group(work, work->group, "get", &work->get, err);
    if (status == HMZ_OK)
        status = write_get_ids(work, work->get, err);
    if (status == HMZ_OK && (work->event->flags & HMZ_EVENT_GET_OTHER_ATTRS))
        status = copy_other_attrs(work, "get", work->get, get_own, err);
    return status;
}

/* The group that a piece belongs to, made where it is the first of it; *name_out is its name there. */
static int find_parent(struct hmz_tree_work *work, const struct hmz_piece *piece, hid_t *parent_out,
                       const char **name_out, struct hmz_error *err)
{
    const char *slash = strchr(piece->path, '/');
    int status = HMZ_OK;
    *parent_out = work->group;
    *name_out = slash ? slash + 1 : piece->path;
    if (!slash)
        return HMZ_OK;
    if (strncmp(piece->path, "get/", 4) == 0) {
        status = make_get(work, err);
        *parent_out = work->get;
    } else {
        status = hmz_tree_make_frib(work, err);
        *parent_out = work->frib;
    }
    return status;
}

/* A type of no standard kind, as the merged run has it; the caller's to close. */
static int source_type(const struct hmz_tree_work *work, const struct hmz_piece *piece, hid_t *type_out,
                       struct hmz_error *err)
{
    const struct hmz_tree_source *source = &work->request->source;
    if (source->file < 0) { /* a footprint: any type does */
        *type_out = H5Tcopy(H5T_STD_I64LE);
    } else {
        struct hmz_source_path there = hmz_event_source_path(source->layout, work->event, piece->path);
        HMZ_H5_SCOPED dataset = H5Dopen2(source->file, there.text, H5P_DEFAULT);
        HMZ_H5_SCOPED found = dataset < 0 ? -1 : H5Dget_type(dataset);
        *type_out = found < 0 ? -1 : H5Tcopy(found);
    }
    if (*type_out < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "%s: cannot make its type", piece->path);
    return HMZ_OK;
}

static int create_dataset(const struct hmz_tree_work *work, const struct hmz_piece *piece, hid_t parent,
                          const char *name, hid_t *dataset_out, struct hmz_error *err)
{
    HMZ_H5_SCOPED other_type = -1;
    if (piece->element == HMZ_ELEMENT_OTHER) {
        int status = source_type(work, piece, &other_type, err);
        if (status != HMZ_OK)
            return status;
    }
    hid_t type = other_type >= 0 ? other_type : hmz_element_type(piece->element);
    HMZ_H5_SCOPED space =
        piece->rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(piece->rank, piece->dims, NULL);
    if (space >= 0)
        *dataset_out =
            H5Dcreate2(parent, name, type, space, H5P_DEFAULT, work->tree->dataset_creation, H5P_DEFAULT);
    if (space < 0 || *dataset_out < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot create dataset %s", piece->path);
    return HMZ_OK;
}

static int find_place(const struct hmz_piece *piece, hid_t dataset, uint64_t *place_out,
                      struct hmz_error *err)
{
    *place_out = 0;
    if (piece->bytes == 0)
        return HMZ_OK;
    haddr_t place = H5Dget_offset(dataset);
    if (place == HADDR_UNDEF)
        return hmz_fail_h5(err, HMZ_E_FAILED, "%s: libhdf5 gave it no place", piece->path);
    *place_out = place;
    return HMZ_OK;
}

static int copy_object(const struct hmz_tree_work *work, const struct hmz_piece *piece, hid_t parent,
                       const char *name, struct hmz_error *err)
{
    const struct hmz_tree_source *source = &work->request->source;
    if (source->file < 0)
        return HMZ_OK;
    struct hmz_source_path there = hmz_event_source_path(source->layout, work->event, piece->path);
    if (H5Ocopy(source->file, there.text, parent, name, H5P_DEFAULT, H5P_DEFAULT) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "%s: cannot be copied", there.text);
    return HMZ_OK;
}

static int add_piece(struct hmz_tree_work *work, const struct hmz_piece *piece, uint64_t *place_out,
                     struct hmz_error *err)
{
    hid_t parent;
    const char *name;
    int status = find_parent(work, piece, &parent, &name, err);
    if (status != HMZ_OK)
        return status;
    if (piece->storage == HMZ_STORAGE_OBJECT)
        return copy_object(work, piece, parent, name, err);
    bool traces = strcmp(piece->path, "get_traces") == 0;
    HMZ_H5_SCOPED dataset = -1;
    status = create_dataset(work, piece, parent, name, &dataset, err);
    if (status == HMZ_OK && traces)
        status = write_get_ids(work, dataset, err);
    if (status == HMZ_OK && piece->other_attrs)
        status = copy_other_attrs(work, piece->path, dataset, traces ? get_own : none_own, err);
    if (status == HMZ_OK)
        status = find_place(piece, dataset, place_out, err);
    return status == HMZ_OK ? hmz_h5_close(&dataset, piece->path, err) : status;
}

/* Spyral dies on an event without get_traces, but reads an empty one. */
static int add_empty_traces(struct hmz_tree_work *work, struct hmz_error *err)
{
    const struct hmz_piece empty = {
        .path = "get_traces", .element = HMZ_ELEMENT_I16LE, .rank = 2, .dims = {0, HMZ_TRACE_COLUMNS}};
    HMZ_H5_SCOPED dataset = -1;
    int status = create_dataset(work, &empty, work->group, empty.path, &dataset, err);
    return status == HMZ_OK ? hmz_h5_close(&dataset, empty.path, err) : status;
}

/* The bytes of the pads are there once, under both names. */
static int link_pads(struct hmz_tree_work *work, struct hmz_error *err)
{
    int status = make_get(work, err);
    if (status != HMZ_OK)
        return status;
    if (H5Lcreate_hard(work->group, "get_traces", work->get, "pads", H5P_DEFAULT, H5P_DEFAULT) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot link get/pads");
    return HMZ_OK;
}

static int begin_event(struct hmz_tree_work *work, struct hmz_error *err)
{
    const struct hmz_tree_request *request = work->request;
    char name[32];
    snprintf(name, sizeof name, "event_%" PRIu64, request->harmonic_event);
    int status = create_group(work, work->tree->events, name, &work->group, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_write(work->group, "orig_run", H5T_STD_I32LE, work->tree->scalar,
                                   &request->orig_run, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_write(work->group, "orig_event", H5T_STD_U64LE, work->tree->scalar,
                                   &work->event->number, err);
    if (status == HMZ_OK && (work->event->flags & HMZ_EVENT_OTHER_ATTRS))
        status = copy_other_attrs(work, "", work->group, event_own, err);
    return status;
}

static int fill_event(struct hmz_tree_work *work, uint64_t *places_out, struct hmz_error *err)
{
    const struct hmz_event *event = work->event;
    int status = HMZ_OK;
    bool links = work->request->link_file != NULL;
    if (links)
        status = hmz_tree_link_pieces(work, err);
    for (size_t i = 0; !links && status == HMZ_OK && i < event->piece_count; i++)
        status = add_piece(work, &event->pieces[i], &places_out[i], err);
    if (status == HMZ_OK && (event->flags & HMZ_EVENT_HAS_FRIB))
        status = hmz_tree_make_frib(work, err);
    if (status == HMZ_OK && !(event->flags & HMZ_EVENT_HAS_GET))
        status = add_empty_traces(work, err);
    if (status == HMZ_OK && !links && (event->flags & HMZ_EVENT_GET_GROUP))
        status = link_pads(work, err);
    return status;
}

static int end_event(struct hmz_tree_work *work, int status, struct hmz_error *err)
{
    if (status == HMZ_OK)
        status = hmz_h5_close(&work->get, "group get", err);
    if (status == HMZ_OK)
        status = hmz_h5_close(&work->frib, "group frib_physics", err);
    if (status == HMZ_OK)
        status = hmz_h5_close(&work->group, "the event", err);
    hmz_h5_drop(&work->get);
    hmz_h5_drop(&work->frib);
    hmz_h5_drop(&work->group);
    return status;
}

int hmz_tree_add_event(struct hmz_tree *self, const struct hmz_tree_request *request, uint64_t *places_out,
                       struct hmz_error *err)
{
    struct hmz_tree_work work = {.tree = self,
                                 .request = request,
                                 .event = request->event,
                                 .group_creation =
                                     request->link_file ? self->link_group_creation : self->group_creation,
                                 .group = -1,
                                 .get = -1,
                                 .frib = -1};
    int status = begin_event(&work, err);
    if (status == HMZ_OK)
        status = fill_event(&work, places_out, err);
    return end_event(&work, status, err);
}
