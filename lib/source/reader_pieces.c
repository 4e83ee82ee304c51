/* SPDX-License-Identifier: MIT */
/* The parts of an event that all merger versions have in common: datasets as pieces, ids, 977. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "h5_attr.h"
#include "h5_carry.h"
#include "h5_compat.h"
#include "h5_dataset.h"
#include "h5_element.h"
#include "h5_error.h"
#include "h5_header.h"
#include "h5_newer.h"
#include "h5_scope.h"
#include "h5_size.h"
#include "posix_io.h"
#include "run_reader_internal.h"

/* Whatever shape the digitizers' have, they are carried over: whether Spyral can read it is another question
 * (spyral.h). */
static const struct hmz_known_dataset frib_modules[] = {
    {"977", HMZ_ELEMENT_U16LE, 1, 0},  {"1903", HMZ_ELEMENT_U16LE, 0, 0}, {"1904", HMZ_ELEMENT_U16LE, 0, 0},
    {"1905", HMZ_ELEMENT_U16LE, 0, 0}, {"1906", HMZ_ELEMENT_U16LE, 0, 0}, {NULL, 0, 0, 0},
};

static const struct hmz_known_dataset get_matrices[] = {
    {"get_traces", HMZ_ELEMENT_I16LE, 2, HMZ_TRACE_COLUMNS},
    {"si_upstream_front", HMZ_ELEMENT_I16LE, 2, HMZ_TRACE_COLUMNS},
    {"si_upstream_back", HMZ_ELEMENT_I16LE, 2, HMZ_TRACE_COLUMNS},
    {"si_downstream_front", HMZ_ELEMENT_I16LE, 2, HMZ_TRACE_COLUMNS},
    {"si_downstream_back", HMZ_ELEMENT_I16LE, 2, HMZ_TRACE_COLUMNS},
    {NULL, 0, 0, 0},
};

static const struct hmz_known_dataset *find_known(const struct hmz_known_dataset *table, const char *name)
{
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0)
            return table;
    return NULL;
}

const struct hmz_known_dataset *hmz_known_frib(const char *name)
{
    return find_known(frib_modules, name);
}

const struct hmz_known_dataset *hmz_known_get(const char *name)
{
    return find_known(get_matrices, name);
}

int hmz_reader_check_header(struct hmz_run_reader *self, hid_t object, unsigned *attr_count_out,
                            struct hmz_error *err)
{
    hmz_h5_object_info info;
    haddr_t address;
    if (hmz_h5_object_info_get(object, &info) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "its attributes cannot be counted");
    if (attr_count_out)
        *attr_count_out = (unsigned)info.num_attrs;
    if (!self->plain_addresses || !hmz_h5_header_address(&info, &address))
        return HMZ_OK;
    return hmz_h5_header_check(self->input.cache, address, err);
}

int hmz_reader_open_member(struct hmz_run_reader *self, hid_t group, const char *name,
                           struct hmz_object *object_out, struct hmz_error *err)
{
    object_out->id = H5Oopen(group, name, H5P_DEFAULT);
    if (object_out->id < 0) {
        hmz_ignore(hmz_fail_h5(err, HMZ_E_DAMAGED, "cannot be opened"));
        return hmz_h5_judge_newer_object(group, name, err);
    }
    return hmz_reader_check_header(self, object_out->id, &object_out->attr_count, err);
}

/* "get_traces: a soft link, …" begins with the path of the stray. */
static int stray_part(const char *text, struct hmz_error *err)
{
    hmz_fail(err, HMZ_E_DAMAGED, "%s", text);
    err->at_path = 1;
    return HMZ_E_DAMAGED;
}

