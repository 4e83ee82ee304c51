/* SPDX-License-Identifier: MIT */
#include "event_links.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "h5_error.h"
#include "h5_link.h"

static int check_link(hid_t events, const struct hmz_links_request *request, const struct hmz_link *link,
                      struct hmz_error *err)
{
    char path[HMZ_SOURCE_PATH_BYTES + 32];
    struct hmz_h5_link found;
    snprintf(path, sizeof path, "event_%" PRIu64 "/%s", request->harmonic_event, link->path);
    if (!hmz_h5_link_read(events, path, &found))
        return hmz_fail_h5(err, HMZ_E_FAILED, "%s: the link cannot be read", path);
    if (strcmp(found.file, request->file) != 0 || found.target[0] != '/' ||
        strcmp(found.target + 1, link->target.text) != 0)
        return hmz_fail(err, HMZ_E_FAILED,
                        "%s: links to %s in %s, written was /%s in %s: the disk or the memory of this "
                        "machine changed it",
                        path, found.target, found.file, link->target.text, request->file);
    return HMZ_OK;
}

int hmz_links_check(hid_t events, const struct hmz_links_request *request, const struct hmz_event *event,
                    struct hmz_error *err)
{
    struct hmz_link link;
    size_t at = 0;
    int status = HMZ_OK;
    while (status == HMZ_OK && hmz_links_next(request->layout, event, &at, &link))
        status = check_link(events, request, &link, err);
    return status;
}
