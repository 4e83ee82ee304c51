/* SPDX-License-Identifier: MIT */
/* Merger 0.2.0 and later (and the synchronizer): /events/event_N and /scalers/event_N. What differs between
 * these versions is the GET part of an event: get_v1.c and get_v2.c, chosen event by event by what is there.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "h5_attr.h"
#include "h5_error.h"
#include "h5_scope.h"
#include "get_data.h"
#include "run_reader_internal.h"

static const char *const known_versions[] = {"libattpc_merger:0.2.0", "libattpc_merger:1.0",
                                             "libattpc_merger:2.0", "synchronizer:0.1.0"};
static const char *const event_attrs[] = {"min_event",  "max_event", "min_get_ts", "max_get_ts", "frib_run",
                                          "frib_start", "frib_stop", "frib_time",  "version",    NULL};
static const char *const scaler_attrs[] = {"min_event", "max_event", "version", NULL};
static const char *const no_attrs[] = {NULL};
static const char harmonic_prefix[] = "harmonizer:";

static bool probe(struct hmz_run_reader *self)
{
    return hmz_reader_has_link(self, self->file, "events");
}

/* ---- the run as a whole ---- */

static int read_version(struct hmz_run_reader *self, hid_t events, struct hmz_error *err)
{
    struct hmz_run_info *info = &self->info;
    if (!hmz_reader_has_attr(self, events, "version"))
        return HMZ_OK;
    int status = hmz_h5_attr_read_text(events, "version", info->version, sizeof info->version, err);
    if (status != HMZ_OK)
        return status;
    if (strncmp(info->version, harmonic_prefix, sizeof harmonic_prefix - 1) == 0)
        return hmz_fail_reach(err, HMZ_E_USAGE, HMZ_REACH_RUN,
                              "is a harmonic run (events@version is %s), expected a merged run: its events "
                              "would lose their origin",
                              info->version);
    for (size_t i = 0; i < sizeof known_versions / sizeof *known_versions; i++)
        if (strcmp(info->version, known_versions[i]) == 0)
            info->version_known = true;
    return HMZ_OK;
}

static int read_frib_info(struct hmz_run_reader *self, hid_t events, struct hmz_error *err)
{
    struct hmz_run_info *info = &self->info;
    static const char *const names[] = {"frib_run", "frib_start", "frib_stop", "frib_time"};
    uint32_t *const to[] = {&info->frib_run, &info->frib_start, &info->frib_stop, &info->frib_time};
    for (size_t i = 0; i < 4; i++)
        if (!hmz_reader_has_attr(self, events, names[i]))
            return HMZ_OK;
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < 4; i++)
        status = hmz_h5_attr_read_u32(events, names[i], to[i], err);
    info->present |= HMZ_RUN_HAS_FRIB_INFO;
    return status;
}

static int read_get_times(struct hmz_run_reader *self, hid_t events, struct hmz_error *err)
{
    struct hmz_run_info *info = &self->info;
    if (!hmz_reader_has_attr(self, events, "min_get_ts") || !hmz_reader_has_attr(self, events, "max_get_ts"))
        return HMZ_OK;
    info->present |= HMZ_RUN_HAS_GET_TIMES;
    int status = hmz_h5_attr_read_u64(events, "min_get_ts", &info->min_get_ts, err);
    return status == HMZ_OK ? hmz_h5_attr_read_u64(events, "max_get_ts", &info->max_get_ts, err) : status;
}

static int read_claims(struct hmz_run_reader *self, hid_t events, struct hmz_error *err)
{
    struct hmz_run_claims *claims = &self->claims;
    if (!hmz_reader_has_attr(self, events, "min_event") || !hmz_reader_has_attr(self, events, "max_event"))
        return HMZ_OK;
    claims->there = true;
    int status = hmz_h5_attr_read_u64(events, "min_event", &claims->first_event, err);
    return status == HMZ_OK ? hmz_h5_attr_read_u64(events, "max_event", &claims->last_event, err) : status;
}

struct attr_walk {
    struct hmz_run_reader *reader;
    const char *path;
    const char *const *known;
};

static herr_t note_unknown_attr(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    const struct attr_walk *walk = data;
    char text[HMZ_RUN_LEFT_OUT_BYTES];
    (void)object;
    (void)info;
    for (const char *const *known = walk->known; *known; known++)
        if (strcmp(*known, name) == 0)
            return 0;
    snprintf(text, sizeof text, "%s@%s", walk->path, name);
    hmz_reader_leave_out(walk->reader, text);
    return 0;
}

static int note_unknown_attrs(struct hmz_run_reader *self, hid_t object, const char *path,
                              const char *const *known, struct hmz_error *err)
{
    struct attr_walk walk = {.reader = self, .path = path, .known = known};
    if (H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, note_unknown_attr, &walk) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "%s: attributes cannot be listed", path);
    return HMZ_OK;
}

