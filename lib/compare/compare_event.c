/* SPDX-License-Identifier: MIT */
#include "compare_event.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "compare_value.h"
#include "event_checksum.h"
#include "h5_attr.h"
#include "h5_compat.h"
#include "h5_dataset.h"
#include "h5_element.h"
#include "h5_error.h"
#include "h5_scope.h"
#include "posix_io.h"

static const char *const event_own[] = {"orig_run", "orig_event", NULL};
static const char *const get_own[] = {"id", "timestamp", "timestamp_other", NULL};
static const char *const frib_own[] = {"id", "timestamp", NULL};
static const char *const none_own[] = {NULL};

/* One event at hand. */
struct work {
    struct hmz_compare *compare;
    struct hmz_run_source *source;
    const struct hmz_event *event;
    uint64_t number; /* in the harmonic run */
    hid_t group;     /* event_N */
    bool alike;      /* all datasets are there with the right shapes: the bytes can be compared */
    bool told;       /* a difference of bytes of this event was told */
};

/* `path` is within the event; "" is the event itself. */
static void differ(const struct work *work, const char *path, const char *format, ...) HMZ_PRINTF(3, 4);
static void differ(const struct work *work, const char *path, const char *format, ...)
{
    char text[HMZ_ERROR_TEXT_BYTES];
    const struct hmz_difference_context context = {.run = work->source->run,
                                                   .has_event = true,
                                                   .event = work->event->number,
                                                   .file = work->compare->file};
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    hmz_differences_add(work->compare->differences, &context, "event_%" PRIu64 "%s%s: %.900s", work->number,
                        *path ? "/" : "", path, text);
}

static void differ_h5(const struct work *work, const char *path, const char *what)
{
    struct hmz_error err;
    hmz_ignore(hmz_fail_h5(&err, HMZ_E_DAMAGED, "%s", what)); /* only its text is wanted */
    differ(work, path, "%s", err.text);
}

/* ---- the same object in the merged run ---- */

static int open_merged(const struct work *work, const char *path, hid_t *object_out, struct hmz_error *err)
{
    int status = hmz_run_source_library(work->source, err);
    if (status != HMZ_OK)
        return status;
    struct hmz_source_path there = hmz_event_source_path(work->source->layout, work->event, path);
    *object_out = H5Oopen(work->source->file, there.text, H5P_DEFAULT);
    if (*object_out < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "%s: cannot be opened", there.text);
    return HMZ_OK;
}

/* ---- attributes ---- */

struct own_number {
    const char *name;
    enum hmz_element element;
    uint64_t value;
};

static void check_number(const struct work *work, hid_t object, const char *path,
                         const struct own_number *expected)
{
    struct hmz_error err;
    uint64_t found = 0;
    int32_t small = 0;
    HMZ_H5_SCOPED attr = H5Aopen(object, expected->name, H5P_DEFAULT);
    HMZ_H5_SCOPED type = attr < 0 ? -1 : H5Aget_type(attr);
    if (type < 0) {
        differ_h5(work, path, "an attribute cannot be opened");
        return;
    }
    int status = expected->element == HMZ_ELEMENT_I32LE
                     ? hmz_h5_attr_read_i32(object, expected->name, &small, &err)
                     : hmz_h5_attr_read_u64(object, expected->name, &found, &err);
    if (expected->element == HMZ_ELEMENT_I32LE)
        found = (uint64_t)small;
    if (status != HMZ_OK)
        differ(work, path, "%s", err.text);
    else if (hmz_element_of(type) != expected->element)
        differ(work, path, "attribute %s holds %s", expected->name, hmz_element_describe(type).text);
    else if (found != expected->value)
        differ(work, path, "attribute %s is %" PRIu64 ", expected %" PRIu64, expected->name, found,
               expected->value);
}

/* The attributes of an open object of the harmonic run. `others`: the merged run has more than our own. */
static int check_attrs(const struct work *work, hid_t object, const char *path, const char *const *own,
                       bool others, struct hmz_error *err)
{
    struct hmz_what_differs what;
    HMZ_H5_SCOPED merged = -1;
    int status = others ? open_merged(work, path, &merged, err) : HMZ_OK;
    if (status == HMZ_OK)
        status = hmz_compare_attrs(merged, object, own, &what, err);
    if (status == HMZ_OK && what.text[0])
        differ(work, path, "%s", what.text);
    return status;
}

