/* SPDX-License-Identifier: MIT */
#include "links.h"

#include <string.h>

bool hmz_links_next(enum hmz_layout layout, const struct hmz_event *event, size_t *at, struct hmz_link *out)
{
    out->path = NULL;
    while (!out->path && *at < event->piece_count) {
        const char *path = event->pieces[(*at)++].path;
        if (strncmp(path, "get/", 4) != 0) /* those are there through the link `get` */
            out->path = path;
    }
    if (!out->path && *at == event->piece_count && (event->flags & HMZ_EVENT_GET_GROUP)) {
        (*at)++;
        out->path = "get";
    }
    if (out->path)
        out->target = hmz_event_source_path(layout, event, out->path);
    return out->path != NULL;
}
