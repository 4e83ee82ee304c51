/* SPDX-License-Identifier: MIT */
/* Merger 0.1.0: the parts of an event are flat datasets with the event number in their names, and ids lie in
 * small header datasets instead of attributes. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "h5_error.h"
#include "h5_scope.h"
#include "plain_text.h"
#include "run_reader_internal.h"

/* What meta/meta says of a run of no event and of one: the number it begins with. */
enum { META_NOTHING_YET = 1000000000 };

static bool probe(struct hmz_run_reader *self)
{
    return hmz_reader_has_link(self, self->file, "get") || hmz_reader_has_link(self, self->file, "meta");
}

/* ---- the run as a whole ---- */

static bool path_exists(struct hmz_run_reader *self, const char *folder, const char *path)
{
    return hmz_reader_has_link(self, self->file, folder) && hmz_reader_has_link(self, self->file, path);
}

enum { HEAD_VALUES = 4 };

static int read_head(struct hmz_run_reader *self, const char *path, hid_t memory_type, void *values,
                     struct hmz_error *err)
{
    HMZ_OBJECT_SCOPED dataset = HMZ_OBJECT_CLOSED;
    size_t count = 0;
    int status = hmz_reader_open_member(self, self->file, path, &dataset, err);
    if (status == HMZ_OK)
        status = hmz_reader_read_row(dataset.id, memory_type, values, HEAD_VALUES, &count, err);
    if (status == HMZ_OK && count != HEAD_VALUES)
        status = hmz_fail(err, HMZ_E_DAMAGED, "%zu values, expected %d", count, HEAD_VALUES);
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "%s", path);
}

static int read_meta(struct hmz_run_reader *self, struct hmz_error *err)
{
    uint64_t meta[HEAD_VALUES];
    if (!path_exists(self, "meta", "meta/meta"))
        return HMZ_OK;
    int status = read_head(self, "meta/meta", H5T_NATIVE_UINT64, meta, err);
    if (status != HMZ_OK)
        return status;
    self->claims = (struct hmz_run_claims){.there = true, .first_event = meta[0], .last_event = meta[2]};
    self->info.present |= HMZ_RUN_HAS_GET_TIMES;
    self->info.min_get_ts = meta[1];
    self->info.max_get_ts = meta[3];
    return HMZ_OK;
}

static int read_runinfo(struct hmz_run_reader *self, struct hmz_error *err)
{
    uint32_t values[HEAD_VALUES];
    if (!path_exists(self, "frib", "frib/runinfo"))
        return HMZ_OK;
    int status = read_head(self, "frib/runinfo", H5T_NATIVE_UINT32, values, err);
    if (status != HMZ_OK)
        return status;
    self->info.present |= HMZ_RUN_HAS_FRIB_INFO;
    self->info.frib_run = values[0];
    self->info.frib_start = values[1];
    self->info.frib_stop = values[2];
    self->info.frib_time = values[3];
    return HMZ_OK;
}

/* The title ends at the first NUL; what is not UTF-8 is Latin-1, as typed on the DAQ's console. */
static void take_title(struct hmz_run_info *info, const char *bytes)
{
    info->present |= HMZ_RUN_HAS_TITLE;
    hmz_text_to_utf8(bytes, info->title, sizeof info->title);
}

enum { TITLE_ROOM = 120 }; /* the merger writes 81 bytes */

static int read_title(struct hmz_run_reader *self, struct hmz_error *err)
{
    uint8_t bytes[TITLE_ROOM + 1] = {0};
    size_t count;
    if (!path_exists(self, "frib", "frib/title"))
        return HMZ_OK;
    HMZ_OBJECT_SCOPED dataset = HMZ_OBJECT_CLOSED;
    int status = hmz_reader_open_member(self, self->file, "frib/title", &dataset, err);
    if (status == HMZ_OK)
        status = hmz_reader_read_row(dataset.id, H5T_NATIVE_UINT8, bytes, TITLE_ROOM, &count, err);
    if (status != HMZ_OK)
        return hmz_context(err, "frib/title");
    take_title(&self->info, (const char *)bytes);
    return HMZ_OK;
}

/* Members of both folders go into one list: sorted by number, the parts of an event lie together. The part
 * gets its folder in front, because both have headers: "get/header", "frib/977". */