static int check_get_attrs(const struct work *work, hid_t object, const char *path, bool others,
                           struct hmz_error *err)
{
    const struct hmz_event *event = work->event;
    const struct own_number numbers[] = {{"id", HMZ_ELEMENT_U32LE, event->get_id},
                                         {"timestamp", HMZ_ELEMENT_U64LE, event->get_timestamp},
                                         {"timestamp_other", HMZ_ELEMENT_U64LE, event->get_timestamp_other}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        check_number(work, object, path, &numbers[i]);
    return check_attrs(work, object, path, get_own, others, err);
}

/* ---- members: nothing missing, nothing too much ---- */

struct members_walk {
    const struct work *work;
    const char *group; /* path within the event with a slash at its end, or "" */
};

static bool is_expected(const struct hmz_event *event, const char *path)
{
    if (strcmp(path, "get_traces") == 0 || hmz_event_find_piece(event, path))
        return true;
    if (strcmp(path, hmz_event_frib_name(event)) == 0)
        return (event->flags & HMZ_EVENT_HAS_FRIB) != 0;
    return (event->flags & HMZ_EVENT_GET_GROUP) &&
           (strcmp(path, "get") == 0 || strcmp(path, "get/pads") == 0);
}

static bool is_link(const struct work *work, const char *path)
{
    if (!work->source->link || strcmp(path, hmz_event_frib_name(work->event)) == 0)
        return false;
    return strcmp(path, "get_traces") != 0 || (work->event->flags & HMZ_EVENT_HAS_GET);
}

static herr_t look_at_member(hid_t group, const char *name, const hmz_h5_link_info *info, void *data)
{
    const struct members_walk *walk = data;
    char path[512];
    (void)group;
    snprintf(path, sizeof path, "%s%s", walk->group, name);
    if (!is_expected(walk->work->event, path))
        differ(walk->work, path, "is there, but not in the merged run");
    else if (info->type != H5L_TYPE_HARD && !is_link(walk->work, path))
        differ(walk->work, path, "is a link to somewhere, expected the object itself");
    return 0;
}

static void check_members(const struct work *work, hid_t group, const char *path)
{
    struct members_walk walk = {.work = work, .group = path};
    if (hmz_h5_link_iterate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, look_at_member, &walk) < 0)
        differ_h5(work, path, "members cannot be listed");
}

/* Opens what must be there; false after saying that it is not. */
static bool open_member(const struct work *work, const char *path, hid_t *object_out)
{
    *object_out = -1;
    if (H5Lexists(work->group, path, H5P_DEFAULT) == 0)
        differ(work, path, "is missing");
    else if ((*object_out = H5Oopen(work->group, path, H5P_DEFAULT)) < 0)
        differ_h5(work, path, "cannot be opened");
    return *object_out >= 0;
}

/* ---- datasets ---- */

static bool same_shape(const struct hmz_h5_dataset *found, const struct hmz_piece *piece)
{
    return found->rank == piece->rank &&
           memcmp(found->dims, piece->dims, (size_t)piece->rank * sizeof *piece->dims) == 0;
}

/* A type of no standard kind must be the one of the merged run. */
static int check_type(const struct work *work, hid_t dataset, const struct hmz_piece *piece, bool *alike_out,
                      struct hmz_error *err)
{
    HMZ_H5_SCOPED merged = -1;
    HMZ_H5_SCOPED found = H5Dget_type(dataset);
    *alike_out = piece->element == hmz_element_of(found);
    if (piece->element == HMZ_ELEMENT_OTHER && *alike_out) {
        int status = open_merged(work, piece->path, &merged, err);
        if (status != HMZ_OK)
            return status;
        HMZ_H5_SCOPED expected = H5Dget_type(merged);
        *alike_out = expected >= 0 && H5Tequal(expected, found) > 0;
    }
    if (!*alike_out)
        differ(work, piece->path, "holds %s, another type than in the merged run",
               hmz_element_describe(found).text);
    return HMZ_OK;
}

