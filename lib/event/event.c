/* SPDX-License-Identifier: MIT */
#include "event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "list.h"

struct hmz_shape_text hmz_shape_text(const uint64_t *dims, int rank)
{
    struct hmz_shape_text out;
    size_t used = 0;
    snprintf(out.text, sizeof out.text, "(");
    for (int i = 0; i < rank; i++) {
        used = strlen(out.text);
        snprintf(out.text + used, sizeof out.text - used, "%s%" PRIu64, i ? ", " : "", dims[i]);
    }
    used = strlen(out.text);
    snprintf(out.text + used, sizeof out.text - used, rank == 1 ? ",)" : ")");
    return out;
}

void hmz_event_release(struct hmz_event *self)
{
    free(self->pieces);
    *self = (struct hmz_event){0};
}

void hmz_event_clear(struct hmz_event *self)
{
    *self = (struct hmz_event){.pieces = self->pieces};
}

int hmz_event_add_piece(struct hmz_event *self, const char *path, struct hmz_piece **piece_out,
                        struct hmz_error *err)
{
    *piece_out = hmz_list_add(&self->pieces, &self->piece_count, sizeof *self->pieces);
    if (!*piece_out)
        return hmz_fail_nomem(err, "an event");
    (*piece_out)->path = path;
    return HMZ_OK;
}

static int by_path(const void *a, const void *b)
{
    const struct hmz_piece *left = a;
    const struct hmz_piece *right = b;
    return strcmp(left->path, right->path);
}

int hmz_event_finish(struct hmz_event *self, struct hmz_error *err)
{
    if (self->piece_count)
        qsort(self->pieces, self->piece_count, sizeof *self->pieces, by_path);
    self->bytes = 0;
    for (size_t i = 0; i < self->piece_count; i++) {
        if (i > 0 && strcmp(self->pieces[i - 1].path, self->pieces[i].path) == 0)
            return hmz_fail_reach(err, HMZ_E_DAMAGED, HMZ_REACH_EVENT, "%s is there twice",
                                  self->pieces[i].path);
        if (__builtin_add_overflow(self->bytes, self->pieces[i].bytes, &self->bytes))
            return hmz_fail_reach(err, HMZ_E_DAMAGED, HMZ_REACH_EVENT,
                                  "its datasets have more than 2^64 bytes together");
    }
    return HMZ_OK;
}

const struct hmz_piece *hmz_event_find_piece(const struct hmz_event *self, const char *path)
{
    for (size_t i = 0; i < self->piece_count; i++)
        if (strcmp(self->pieces[i].path, path) == 0)
            return &self->pieces[i];
    return NULL;
}

static const char *after_prefix(const char *text, const char *prefix)
{
    size_t length = strlen(prefix);
    return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

const char *hmz_event_frib_name(const struct hmz_event *event)
{
    return event->flags & HMZ_EVENT_SET_ASIDE ? HMZ_EVENT_SET_ASIDE_NAME : HMZ_EVENT_FRIB_NAME;
}

/* What follows the group of the FRIB data in a path: "" or "/977". NULL where the path leads elsewhere. */
static const char *within_frib(const struct hmz_event *event, const char *path)
{
    const char *rest = after_prefix(path, hmz_event_frib_name(event));
    return rest && (!*rest || *rest == '/') ? rest : NULL;
}

static struct hmz_source_path flat_path(const struct hmz_event *event, const char *path)
{
    struct hmz_source_path out;
    const char *frib = within_frib(event, path);
    if (frib)
        snprintf(out.text, sizeof out.text, "frib/evt/evt%" PRIu64 "_%s", event->number,
                 *frib ? frib + 1 : "header");
    else if (strcmp(path, "get") == 0 || !*path)
        snprintf(out.text, sizeof out.text, "get/evt%" PRIu64 "_header", event->number);
    else
        snprintf(out.text, sizeof out.text, "get/evt%" PRIu64 "_%s", event->number,
                 strcmp(path, "get_traces") == 0 ? "data" : path);
    return out;
}

struct hmz_source_path hmz_event_source_path(enum hmz_layout layout, const struct hmz_event *event,
                                             const char *path)
{
    struct hmz_source_path out;
    const char *frib = within_frib(event, path);
    const char *there = path;
    if (layout == HMZ_LAYOUT_FLAT)
        return flat_path(event, path);
    if (frib)
        there = frib; /* behind the name that the group has there */
    else if (event->flags & HMZ_EVENT_GET_GROUP)
        there = strcmp(path, "get_traces") == 0 ? "get/pads" : path;
    else if (strcmp(path, "get") == 0)
        there = "get_traces";
    snprintf(out.text, sizeof out.text, "events/event_%" PRIu64 "%s%s%s", event->number,
             frib || *there ? "/" : "", frib ? HMZ_EVENT_FRIB_NAME : "", there);
    return out;
}

bool hmz_event_has_other_attrs(const struct hmz_event *event)
{
    return event->flags & (HMZ_EVENT_OTHER_ATTRS | HMZ_EVENT_GET_OTHER_ATTRS | HMZ_EVENT_FRIB_OTHER_ATTRS);
}

bool hmz_piece_is_carried(const struct hmz_piece *piece)
{
    return piece->other_attrs || piece->storage == HMZ_STORAGE_OBJECT;
}

bool hmz_event_carries(const struct hmz_event *event)
{
    bool carries = hmz_event_has_other_attrs(event);
    for (size_t i = 0; !carries && i < event->piece_count; i++)
        carries = hmz_piece_is_carried(&event->pieces[i]);
    return carries;
}

bool hmz_event_needs_library(const struct hmz_event *event)
{
    bool needs = hmz_event_carries(event);
    for (size_t i = 0; !needs && i < event->piece_count; i++)
        needs = event->pieces[i].storage == HMZ_STORAGE_READ || event->pieces[i].element == HMZ_ELEMENT_OTHER;
    return needs;
}