int hmz_reader_list_parts(struct hmz_run_reader *self, hid_t group, struct hmz_members *parts,
                          struct hmz_error *err)
{
    int status = hmz_members_list(parts, group, ".", hmz_member_parse_any, &self->names, err);
    if (status == HMZ_OK && parts->stray_count)
        return stray_part(parts->strays[0] + strlen("./"), err);
    if (status != HMZ_OK)
        return status;
    hmz_members_sort(parts);
    for (size_t i = 1; i < parts->count; i++)
        if (strcmp(parts->items[i - 1].name, parts->items[i].name) == 0)
            return hmz_fail(err, HMZ_E_DAMAGED, "two members have the name %s", parts->items[i].name);
    return HMZ_OK;
}

int hmz_reader_path(struct hmz_run_reader *self, const char *folder, const char *name, const char **path_out,
                    struct hmz_error *err)
{
    char path[2 * HMZ_MEMBER_NAME_BYTES + 2];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return hmz_names_keep(&self->names, path, path_out, err);
}

static int check_known(hid_t dataset, const struct hmz_known_dataset *known, struct hmz_piece *piece,
                       struct hmz_error *err)
{
    if (!hmz_element_alike(piece->element, known->element)) {
        HMZ_H5_SCOPED type = H5Dget_type(dataset);
        return hmz_fail(err, HMZ_E_DAMAGED, "%s, expected %s", hmz_element_describe(type).text,
                        hmz_element_describe(hmz_element_type(known->element)).text);
    }
    if (piece->storage == HMZ_STORAGE_OBJECT && !known->columns)
        return HMZ_OK; /* numbers without a dataspace: there are none */
    if (known->rank && piece->rank != known->rank)
        return hmz_fail(err, HMZ_E_DAMAGED, "shape %s, expected %d dimensions",
                        hmz_shape_text(piece->dims, piece->rank).text, known->rank);
    if (known->columns && piece->dims[1] != known->columns)
        return hmz_fail(err, HMZ_E_DAMAGED, "%" PRIu64 " columns, expected %" PRIu64, piece->dims[1],
                        known->columns);
    if (piece->element != known->element && piece->storage == HMZ_STORAGE_RAW)
        piece->storage = HMZ_STORAGE_READ; /* the other byte order: libhdf5 converts */
    piece->element = known->element;
    return HMZ_OK;
}

static int check_range(const struct hmz_run_reader *self, const struct hmz_h5_dataset *found,
                       struct hmz_error *err)
{
    uint64_t end;
    if (found->offset == 0 || found->bytes == 0)
        return HMZ_OK;
    if (__builtin_add_overflow(found->offset, found->bytes, &end))
        end = UINT64_MAX;
    if (end <= self->file_bytes)
        return HMZ_OK;
    return hmz_fail(err, HMZ_E_DAMAGED, "ends at byte %s, the file at %s", hmz_count_text(end).text,
                    hmz_count_text(self->file_bytes).text);
}

static int describe_dataset(struct hmz_run_reader *self, const struct hmz_piece_request *request,
                            struct hmz_piece *piece, struct hmz_error *err)
{
    struct hmz_h5_dataset found;
    int status = hmz_h5_dataset_describe(request->object->id, &found, err);
    if (status != HMZ_OK)
        return status;
    piece->storage = found.storage;
    piece->element = found.element;
    piece->rank = found.rank;
    piece->bytes = found.bytes;
    piece->offset = found.storage == HMZ_STORAGE_RAW ? found.offset : 0;
    memcpy(piece->dims, found.dims, (size_t)found.rank * sizeof *piece->dims);
    if (request->known)
        status = check_known(request->object->id, request->known, piece, err);
    return status == HMZ_OK ? check_range(self, &found, err) : status;
}

/* ---- attributes ---- */

const char *const hmz_own_attrs_get[] = {"id", "timestamp", "timestamp_other", NULL};
static const char *const own_attrs_frib[] = {"id", "timestamp", NULL};
const char *const hmz_own_attrs_none[] = {NULL};

static unsigned count_names(const char *const *names)
{
    unsigned count = 0;
    while (names[count])
        count++;
    return count;
}