static int list_folder(struct hmz_run_reader *self, const char *path, const char *prefix, hid_t *group_out,
                       struct hmz_error *err)
{
    size_t before = self->events.count;
    hid_t group = *group_out = H5Gopen2(self->file, path, H5P_DEFAULT);
    if (group < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "%s: cannot be opened as a group", path);
    int status = hmz_members_list(&self->events, group, path, hmz_member_parse_evt, &self->names, err);
    for (size_t i = before; status == HMZ_OK && i < self->events.count; i++)
        status = hmz_reader_path(self, prefix, self->events.items[i].name, &self->events.items[i].name, err);
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "%s", path);
}

static int list_scalers(struct hmz_run_reader *self, struct hmz_error *err)
{
    hid_t group = self->scaler_group = H5Gopen2(self->file, "frib/scaler", H5P_DEFAULT);
    if (group < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "frib/scaler: cannot be opened as a group");
    return hmz_members_list(&self->scalers, group, "frib/scaler", hmz_member_parse_scaler, &self->names, err);
}

struct top_walk {
    struct hmz_run_reader *reader;
    const char *path;
    const char *const *known;
};

static herr_t note_unknown(hid_t group, const char *name, const hmz_h5_link_info *info, void *data)
{
    const struct top_walk *walk = data;
    char text[HMZ_RUN_LEFT_OUT_BYTES];
    (void)group;
    (void)info;
    for (const char *const *known = walk->known; *known; known++)
        if (strcmp(*known, name) == 0)
            return 0;
    snprintf(text, sizeof text, "%s/%s", walk->path, name);
    hmz_reader_leave_out(walk->reader, text);
    return 0;
}

static int note_unknown_members(struct hmz_run_reader *self, struct hmz_error *err)
{
    static const char *const top[] = {"get", "frib", "meta", NULL};
    static const char *const frib[] = {"evt", "scaler", "runinfo", "title", NULL};
    struct top_walk walk = {.reader = self, .path = "", .known = top};
    herr_t result = hmz_h5_link_iterate(self->file, H5_INDEX_NAME, H5_ITER_INC, NULL, note_unknown, &walk);
    if (result >= 0 && hmz_reader_has_link(self, self->file, "frib")) {
        HMZ_H5_SCOPED group = H5Gopen2(self->file, "frib", H5P_DEFAULT);
        walk = (struct top_walk){.reader = self, .path = "/frib", .known = frib};
        result = group < 0
                     ? -1
                     : hmz_h5_link_iterate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, note_unknown, &walk);
    }
    if (result < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "members of the file cannot be listed");
    return HMZ_OK;
}

static int list(struct hmz_run_reader *self, struct hmz_error *err)
{
    self->info.version_known = true; /* 0.1.0 names none: its tree says it */
    int status = read_meta(self, err);
    if (status == HMZ_OK)
        status = read_runinfo(self, err);
    if (status == HMZ_OK)
        status = read_title(self, err);
    if (status == HMZ_OK && hmz_reader_has_link(self, self->file, "get"))
        status = list_folder(self, "get", "get", &self->event_group, err);
    if (status == HMZ_OK && path_exists(self, "frib", "frib/evt"))
        status = list_folder(self, "frib/evt", "frib", &self->frib_group, err);
    if (status == HMZ_OK && path_exists(self, "frib", "frib/scaler"))
        status = list_scalers(self, err);
    return status == HMZ_OK ? note_unknown_members(self, err) : status;
}

/* meta/meta is written before the last GET event, so it tells of the one before; after one event or none it
 * still holds what it began with. */
static bool fits(const struct hmz_run_reader *self)
{
    const struct hmz_run_claims *claims = &self->claims;
    const struct hmz_run_found *found = &self->found;
    if (!claims->there)
        return false;
    if (found->get_count + found->damaged_count < 2)
        return claims->first_event == META_NOTHING_YET && claims->last_event == 0;
    bool first = claims->first_event == found->first_get;
    bool last = claims->last_event >= found->last_get_but_one && claims->last_event <= found->last_get;
    return (first || hmz_found_damaged_first(found, claims)) &&
           (last || hmz_found_damaged_last(found, claims));
}

/* ---- one event ---- */

static int whole_number(double value, double limit, const char *what, uint64_t *number_out,
                        struct hmz_error *err)
{
    if (!(value >= 0 && value < limit) || (double)(uint64_t)value != value)
        return hmz_fail(err, HMZ_E_DAMAGED, "%s is %.17g, expected a whole number from 0 to below %.0f", what,
                        value, limit);
    *number_out = (uint64_t)value;
    return HMZ_OK;
}