static int list_events(struct hmz_run_reader *self, struct hmz_error *err)
{
    hid_t events = self->event_group = H5Gopen2(self->file, "events", H5P_DEFAULT);
    if (events < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "events: cannot be opened as a group");
    int status = hmz_reader_check_header(self, events, NULL, err);
    if (status == HMZ_OK)
        status = read_version(self, events, err);
    if (status == HMZ_OK)
        status = read_frib_info(self, events, err);
    if (status == HMZ_OK)
        status = read_get_times(self, events, err);
    if (status == HMZ_OK)
        status = read_claims(self, events, err);
    if (status == HMZ_OK)
        status = hmz_members_list(&self->events, events, "events", hmz_member_parse_event, &self->names, err);
    if (status != HMZ_OK)
        return status == HMZ_E_USAGE ? status : hmz_context(err, "events");
    return note_unknown_attrs(self, events, "events", event_attrs, err);
}

static int list_scalers(struct hmz_run_reader *self, struct hmz_error *err)
{
    if (!hmz_reader_has_link(self, self->file, "scalers"))
        return HMZ_OK;
    hid_t scalers = self->scaler_group = H5Gopen2(self->file, "scalers", H5P_DEFAULT);
    if (scalers < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "scalers: cannot be opened as a group");
    int status = hmz_reader_check_header(self, scalers, NULL, err);
    if (status == HMZ_OK && hmz_reader_has_attr(self, scalers, "max_event")) {
        self->claims.scalers_there = true;
        status = hmz_h5_attr_read_u64(scalers, "max_event", &self->claims.last_scaler, err);
    }
    if (status == HMZ_OK)
        status =
            hmz_members_list(&self->scalers, scalers, "scalers", hmz_member_parse_event, &self->names, err);
    if (status != HMZ_OK)
        return hmz_context(err, "scalers");
    return note_unknown_attrs(self, scalers, "scalers", scaler_attrs, err);
}

static herr_t note_unknown_member(hid_t group, const char *name, const hmz_h5_link_info *info, void *data)
{
    char text[HMZ_RUN_LEFT_OUT_BYTES];
    (void)group;
    (void)info;
    if (strcmp(name, "events") == 0 || strcmp(name, "scalers") == 0)
        return 0;
    snprintf(text, sizeof text, "/%s", name);
    hmz_reader_leave_out(data, text);
    return 0;
}

static int list(struct hmz_run_reader *self, struct hmz_error *err)
{
    int status = hmz_reader_check_header(self, self->file, NULL, err);
    if (status != HMZ_OK)
        return hmz_context(err, "/");
    status = list_events(self, err);
    if (status == HMZ_OK)
        status = list_scalers(self, err);
    if (status != HMZ_OK)
        return status;
    if (hmz_h5_link_iterate(self->file, H5_INDEX_NAME, H5_ITER_INC, NULL, note_unknown_member, self) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "members of the file cannot be listed");
    return note_unknown_attrs(self, self->file, "/", no_attrs, err);
}

/* From 0.2.1 on max_event is the last GET event, inclusive; 0 where there is none. */
static bool fits(const struct hmz_run_reader *self)
{
    const struct hmz_run_claims *claims = &self->claims;
    const struct hmz_run_found *found = &self->found;
    if (!claims->there)
        return false;
    if (claims->first_event != (found->get_count ? found->first_get : 0) &&
        !hmz_found_damaged_first(found, claims))
        return false;
    if (claims->last_event != (found->get_count ? found->last_get : 0) &&
        !hmz_found_damaged_last(found, claims))
        return false;
    if (!claims->scalers_there)
        return found->scaler_count == 0;
    return claims->last_scaler == (found->scaler_count ? found->last_scaler : 0);
}

/* The one member of its number. */
static int open_numbered(struct hmz_run_reader *self, hid_t group, const struct hmz_member *members,
                         size_t count, struct hmz_object *object_out, struct hmz_error *err)
{
    char name[32];
    if (count > 1)
        return hmz_fail(err, HMZ_E_DAMAGED, "%zu members have this name, expected one", count);
    snprintf(name, sizeof name, "event_%" PRIu64, members->number);
    return hmz_reader_open_member(self, group, name, object_out, err);
}

/* ---- one event ---- */

/* One dataset of frib_physics. */
static int read_module(struct hmz_run_reader *self, hid_t frib, const struct hmz_member *member,
                       struct hmz_event *event, struct hmz_error *err)
{
    HMZ_OBJECT_SCOPED object = HMZ_OBJECT_CLOSED;
    struct hmz_piece_request request = {.object = &object, .known = hmz_known_frib(member->name)};
    int status = hmz_reader_open_member(self, frib, member->name, &object, err);
    if (status == HMZ_OK)
        status = hmz_reader_path(self, "frib_physics", member->name, &request.path, err);
    if (status == HMZ_OK)
        status = hmz_reader_add_piece(self, &request, event, err);
    if (status == HMZ_OK && strcmp(member->name, "977") == 0)
        status = hmz_reader_take_coincidence(self, object.id, event, err);
    return status == HMZ_OK ? HMZ_OK : hmz_context_path(err, "%s", member->name);
}