static int check_numbers(struct work *work, hid_t dataset, size_t i, struct hmz_error *err)
{
    const struct hmz_piece *piece = &work->event->pieces[i];
    struct hmz_h5_dataset found;
    struct hmz_error what;
    bool alike = false;
    if (hmz_h5_dataset_describe(dataset, &found, &what) != HMZ_OK) {
        differ(work, piece->path, "%s", what.text);
    } else if (!same_shape(&found, piece)) {
        differ(work, piece->path, "shape %s, in the merged run %s",
               hmz_shape_text(found.dims, found.rank).text, hmz_shape_text(piece->dims, piece->rank).text);
    } else if (piece->bytes > 0 && H5Dget_offset(dataset) == HADDR_UNDEF) {
        differ(work, piece->path, "is not stored in one piece");
    } else {
        int status = check_type(work, dataset, piece, &alike, err);
        if (status != HMZ_OK)
            return status;
    }
    work->alike = work->alike && alike;
    work->compare->offsets.at[i] = alike && piece->bytes > 0 ? H5Dget_offset(dataset) : 0;
    return HMZ_OK;
}

static int check_object(const struct work *work, hid_t object, const struct hmz_piece *piece,
                        struct hmz_error *err)
{
    struct hmz_what_differs what;
    HMZ_H5_SCOPED merged = -1;
    int status = open_merged(work, piece->path, &merged, err);
    if (status == HMZ_OK)
        status = hmz_compare_object(merged, object, &what, err);
    if (status == HMZ_OK && what.text[0])
        differ(work, piece->path, "%s", what.text);
    return status;
}

static int check_piece(struct work *work, size_t i, struct hmz_error *err)
{
    const struct hmz_piece *piece = &work->event->pieces[i];
    HMZ_H5_SCOPED object = -1;
    if (!open_member(work, piece->path, &object)) {
        work->alike = false;
        return HMZ_OK;
    }
    if (piece->storage == HMZ_STORAGE_OBJECT)
        return check_object(work, object, piece, err);
    if (H5Iget_type(object) != H5I_DATASET) {
        differ(work, piece->path, "is no dataset");
        work->alike = false;
        return HMZ_OK;
    }
    int status = check_numbers(work, object, i, err);
    if (status == HMZ_OK)
        status = strcmp(piece->path, "get_traces") == 0
                     ? check_get_attrs(work, object, piece->path, piece->other_attrs, err)
                     : check_attrs(work, object, piece->path, none_own, piece->other_attrs, err);
    return status;
}

/* What an event without GET data has in the place of traces. */
static int check_empty_traces(const struct work *work, struct hmz_error *err)
{
    HMZ_H5_SCOPED object = -1;
    struct hmz_h5_dataset found;
    struct hmz_error what;
    if (!open_member(work, "get_traces", &object))
        return HMZ_OK;
    if (H5Iget_type(object) != H5I_DATASET)
        differ(work, "get_traces", "is no dataset");
    else if (hmz_h5_dataset_describe(object, &found, &what) != HMZ_OK)
        differ(work, "get_traces", "%s", what.text);
    else if (found.rank != 2 || found.dims[0] != 0 || found.dims[1] != HMZ_TRACE_COLUMNS ||
             found.element != HMZ_ELEMENT_I16LE)
        differ(work, "get_traces", "shape %s, expected an empty matrix: the event has no GET data",
               hmz_shape_text(found.dims, found.rank).text);
    return check_attrs(work, object, "get_traces", none_own, false, err);
}

/* ---- groups ---- */

static int check_frib(const struct work *work, struct hmz_error *err)
{
    const struct hmz_event *event = work->event;
    const struct own_number id = {"id", HMZ_ELEMENT_U32LE, event->frib_id};
    const struct own_number timestamp = {"timestamp", HMZ_ELEMENT_U32LE, event->frib_timestamp};
    const char *name = hmz_event_frib_name(event);
    char inside[64];
    HMZ_H5_SCOPED group = -1;
    if (!open_member(work, name, &group))
        return HMZ_OK;
    snprintf(inside, sizeof inside, "%s/", name);
    check_members(work, group, inside);
    check_number(work, group, name, &id);
    check_number(work, group, name, &timestamp);
    return check_attrs(work, group, name, frib_own, event->flags & HMZ_EVENT_FRIB_OTHER_ATTRS, err);
}