/* f64 [3]: id, timestamp, timestamp_other; whole numbers held in doubles. */
static int read_get_header(hid_t dataset, struct hmz_event *event, struct hmz_error *err)
{
    double header[3];
    size_t count;
    uint64_t id = 0;
    int status = hmz_reader_read_row(dataset, H5T_NATIVE_DOUBLE, header, 3, &count, err);
    if (status == HMZ_OK && count != 3)
        status = hmz_fail(err, HMZ_E_DAMAGED, "%zu values, expected 3", count);
    if (status == HMZ_OK)
        status = whole_number(header[0], 0x1p32, "id", &id, err);
    if (status == HMZ_OK)
        status = whole_number(header[1], 0x1p64, "timestamp", &event->get_timestamp, err);
    if (status == HMZ_OK)
        status = whole_number(header[2], 0x1p64, "timestamp_other", &event->get_timestamp_other, err);
    event->get_id = (uint32_t)id;
    event->flags |= HMZ_EVENT_HAS_GET;
    return status;
}

/* u32 [2]: id, timestamp. */
static int read_frib_header(hid_t dataset, struct hmz_event *event, struct hmz_error *err)
{
    uint32_t header[2] = {0};
    size_t count;
    int status = hmz_reader_read_row(dataset, H5T_NATIVE_UINT32, header, 2, &count, err);
    if (status == HMZ_OK && count != 2)
        status = hmz_fail(err, HMZ_E_DAMAGED, "%zu values, expected 2", count);
    event->frib_id = header[0];
    event->frib_timestamp = header[1];
    event->flags |= HMZ_EVENT_HAS_FRIB;
    return status;
}