static int check_attrs(struct hmz_run_reader *self, const struct hmz_object *object, const char *const *own,
                       struct hmz_piece *piece, struct hmz_error *err)
{
    piece->other_attrs = object->attr_count > count_names(own);
    if (!piece->other_attrs)
        return HMZ_OK;
    return hmz_h5_carry_attrs(&self->carry, object->id, own, &piece->carried_bytes, err);
}

int hmz_reader_check_group_attrs(struct hmz_run_reader *self, const struct hmz_object *group,
                                 enum hmz_event_flag flag, struct hmz_event *event, struct hmz_error *err)
{
    const char *const *own = hmz_own_attrs_none;
    uint64_t *bytes = &event->attrs_bytes;
    if (flag == HMZ_EVENT_GET_OTHER_ATTRS) {
        own = hmz_own_attrs_get;
        bytes = &event->get_attrs_bytes;
    } else if (flag == HMZ_EVENT_FRIB_OTHER_ATTRS) {
        own = own_attrs_frib;
        bytes = &event->frib_attrs_bytes;
    }
    if (group->attr_count <= count_names(own))
        return HMZ_OK;
    event->flags |= flag;
    return hmz_h5_carry_attrs(&self->carry, group->id, own, bytes, err);
}

/* ---- what libhdf5 copies whole ---- */

enum { DEPTH_LAST = 32 }; /* groups within groups, as lib/compare follows them */

/* A way down from the run to an object within a piece. */
struct way {
    struct hmz_run_reader *reader;
    struct hmz_error *err;
    uint64_t bytes;          /* of the datasets, … */
    uint64_t metadata_bytes; /* … and all that they take besides */
    int status;
    size_t depth;
    hmz_h5_object_info groups[DEPTH_LAST];
};

static int look_into(struct way *way, hid_t group);

/* A group that holds itself cannot be copied as what it is: whoever walks through it never comes to an end.
 */
static int enter_group(struct way *way, hid_t group) // NOLINT(misc-no-recursion)
{
    hmz_h5_object_info info;
    if (hmz_h5_object_address_get(group, &info) < 0)
        return hmz_fail_h5(way->err, HMZ_E_DAMAGED, "its address cannot be asked for");
    for (size_t i = 0; i < way->depth; i++)
        if (hmz_h5_same_object(group, &info, &way->groups[i]))
            return hmz_fail(way->err, HMZ_E_DAMAGED, "a circle: this group is one of those that it lies in");
    if (way->depth == DEPTH_LAST)
        return hmz_fail(way->err, HMZ_E_DAMAGED, "more than %d groups within each other", DEPTH_LAST);
    way->groups[way->depth++] = info;
    int status = look_into(way, group);
    way->depth--;
    return status;
}

static int add_bytes(struct way *way, hid_t dataset)
{
    struct hmz_h5_dataset found;
    int status = hmz_h5_dataset_describe(dataset, &found, way->err);
    if (status == HMZ_OK && __builtin_add_overflow(way->bytes, found.bytes, &way->bytes))
        return hmz_fail(way->err, HMZ_E_DAMAGED, "its datasets have more than 2^64 bytes together");
    return status;
}

static int look_at_object(struct way *way, hid_t object) // NOLINT(misc-no-recursion)
{
    H5I_type_t kind = H5Iget_type(object);
    int status = kind == H5I_DATATYPE ? HMZ_OK : hmz_h5_attr_check_references(object, way->err);
    if (status == HMZ_OK)
        status = hmz_h5_size_add_object(object, &way->metadata_bytes, way->err);
    if (status == HMZ_OK && kind == H5I_DATASET)
        return add_bytes(way, object);
    return status == HMZ_OK && kind == H5I_GROUP ? enter_group(way, object) : status;
}

