/* SPDX-License-Identifier: MIT */
#include "get_data.h"

#include <string.h>

#include "h5_scope.h"

/* `pads` becomes get_traces, the name that Spyral reads; all others keep theirs. */
static int read_member(struct hmz_run_reader *self, hid_t group, const struct hmz_member *member,
                       struct hmz_event *event, struct hmz_error *err)
{
    HMZ_OBJECT_SCOPED object = HMZ_OBJECT_CLOSED;
    bool pads = strcmp(member->name, "pads") == 0;
    struct hmz_piece_request request = {.object = &object, .path = "get_traces"};
    request.known = hmz_known_get(pads ? "get_traces" : member->name);
    int status = hmz_reader_open_member(self, group, member->name, &object, err);
    if (status == HMZ_OK && !pads)
        status = hmz_reader_path(self, "get", member->name, &request.path, err);
    if (status == HMZ_OK)
        status = hmz_reader_add_piece(self, &request, event, err);
    if (status != HMZ_OK)
        return hmz_context_path(err, "%s", member->name);
    if (pads)
        event->traces = event->pieces[event->piece_count - 1].dims[0];
    return HMZ_OK;
}

static int read_members(struct hmz_run_reader *self, hid_t group, struct hmz_event *event,
                        struct hmz_error *err)
{
    struct hmz_members members = {0};
    bool pads = false;
    int status = hmz_reader_list_parts(self, group, &members, err);
    for (size_t i = 0; status == HMZ_OK && i < members.count; i++) {
        pads = pads || strcmp(members.items[i].name, "pads") == 0;
        status = read_member(self, group, &members.items[i], event, err);
    }
    hmz_members_release(&members);
    if (status == HMZ_OK && !pads)
        return hmz_fail(err, HMZ_E_DAMAGED, "dataset pads is missing");
    return status;
}

int hmz_get_v2_read(struct hmz_run_reader *self, const struct hmz_object *object, struct hmz_event *event,
                    struct hmz_error *err)
{
    if (event->flags & HMZ_EVENT_HAS_GET)
        return hmz_fail(err, HMZ_E_DAMAGED, "the event has get_traces as well, expected one of the two");
    if (H5Iget_type(object->id) != H5I_GROUP)
        return hmz_fail(err, HMZ_E_DAMAGED, "not a group, expected one");
    int status = hmz_reader_get_ids(object->id, event, err);
    if (status != HMZ_OK)
        return status;
    event->flags |= HMZ_EVENT_GET_GROUP;
    status = hmz_reader_check_group_attrs(self, object, HMZ_EVENT_GET_OTHER_ATTRS, event, err);
    return status == HMZ_OK ? read_members(self, object->id, event, err) : status;
}