static const char *after(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

/* The path in the harmonic event of part "get/data" or "frib/977". */
static int piece_path(struct hmz_run_reader *self, const char *part, struct hmz_piece_request *request,
                      struct hmz_error *err)
{
    const char *module = after(part, "frib/");
    if (module) {
        request->known = hmz_known_frib(module);
        return hmz_reader_path(self, "frib_physics", module, &request->path, err);
    }
    const char *name = after(part, "get/");
    if (strcmp(name, "data") != 0) {
        request->path = name;
        return HMZ_OK;
    }
    request->path = "get_traces";
    request->known = hmz_known_get("get_traces");
    return HMZ_OK;
}

static int read_data(struct hmz_run_reader *self, const struct hmz_member *member,
                     const struct hmz_object *object, struct hmz_event *event, struct hmz_error *err)
{
    struct hmz_piece_request request = {.object = object};
    int status = piece_path(self, member->name, &request, err);
    if (status == HMZ_OK)
        status = hmz_reader_add_piece(self, &request, event, err);
    if (status != HMZ_OK)
        return status;
    if (strcmp(member->name, "get/data") == 0)
        event->traces = event->pieces[event->piece_count - 1].dims[0];
    if (strcmp(member->name, "frib/977") == 0)
        return hmz_reader_take_coincidence(self, object->id, event, err);
    return HMZ_OK;
}

/* Part "get/data" of event 12 is evt12_data of get, "frib/977" evt12_977 of frib/evt. */
static int open_part(struct hmz_run_reader *self, const struct hmz_member *member,
                     struct hmz_object *object_out, struct hmz_error *err)
{
    char name[HMZ_MEMBER_NAME_BYTES + 1];
    const char *module = after(member->name, "frib/");
    const char *part = module ? module : member->name + strlen("get/");
    snprintf(name, sizeof name, "evt%" PRIu64 "_%s", member->number, part);
    return hmz_reader_open_member(self, module ? self->frib_group : self->event_group, name, object_out, err);
}

static int read_member(struct hmz_run_reader *self, const struct hmz_member *member, struct hmz_event *event,
                       struct hmz_error *err)
{
    HMZ_OBJECT_SCOPED object = HMZ_OBJECT_CLOSED;
    int status = open_part(self, member, &object, err);
    if (status != HMZ_OK)
        return status;
    if (strcmp(member->name, "get/header") == 0)
        return read_get_header(object.id, event, err);
    if (strcmp(member->name, "frib/header") == 0)
        return read_frib_header(object.id, event, err);
    return read_data(self, member, &object, event, err);
}

/* Data without their header have no id, and a header without data lost its traces. */
static int check_headers(const struct hmz_member *members, size_t count, struct hmz_error *err)
{
    bool get_header = false, get_data = false, frib_header = false, frib_data = false;
    for (size_t i = 0; i < count; i++) {
        const char *part = members[i].name;
        get_header = get_header || strcmp(part, "get/header") == 0;
        get_data = get_data || strcmp(part, "get/data") == 0;
        frib_header = frib_header || strcmp(part, "frib/header") == 0;
        frib_data = frib_data || (after(part, "frib/") && strcmp(part, "frib/header") != 0);
    }
    uint64_t number = members->number;
    if (get_header != get_data)
        return hmz_fail(err, HMZ_E_DAMAGED, "get/evt%" PRIu64 "_%s is missing", number,
                        get_header ? "data" : "header");
    if (frib_data && !frib_header)
        return hmz_fail(err, HMZ_E_DAMAGED, "frib/evt/evt%" PRIu64 "_header is missing", number);
    return HMZ_OK;
}

static int read_event(struct hmz_run_reader *self, const struct hmz_member *members, size_t count,
                      struct hmz_event *event, struct hmz_error *err)
{
    int status = check_headers(members, count, err);
    for (size_t i = 0; status == HMZ_OK && i < count; i++) {
        status = read_member(self, &members[i], event, err);
        const char *module = after(members[i].name, "frib/");
        if (status != HMZ_OK)
            return hmz_context(err, "%s/evt%" PRIu64 "_%s", module ? "frib/evt" : "get", event->number,
                               module ? module : after(members[i].name, "get/"));
    }
    return status;
}

/* ---- one scaler readout ---- */

/* u32 [5]: start offset, stop offset, timestamp, number of values, incremental. The number of values is not
 * needed: the data have a length. */
static int read_scaler_header(hid_t dataset, struct hmz_scaler *scaler, struct hmz_error *err)
{
    uint32_t header[5];
    size_t count;
    int status = hmz_reader_read_row(dataset, H5T_NATIVE_UINT32, header, 5, &count, err);
    if (status == HMZ_OK && count != 5)
        status = hmz_fail(err, HMZ_E_DAMAGED, "%zu values, expected 5", count);
    if (status != HMZ_OK)
        return status;
    scaler->start_offset = header[0];
    scaler->stop_offset = header[1];
    scaler->timestamp = header[2];
    scaler->incremental = header[4];
    return HMZ_OK;
}

static int read_scaler_data(hid_t dataset, struct hmz_scaler *scaler, struct hmz_error *err)
{
    size_t count = 0;
    int status =
        hmz_reader_read_row(dataset, H5T_NATIVE_UINT32, scaler->values, HMZ_SCALER_VALUES_LAST, &count, err);
    scaler->value_count = (uint32_t)count;
    return status;
}

static int read_scaler(struct hmz_run_reader *self, const struct hmz_member *members, size_t count,
                       struct hmz_scaler *scaler, struct hmz_error *err)
{
    /* Sorted: "data" before "header". */
    static const char *const parts[] = {"data", "header"};
    int (*const readers[])(hid_t, struct hmz_scaler *, struct hmz_error *) = {read_scaler_data,
                                                                              read_scaler_header};
    for (size_t i = 0; i < 2; i++) {
        if (i >= count || strcmp(members[i].name, parts[i]) != 0)
            return hmz_fail(err, HMZ_E_DAMAGED, "frib/scaler/scaler%" PRIu64 "_%s is missing", scaler->number,
                            parts[i]);
        HMZ_OBJECT_SCOPED dataset = HMZ_OBJECT_CLOSED;
        char name[32];
        snprintf(name, sizeof name, "scaler%" PRIu64 "_%s", scaler->number, parts[i]);
        int status = hmz_reader_open_member(self, self->scaler_group, name, &dataset, err);
        if (status == HMZ_OK)
            status = readers[i](dataset.id, scaler, err);
        if (status != HMZ_OK)
            return hmz_context(err, "frib/scaler/scaler%" PRIu64 "_%s", scaler->number, parts[i]);
    }
    if (count > 2)
        return hmz_fail(err, HMZ_E_DAMAGED,
                        "frib/scaler/scaler%" PRIu64 "_%s: unknown, expected data and header", scaler->number,
                        members[2].name);
    return HMZ_OK;
}

const struct hmz_layout_ops hmz_layout_flat = {
    .name = "0.1.0",
    .layout = HMZ_LAYOUT_FLAT,
    .probe = probe,
    .list = list,
    .read_event = read_event,
    .read_scaler = read_scaler,
    .fits = fits,
};
