/* SPDX-License-Identifier: MIT */
#include "tree_event.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "h5_attr.h"
#include "h5_dataset.h"
#include "h5_element.h"
#include "h5_error.h"
#include "h5_scope.h"

static const char *const get_own[] = {"id", "timestamp", "timestamp_other", NULL};
static const char *const frib_own[] = {"id", "timestamp", NULL};
static const char *const none_own[] = {NULL};

int hmz_tree_event_create_group(const struct hmz_tree_event *self, hid_t parent, const char *name,
                                hid_t *group_out, struct hmz_error *err)
{
    *group_out = H5Gcreate2(parent, name, H5P_DEFAULT, self->group_creation, H5P_DEFAULT);
    if (*group_out < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot create group %s", name);
    return HMZ_OK;
}

static int write_get_ids(const struct hmz_tree_event *self, hid_t object, struct hmz_error *err)
{
    const struct hmz_event *event = self->event;
    hid_t scalar = self->tree->scalar;
    int status = hmz_h5_attr_write(object, "id", H5T_STD_U32LE, scalar, &event->get_id, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_write(object, "timestamp", H5T_STD_U64LE, scalar, &event->get_timestamp, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_write(object, "timestamp_other", H5T_STD_U64LE, scalar,
                                   &event->get_timestamp_other, err);
    return status;
}

int hmz_tree_event_copy_other_attrs(const struct hmz_tree_event *self, const char *path, hid_t to,
                                    const char *const *own, struct hmz_error *err)
{
    const struct hmz_tree_source *source = &self->request->source;
    assert(source->file >= 0);
    struct hmz_source_path there = hmz_event_source_path(source->layout, self->event, path);
    HMZ_H5_SCOPED from = H5Oopen(source->file, there.text, H5P_DEFAULT);
    if (from < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "%s: cannot be opened", there.text);
    uint64_t bytes = 0;
    int status = hmz_h5_attr_copy_others(from, to, own, &bytes, err);
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "%s", there.text);
}

int hmz_tree_event_make_frib(struct hmz_tree_event *self, struct hmz_error *err)
{
    const struct hmz_event *event = self->event;
    hid_t scalar = self->tree->scalar;
    const char *name = hmz_event_frib_name(event);
    if (self->frib >= 0)
        return HMZ_OK;
    int status = hmz_tree_event_create_group(self, self->group, name, &self->frib, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_write(self->frib, "id", H5T_STD_U32LE, scalar, &event->frib_id, err);
    if (status == HMZ_OK)
        status =
            hmz_h5_attr_write(self->frib, "timestamp", H5T_STD_U32LE, scalar, &event->frib_timestamp, err);
    if (status == HMZ_OK && (event->flags & HMZ_EVENT_FRIB_OTHER_ATTRS))
        status = hmz_tree_event_copy_other_attrs(self, name, self->frib, frib_own, err);
    return status;
}

static int make_get(struct hmz_tree_event *self, struct hmz_error *err)
{
    if (self->get >= 0)
        return HMZ_OK;
    int status = hmz_tree_event_create_group(self, self->group, "get", &self->get, err);
    if (status == HMZ_OK)
        status = write_get_ids(self, self->get, err);
    if (status == HMZ_OK && (self->event->flags & HMZ_EVENT_GET_OTHER_ATTRS))
        status = hmz_tree_event_copy_other_attrs(self, "get", self->get, get_own, err);
    return status;
}

/* The group that a path belongs to, made where it is the first of it; *name_out is its name there. */
static int find_parent(struct hmz_tree_event *self, const char *path, hid_t *parent_out,
                       const char **name_out, struct hmz_error *err)
{
    const char *slash = strchr(path, '/');
    int status = HMZ_OK;
    *parent_out = self->group;
    *name_out = slash ? slash + 1 : path;
    if (!slash)
        return HMZ_OK;
    if (strncmp(path, "get/", 4) == 0) {
        status = make_get(self, err);
        *parent_out = self->get;
    } else {
        status = hmz_tree_event_make_frib(self, err);
        *parent_out = self->frib;
    }
    return status;
}

/* A type of no standard kind, as the merged run has it; the caller's to close. */
static int source_type(const struct hmz_tree_event *self, const struct hmz_piece *piece, hid_t *type_out,
                       struct hmz_error *err)
{
    const struct hmz_tree_source *source = &self->request->source;
    assert(source->file >= 0);
    struct hmz_source_path there = hmz_event_source_path(source->layout, self->event, piece->path);
    HMZ_H5_SCOPED dataset = H5Dopen2(source->file, there.text, H5P_DEFAULT);
    HMZ_H5_SCOPED found = dataset < 0 ? -1 : H5Dget_type(dataset);
    *type_out = found < 0 ? -1 : H5Tcopy(found);
    if (*type_out < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "%s: cannot make its type", piece->path);
    return HMZ_OK;
}

static int create_dataset(const struct hmz_tree_event *self, const struct hmz_piece *piece, hid_t parent,
                          const char *name, hid_t *dataset_out, struct hmz_error *err)
{
    HMZ_H5_SCOPED other_type = -1;
    if (piece->element == HMZ_ELEMENT_OTHER) {
        int status = source_type(self, piece, &other_type, err);
        if (status != HMZ_OK)
            return status;
    }
    hid_t type = other_type >= 0 ? other_type : hmz_element_type(piece->element);
    HMZ_H5_SCOPED space = hmz_h5_space_new(piece->dims, piece->rank);
    if (space >= 0)
        *dataset_out =
            H5Dcreate2(parent, name, type, space, H5P_DEFAULT, self->tree->dataset_creation, H5P_DEFAULT);
    if (space < 0 || *dataset_out < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot create dataset %s", piece->path);
    return HMZ_OK;
}

static int find_offset(const struct hmz_piece *piece, hid_t dataset, uint64_t *place_out,
                       struct hmz_error *err)
{
    *place_out = 0;
    if (piece->bytes == 0)
        return HMZ_OK;
    haddr_t offset = H5Dget_offset(dataset);
    if (offset == HADDR_UNDEF)
        return hmz_fail_h5(err, HMZ_E_FAILED, "%s: libhdf5 gave it no offset", piece->path);
    *place_out = offset;
    return HMZ_OK;
}

static int copy_object(const struct hmz_tree_event *self, const struct hmz_piece *piece, hid_t parent,
                       const char *name, struct hmz_error *err)
{
    const struct hmz_tree_source *source = &self->request->source;
    assert(source->file >= 0);
    struct hmz_source_path there = hmz_event_source_path(source->layout, self->event, piece->path);
    if (H5Ocopy(source->file, there.text, parent, name, H5P_DEFAULT, H5P_DEFAULT) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "%s: cannot be copied", there.text);
    return HMZ_OK;
}

int hmz_tree_event_add(struct hmz_tree_event *self, const struct hmz_piece *piece, uint64_t *place_out,
                       struct hmz_error *err)
{
    hid_t parent;
    const char *name;
    int status = find_parent(self, piece->path, &parent, &name, err);
    if (status != HMZ_OK)
        return status;
    if (piece->storage == HMZ_STORAGE_OBJECT)
        return copy_object(self, piece, parent, name, err);
    bool traces = strcmp(piece->path, "get_traces") == 0;
    HMZ_H5_SCOPED dataset = -1;
    status = create_dataset(self, piece, parent, name, &dataset, err);
    if (status == HMZ_OK && traces)
        status = write_get_ids(self, dataset, err);
    if (status == HMZ_OK && piece->other_attrs)
        status =
            hmz_tree_event_copy_other_attrs(self, piece->path, dataset, traces ? get_own : none_own, err);
    if (status == HMZ_OK)
        status = find_offset(piece, dataset, place_out, err);
    return status == HMZ_OK ? hmz_h5_close(&dataset, piece->path, err) : status;
}

int hmz_tree_event_add_empty_traces(struct hmz_tree_event *self, struct hmz_error *err)
{
    const struct hmz_piece empty = {
        .path = "get_traces", .element = HMZ_ELEMENT_I16LE, .rank = 2, .dims = {0, HMZ_TRACE_COLUMNS}};
    HMZ_H5_SCOPED dataset = -1;
    int status = create_dataset(self, &empty, self->group, empty.path, &dataset, err);
    return status == HMZ_OK ? hmz_h5_close(&dataset, empty.path, err) : status;
}

int hmz_tree_event_link_pads(struct hmz_tree_event *self, struct hmz_error *err)
{
    int status = make_get(self, err);
    if (status != HMZ_OK)
        return status;
    if (H5Lcreate_hard(self->group, "get_traces", self->get, "pads", H5P_DEFAULT, H5P_DEFAULT) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot link get/pads");
    return HMZ_OK;
}

int hmz_tree_event_link(struct hmz_tree_event *self, const struct hmz_link *link, struct hmz_error *err)
{
    hid_t parent;
    const char *name;
    char target[HMZ_SOURCE_PATH_BYTES + 1];
    int status = find_parent(self, link->path, &parent, &name, err);
    if (status != HMZ_OK)
        return status;
    snprintf(target, sizeof target, "/%s", link->target.text);
    if (H5Lcreate_external(self->request->link_file, target, parent, name, H5P_DEFAULT, H5P_DEFAULT) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot link %s", link->path);
    return HMZ_OK;
}