static bool same_object(hid_t group, const char *a, const char *b)
{
    hmz_h5_object_info left;
    hmz_h5_object_info right;
    HMZ_H5_SCOPED one = H5Oopen(group, a, H5P_DEFAULT);
    HMZ_H5_SCOPED other = H5Oopen(group, b, H5P_DEFAULT);
    return one >= 0 && other >= 0 && hmz_h5_object_address_get(one, &left) >= 0 &&
           hmz_h5_object_address_get(other, &right) >= 0 && hmz_h5_same_object(group, &left, &right);
}

static int check_get(const struct work *work, struct hmz_error *err)
{
    HMZ_H5_SCOPED group = -1;
    HMZ_H5_SCOPED pads = -1;
    if (!open_member(work, "get", &group))
        return HMZ_OK;
    check_members(work, group, "get/");
    if (open_member(work, "get/pads", &pads) && !same_object(work->group, "get/pads", "get_traces"))
        differ(work, "get/pads", "is not the dataset get_traces under a second name");
    return check_get_attrs(work, group, "get", work->event->flags & HMZ_EVENT_GET_OTHER_ATTRS, err);
}

static int check_event_attrs(const struct work *work, struct hmz_error *err)
{
    const struct own_number run = {"orig_run", HMZ_ELEMENT_I32LE, (uint64_t)work->source->run};
    const struct own_number event = {"orig_event", HMZ_ELEMENT_U64LE, work->event->number};
    check_number(work, work->group, "", &run);
    check_number(work, work->group, "", &event);
    return check_attrs(work, work->group, "", event_own, work->event->flags & HMZ_EVENT_OTHER_ATTRS, err);
}

static void check_link(const struct work *work, const char *path)
{
    struct hmz_what_differs what;
    struct hmz_source_path there = hmz_event_source_path(work->source->layout, work->event, path);
    const struct hmz_link_question question = {.event = work->group,
                                               .path = path,
                                               .source = work->source,
                                               .target = there.text,
                                               .folder = work->compare->folder};
    hmz_compare_link(&question, &work->compare->link_file, &what);
    if (what.text[0])
        differ(work, path, "%s", what.text);
}

/* In place of pieces and of the group `get`. */
static void check_links(struct work *work)
{
    const struct hmz_event *event = work->event;
    work->alike = false; /* there are no bytes here to be compared */
    for (size_t i = 0; i < event->piece_count; i++)
        if (strncmp(event->pieces[i].path, "get/", 4) != 0)
            check_link(work, event->pieces[i].path);
    if (event->flags & HMZ_EVENT_GET_GROUP)
        check_link(work, "get");
}

static int check_structure(struct work *work, struct hmz_error *err)
{
    const struct hmz_event *event = work->event;
    bool links = work->source->link != NULL;
    int status = check_event_attrs(work, err);
    check_members(work, work->group, "");
    if (links)
        check_links(work);
    for (size_t i = 0; !links && status == HMZ_OK && i < event->piece_count; i++)
        status = check_piece(work, i, err);
    if (status == HMZ_OK && (event->flags & HMZ_EVENT_HAS_FRIB))
        status = check_frib(work, err);
    if (status == HMZ_OK && !links && (event->flags & HMZ_EVENT_GET_GROUP))
        status = check_get(work, err);
    if (status == HMZ_OK && !(event->flags & HMZ_EVENT_HAS_GET))
        status = check_empty_traces(work, err);
    return status;
}

/* ---- bytes ---- */

/* The piece whose bytes are at `offset`. */
static const char *piece_at(const struct work *work, uint64_t offset, uint64_t *within_out)
{
    for (size_t i = 0; i < work->event->piece_count; i++) {
        const struct hmz_piece *piece = &work->event->pieces[i];
        uint64_t begin = work->compare->offsets.at[i];
        if (begin <= offset && offset - begin < piece->bytes) {
            *within_out = offset - begin;
            return piece->path;
        }
    }
    *within_out = offset;
    return "";
}

