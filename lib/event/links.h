/* SPDX-License-Identifier: MIT */
/* mode: link. Which parts of an event are links into its merged run, and where they lead.
 *
 *     size_t at = 0;
 *     while (hmz_links_next(layout, event, &at, &link)) …            all links of an event
 *
 * A link is made of the path of the merged run, relative to the real path of harmonic_path, which is where
 * libhdf5 looks for it whatever the current directory of the reader; and of the object's path in it. */
#ifndef HMZ_LINKS_H
#define HMZ_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "event.h"

struct hmz_link {
    const char *path;              /* within the harmonic event: "get_traces", "frib_physics/977", "get" */
    struct hmz_source_path target; /* within the merged run, without the leading slash */
};

/* *at: 0 at first, then as left by the last call. False: there are no more. */
bool hmz_links_next(enum hmz_layout layout, const struct hmz_event *event, size_t *at, struct hmz_link *out);

#endif