/* Anything in a nested group that cannot be carried over is damage of the event. */
static herr_t look_at_member(hid_t group, const char *name, // NOLINT(misc-no-recursion)
                             const hmz_h5_link_info *info, void *data)
{
    struct way *way = data;
    HMZ_OBJECT_SCOPED object = HMZ_OBJECT_CLOSED;
    if (info->type != H5L_TYPE_HARD)
        way->status = hmz_fail(way->err, HMZ_E_DAMAGED, "a link, expected an object of this file");
    else
        way->status = hmz_reader_open_member(way->reader, group, name, &object, way->err);
    if (way->status == HMZ_OK)
        way->status = look_at_object(way, object.id);
    if (way->status == HMZ_OK)
        return 0;
    way->status = hmz_context_path(way->err, "%s", name);
    return -1;
}

static int look_into(struct way *way, hid_t group) // NOLINT(misc-no-recursion)
{
    herr_t result = hmz_h5_link_iterate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, look_at_member, way);
    if (way->status != HMZ_OK) {
        H5Eclear2(H5E_DEFAULT);
        return way->status;
    }
    return result < 0 ? hmz_fail_h5(way->err, HMZ_E_DAMAGED, "members cannot be listed") : HMZ_OK;
}

/* The way begins in the groups that lead to the piece, so that a link to one of these is a circle, too. */
static int begin_way(struct way *way, hid_t event_group)
{
    const hid_t above[] = {way->reader->file, way->reader->event_group, way->reader->frib_group, event_group};
    for (size_t i = 0; i < sizeof above / sizeof *above; i++) {
        if (above[i] < 0)
            continue;
        if (hmz_h5_object_address_get(above[i], &way->groups[way->depth++]) < 0)
            return hmz_fail_h5(way->err, HMZ_E_DAMAGED, "the groups above it cannot be asked for");
    }
    return HMZ_OK;
}

/* An object that has such a name here would be mistaken for the group. */
static bool is_taken(const char *path)
{
    return strcmp(path, "get") == 0 || strcmp(path, HMZ_EVENT_FRIB_NAME) == 0 ||
           strcmp(path, HMZ_EVENT_SET_ASIDE_NAME) == 0;
}

static int describe_object(struct hmz_run_reader *self, const struct hmz_piece_request *request,
                           struct hmz_piece *piece, struct hmz_error *err)
{
    struct way way = {.reader = self, .err = err, .status = HMZ_OK};
    int status = begin_way(&way, self->open_event);
    if (status == HMZ_OK)
        status = look_at_object(&way, request->object->id);
    if (status != HMZ_OK)
        return status;
    piece->storage = HMZ_STORAGE_OBJECT;
    piece->bytes = way.bytes;
    piece->carried_bytes = way.metadata_bytes;
    return hmz_h5_carry_object(&self->carry, request->object->id, way.bytes, err);
}

int hmz_reader_add_piece(struct hmz_run_reader *self, const struct hmz_piece_request *request,
                         struct hmz_event *event, struct hmz_error *err)
{
    struct hmz_piece *piece;
    const char *const *own = request->own_attrs ? request->own_attrs : hmz_own_attrs_none;
    if (is_taken(request->path))
        return hmz_fail(err, HMZ_E_DAMAGED, "has the name of a group that harmonic runs make themselves");
    int status = hmz_event_add_piece(event, request->path, &piece, err);
    if (status != HMZ_OK)
        return status;
    bool dataset = H5Iget_type(request->object->id) == H5I_DATASET;
    if (dataset)
        status = describe_dataset(self, request, piece, err);
    else if (request->known)
        status = hmz_fail(err, HMZ_E_DAMAGED, "not a dataset, expected one");
    if (status != HMZ_OK)
        return status;
    if (!dataset || piece->storage == HMZ_STORAGE_OBJECT)
        return describe_object(self, request, piece, err);
    return check_attrs(self, request->object, own, piece, err);
}