static void tell_first_byte(struct work *work, const uint8_t *merged, const uint8_t *found, uint64_t offset)
{
    uint64_t within;
    size_t at = 0;
    while (merged[at] == found[at])
        at++;
    const char *path = piece_at(work, offset + at, &within);
    if (!work->told)
        differ(work, path, "byte %s is 0x%02x, in the merged run 0x%02x", hmz_count_text(within).text,
               found[at], merged[at]);
    work->told = true;
}

enum { STEP_BYTES = 16 << 10 };

static int compare_bytes(void *data, const uint8_t *bytes, size_t length, uint64_t offset,
                         struct hmz_error *err)
{
    struct work *work = data;
    uint8_t found[STEP_BYTES];
    if (!work->alike)
        return HMZ_OK; /* only the sum of the merged run's bytes is wanted */
    for (size_t done = 0; done < length;) {
        size_t step = length - done < STEP_BYTES ? length - done : STEP_BYTES;
        size_t got;
        int error_number = hmz_io_read_errno(work->compare->fd, found, step, offset + done, &got);
        if (error_number)
            return hmz_fail_errno(err, error_number, "%s: cannot read at byte %s", work->compare->file,
                                  hmz_count_text(offset + done).text);
        if (got < step) {
            differ(work, "", "data end at byte %s, the file at %s", hmz_count_text(offset + length).text,
                   hmz_count_text(offset + done + got).text);
            work->alike = false;
            return HMZ_OK;
        }
        if (memcmp(found, bytes + done, step) != 0)
            tell_first_byte(work, bytes + done, found, offset + done);
        done += step;
    }
    return HMZ_OK;
}

/* ---- the event ---- */

void hmz_compare_release(struct hmz_compare *self)
{
    hmz_offsets_release(&self->offsets);
}

static int check_checksum_of_objects(const struct work *work, uint64_t *checksum, struct hmz_error *err)
{
    for (size_t i = 0; i < work->event->piece_count; i++)
        if (work->event->pieces[i].storage == HMZ_STORAGE_OBJECT)
            return hmz_event_checksum(work->group, checksum, err);
    return HMZ_OK;
}

/* The bytes of the merged run, to the sink of `work`. */
static int move_event(struct work *work, uint64_t *checksum_out, struct hmz_error *err)
{
    const struct hmz_move move = {.source = work->source,
                                  .event = work->event,
                                  .offsets = work->compare->offsets.at,
                                  .sink = {.take = compare_bytes, .data = work}};
    int status = hmz_event_needs_library(work->event) ? hmz_run_source_library(work->source, err) : HMZ_OK;
    return status == HMZ_OK ? hmz_mover_move(work->compare->mover, &move, checksum_out, err) : status;
}

int hmz_compare_try_event(struct hmz_compare *self, struct hmz_run_source *source,
                          const struct hmz_event *event, struct hmz_error *err)
{
    uint64_t checksum;
    struct work work = {.compare = self, .source = source, .event = event, .group = -1};
    int status = hmz_offsets_reserve(&self->offsets, event->piece_count, err);
    return status == HMZ_OK ? move_event(&work, &checksum, err) : status;
}

int hmz_compare_event(struct hmz_compare *self, struct hmz_run_source *source, const struct hmz_event *event,
                      uint64_t number, uint64_t *checksum_out, struct hmz_error *err)
{
    char name[32];
    struct work work = {.compare = self, .source = source, .event = event, .number = number, .alike = true};
    int status = hmz_offsets_reserve(&self->offsets, event->piece_count, err);
    if (status != HMZ_OK)
        return status;
    if (event->piece_count)
        memset(self->offsets.at, 0, event->piece_count * sizeof *self->offsets.at);
    snprintf(name, sizeof name, "event_%" PRIu64, number);
    HMZ_H5_SCOPED group = H5Gopen2(self->events, name, H5P_DEFAULT);
    work.group = group;
    if (group < 0) {
        differ_h5(&work, "", "cannot be opened");
        work.alike = false;
    } else {
        status = check_structure(&work, err);
    }
    if (status == HMZ_OK)
        status = move_event(&work, checksum_out, err);
    if (status == HMZ_OK && group >= 0 && !source->link)
        status = check_checksum_of_objects(&work, checksum_out, err);
    return status;
}