static int read_frib(struct hmz_run_reader *self, const struct hmz_object *frib, struct hmz_event *event,
                     struct hmz_error *err)
{
    if (H5Iget_type(frib->id) != H5I_GROUP)
        return hmz_fail(err, HMZ_E_DAMAGED, "not a group, expected one");
    int status = hmz_reader_frib_ids(frib->id, event, err);
    if (status == HMZ_OK)
        status = hmz_reader_check_group_attrs(self, frib, HMZ_EVENT_FRIB_OTHER_ATTRS, event, err);
    if (status != HMZ_OK)
        return status;
    struct hmz_members modules = {0};
    status = hmz_reader_list_parts(self, frib->id, &modules, err);
    for (size_t i = 0; status == HMZ_OK && i < modules.count; i++)
        status = read_module(self, frib->id, &modules.items[i], event, err);
    hmz_members_release(&modules);
    return status;
}

/* The parts of an event that have a reader of their own; all others are carried over as they are. */
static const struct part_reader {
    const char *name;
    int (*read)(struct hmz_run_reader *self, const struct hmz_object *object, struct hmz_event *event,
                struct hmz_error *err);
} part_readers[] = {
    {"frib_physics", read_frib},
    {"get_traces", hmz_get_v1_read},
    {"get", hmz_get_v2_read},
};

static int read_part(struct hmz_run_reader *self, hid_t group, const struct hmz_member *member,
                     struct hmz_event *event, struct hmz_error *err)
{
    HMZ_OBJECT_SCOPED object = HMZ_OBJECT_CLOSED;
    int status = hmz_reader_open_member(self, group, member->name, &object, err);
    if (status != HMZ_OK)
        return hmz_context_path(err, "%s", member->name);
    for (size_t i = 0; i < sizeof part_readers / sizeof *part_readers; i++) {
        if (strcmp(part_readers[i].name, member->name) == 0) {
            status = part_readers[i].read(self, &object, event, err);
            return status == HMZ_OK ? HMZ_OK : hmz_context_path(err, "%s", member->name);
        }
    }
    const struct hmz_piece_request request = {.object = &object, .path = member->name};
    status = hmz_reader_add_piece(self, &request, event, err);
    return status == HMZ_OK ? HMZ_OK : hmz_context_path(err, "%s", member->name);
}

static int read_parts(struct hmz_run_reader *self, const struct hmz_object *group, struct hmz_event *event,
                      struct hmz_error *err)
{
    if (H5Iget_type(group->id) != H5I_GROUP)
        return hmz_fail(err, HMZ_E_DAMAGED, "not a group, expected one");
    int status = hmz_reader_check_group_attrs(self, group, HMZ_EVENT_OTHER_ATTRS, event, err);
    if (status != HMZ_OK)
        return status;
    self->open_event = group->id;
    hmz_members_clear(&self->parts);
    status = hmz_reader_list_parts(self, group->id, &self->parts, err);
    for (size_t i = 0; status == HMZ_OK && i < self->parts.count; i++)
        status = read_part(self, group->id, &self->parts.items[i], event, err);
    return status;
}

static int read_event(struct hmz_run_reader *self, const struct hmz_member *members, size_t count,
                      struct hmz_event *event, struct hmz_error *err)
{
    HMZ_OBJECT_SCOPED group = HMZ_OBJECT_CLOSED;
    int status = open_numbered(self, self->event_group, members, count, &group, err);
    if (status == HMZ_OK)
        status = read_parts(self, &group, event, err);
    return status == HMZ_OK ? HMZ_OK : hmz_context_path(err, "events/event_%" PRIu64, event->number);
}

/* ---- one scaler readout ---- */

static int read_readout(hid_t dataset, struct hmz_scaler *scaler, struct hmz_error *err)
{
    size_t count = 0;
    int status =
        hmz_reader_read_row(dataset, H5T_NATIVE_UINT32, scaler->values, HMZ_SCALER_VALUES_LAST, &count, err);
    if (status != HMZ_OK)
        return status;
    scaler->value_count = (uint32_t)count;
    status = hmz_h5_attr_read_u32(dataset, "start_offset", &scaler->start_offset, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_read_u32(dataset, "stop_offset", &scaler->stop_offset, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_read_u32(dataset, "timestamp", &scaler->timestamp, err);
    return status == HMZ_OK ? hmz_h5_attr_read_u32(dataset, "incremental", &scaler->incremental, err)
                            : status;
}

static int read_scaler(struct hmz_run_reader *self, const struct hmz_member *members, size_t count,
                       struct hmz_scaler *scaler, struct hmz_error *err)
{
    HMZ_OBJECT_SCOPED dataset = HMZ_OBJECT_CLOSED;
    int status = open_numbered(self, self->scaler_group, members, count, &dataset, err);
    if (status == HMZ_OK)
        status = read_readout(dataset.id, scaler, err);
    return status == HMZ_OK ? HMZ_OK : hmz_context_path(err, "scalers/event_%" PRIu64, scaler->number);
}

const struct hmz_layout_ops hmz_layout_grouped = {
    .name = "0.2.0 and later",
    .layout = HMZ_LAYOUT_GROUPED,
    .probe = probe,
    .list = list,
    .read_event = read_event,
    .read_scaler = read_scaler,
    .fits = fits,
};
