/* SPDX-License-Identifier: MIT */
#include "get_data.h"

int hmz_get_v1_read(struct hmz_run_reader *self, const struct hmz_object *object, struct hmz_event *event,
                    struct hmz_error *err)
{
    if (event->flags & HMZ_EVENT_HAS_GET)
        return hmz_fail(err, HMZ_E_DAMAGED, "the event has a group get as well, expected one of the two");
    const struct hmz_piece_request request = {.object = object,
                                              .path = "get_traces",
                                              .known = hmz_known_get("get_traces"),
                                              .own_attrs = hmz_own_attrs_get};
    int status = hmz_reader_add_piece(self, &request, event, err);
    if (status == HMZ_OK)
        status = hmz_reader_get_ids(object->id, event, err);
    if (status != HMZ_OK)
        return status;
    const struct hmz_piece *traces = &event->pieces[event->piece_count - 1];
    event->traces = traces->dims[0];
    if (traces->other_attrs)
        event->flags |= HMZ_EVENT_GET_OTHER_ATTRS;
    return HMZ_OK;
}
