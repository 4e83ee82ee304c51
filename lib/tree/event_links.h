/* SPDX-License-Identifier: MIT */
/* mode: link. Which parts of an event are links into its merged run, where they lead, and whether a finished
 * harmonic run has them. The groups and attributes around them are made by event_tree.h.
 *
 *     size_t at = 0;
 *     while (hmz_links_next(layout, event, &at, &link)) …            all links of an event
 *
 * A link is made of the path of the merged run, relative to the real path of harmonic_path, which is where
 * libhdf5 looks for it whatever the current directory of the reader; and of the object's path in it. */
#ifndef HMZ_EVENT_LINKS_H
#define HMZ_EVENT_LINKS_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "hmz_error.h"

struct hmz_link {
    const char *path;              /* within the harmonic event: "get_traces", "frib_physics/977", "get" */
    struct hmz_source_path target; /* within the merged run, without the leading slash */
};

/* *at: 0 at first, then as left by the last call. False: there are no more. */
bool hmz_links_next(enum hmz_layout layout, const struct hmz_event *event, size_t *at, struct hmz_link *out);

/* Which event's links, and where they lead. */
struct hmz_links_place {
    uint64_t harmonic_event;
    const char *file; /* the merged run, as the links name it */
    enum hmz_layout layout;
};

/* Reads the links of one event back. `events`: the group of that name in a harmonic run. HMZ_E_FAILED where
 * one is not what was written. */
HMZ_MUST_CHECK int hmz_links_check(hid_t events, const struct hmz_links_place *place,
                                   const struct hmz_event *event, struct hmz_error *err);

#endif
