/* SPDX-License-Identifier: MIT */
#include "event_links.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_tree_internal.h"
#include "h5_error.h"

enum { LINK_BYTES = 8192 }; /* more than two paths */

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

/* ---- writing ---- */

static int make_link(struct hmz_tree_work *work, const struct hmz_link *link, struct hmz_error *err)
{
    static const char prefix[] = "frib_physics/";
    hid_t parent = work->group;
    const char *name = link->path;
    if (strncmp(name, prefix, strlen(prefix)) == 0) {
        int status = hmz_tree_make_frib(work, err);
        if (status != HMZ_OK)
            return status;
        parent = work->frib;
        name += strlen(prefix);
    }
    char target[HMZ_SOURCE_PATH_BYTES + 1];
    snprintf(target, sizeof target, "/%s", link->target.text);
    if (H5Lcreate_external(work->request->link_file, target, parent, name, H5P_DEFAULT, H5P_DEFAULT) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot link %s", link->path);
    return HMZ_OK;
}

int hmz_tree_link_pieces(struct hmz_tree_work *work, struct hmz_error *err)
{
    struct hmz_link link;
    size_t at = 0;
    int status = HMZ_OK;
    while (status == HMZ_OK && hmz_links_next(work->request->source.layout, work->event, &at, &link))
        status = make_link(work, &link, err);
    return status;
}

/* ---- reading back ---- */

static int check_link(hid_t events, const struct hmz_tree_request *request, const struct hmz_link *link,
                      struct hmz_error *err)
{
    char place[HMZ_SOURCE_PATH_BYTES + 32];
    char value[LINK_BYTES];
    value[LINK_BYTES - 1] =
        '\0'; /* libhdf5 wants the end of the room to be one of text, however short the link */
    const char *file = NULL;
    const char *target = NULL;
    unsigned flags;
    snprintf(place, sizeof place, "event_%" PRIu64 "/%s", request->harmonic_event, link->path);
    if (H5Lget_val(events, place, value, sizeof value, H5P_DEFAULT) < 0 ||
        H5Lunpack_elink_val(value, sizeof value, &flags, &file, &target) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "%s: the link cannot be read", place);
    if (strcmp(file, request->link_file) != 0 || target[0] != '/' ||
        strcmp(target + 1, link->target.text) != 0)
        return hmz_fail(err, HMZ_E_FAILED,
                        "%s: links to %s in %s, written was /%s in %s: the disk or the memory of this "
                        "machine changed it",
                        place, target, file, link->target.text, request->link_file);
    return HMZ_OK;
}

int hmz_links_check(hid_t events, const struct hmz_tree_request *request, struct hmz_error *err)
{
    struct hmz_link link;
    size_t at = 0;
    int status = HMZ_OK;
    while (status == HMZ_OK && hmz_links_next(request->source.layout, request->event, &at, &link))
        status = check_link(events, request, &link, err);
    return status;
}