int hmz_reader_read_row(hid_t dataset, hid_t memory_type, void *values_out, size_t room, size_t *count_out,
                        struct hmz_error *err)
{
    if (H5Iget_type(dataset) != H5I_DATASET)
        return hmz_fail(err, HMZ_E_DAMAGED, "not a dataset, expected one");
    struct hmz_h5_dataset found;
    int status = hmz_h5_dataset_describe(dataset, &found, err);
    if (status != HMZ_OK)
        return status;
    bool numbers = found.storage != HMZ_STORAGE_OBJECT;
    HMZ_H5_SCOPED type = H5Dget_type(dataset);
    if (!numbers || H5Tget_class(type) != H5Tget_class(memory_type) ||
        H5Tget_size(type) > H5Tget_size(memory_type) ||
        (H5Tget_class(type) == H5T_INTEGER && H5Tget_sign(type) != H5Tget_sign(memory_type)))
        return hmz_fail(err, HMZ_E_DAMAGED, "%s, expected %s", hmz_element_describe(type).text,
                        hmz_element_describe(memory_type).text);
    if (found.rank != 1 || found.dims[0] > room)
        return hmz_fail(err, HMZ_E_DAMAGED, "shape %s, expected one dimension of at most %zu values",
                        hmz_shape_text(found.dims, found.rank).text, room);
    *count_out = (size_t)found.dims[0];
    if (*count_out && H5Dread(dataset, memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values_out) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "cannot be read");
    return HMZ_OK;
}

static int read_first(struct hmz_run_reader *self, const struct hmz_piece *piece, struct hmz_event *event,
                      struct hmz_error *err)
{
    uint8_t bytes[2];
    size_t got;
    int error_number = hmz_read_cache_read(self->input.cache, bytes, sizeof bytes, piece->offset, &got);
    if (error_number)
        return hmz_io_fail_read(err, error_number, "cannot be read");
    if (got < sizeof bytes)
        return hmz_fail(err, HMZ_E_DAMAGED, "lies behind the end of the file");
    event->coincidence = (uint16_t)(bytes[0] | bytes[1] << 8);
    return HMZ_OK;
}

static int read_first_by_library(hid_t dataset, struct hmz_event *event, struct hmz_error *err)
{
    const hsize_t first = 0;
    const hsize_t one = 1;
    HMZ_H5_SCOPED from = H5Dget_space(dataset);
    HMZ_H5_SCOPED to = H5Screate_simple(1, &one, NULL);
    if (from < 0 || to < 0 || H5Sselect_hyperslab(from, H5S_SELECT_SET, &first, NULL, &one, NULL) < 0 ||
        H5Dread(dataset, H5T_NATIVE_UINT16, to, from, H5P_DEFAULT, &event->coincidence) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "cannot be read");
    return HMZ_OK;
}

/* 977 has one value; more are carried over, the first counts. */
int hmz_reader_take_coincidence(struct hmz_run_reader *self, hid_t dataset, struct hmz_event *event,
                                struct hmz_error *err)
{
    const struct hmz_piece *piece = &event->pieces[event->piece_count - 1];
    if (piece->storage == HMZ_STORAGE_NONE || piece->storage == HMZ_STORAGE_OBJECT)
        return HMZ_OK;
    event->flags |= HMZ_EVENT_HAS_COINCIDENCE;
    return piece->storage == HMZ_STORAGE_RAW ? read_first(self, piece, event, err)
                                             : read_first_by_library(dataset, event, err);
}

int hmz_reader_get_ids(hid_t object, struct hmz_event *event, struct hmz_error *err)
{
    int status = hmz_h5_attr_read_u32(object, "id", &event->get_id, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_read_u64(object, "timestamp", &event->get_timestamp, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_read_u64(object, "timestamp_other", &event->get_timestamp_other, err);
    event->flags |= HMZ_EVENT_HAS_GET;
    return status;
}

int hmz_reader_frib_ids(hid_t object, struct hmz_event *event, struct hmz_error *err)
{
    int status = hmz_h5_attr_read_u32(object, "id", &event->frib_id, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_read_u32(object, "timestamp", &event->frib_timestamp, err);
    event->flags |= HMZ_EVENT_HAS_FRIB;
    return status;
}
