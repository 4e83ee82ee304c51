/* SPDX-License-Identifier: MIT */
/* Whether a finished harmonic run of links (links.h) has those of an event. The groups and attributes around
 * them are made by event_tree.h. */
#ifndef HMZ_EVENT_LINKS_H
#define HMZ_EVENT_LINKS_H

#include <hdf5.h>
#include <stdint.h>

#include "event.h"
#include "hmz_error.h"
#include "links.h"

/* Which event's links, and where they lead. */
struct hmz_links_request {
    uint64_t harmonic_event;
    const char *file; /* the merged run, as the links name it */
    enum hmz_layout layout;
};

/* Reads the links of one event back. `events`: the group of that name in a harmonic run. HMZ_E_FAILED where
 * one is not what was written. */
HMZ_MUST_CHECK int hmz_links_check(hid_t events, const struct hmz_links_request *request,
                                   const struct hmz_event *event, struct hmz_error *err);

#endif
