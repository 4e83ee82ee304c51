/* SPDX-License-Identifier: MIT */
#include "footprint.h"

#include <assert.h>
#include <hdf5.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event_tree.h"
#include "h5_carry.h"
#include "h5_error.h"
#include "h5_scope.h"
#include "names.h"

struct hmz_footprint {
    struct hmz_event kind; /* paths owned */
    size_t link_length;    /* of the path of the merged run; 0: a copy */
    int digits;            /* of the event's number in it */
    uint64_t bytes;
};

/* Enough events that the steps of the groups' B-trees even out, few enough to take no time. */
enum {
    SAMPLE_EVENTS = 96,
    WARM_EVENTS = 32,
    NAME_BYTES = 32,
    CORE_STEP_BYTES = 64,
    OTHER_ATTR_BYTES = 512,
    OBJECT_BYTES = 2048
};

/* The kind's own pieces, with rows of nothing: all metadata, no data. */
static int empty_like(const struct hmz_event *pattern, struct hmz_event *event, struct hmz_error *err)
{
    for (size_t i = 0; i < pattern->piece_count; i++) {
        struct hmz_piece *piece;
        int status = hmz_event_add_piece(event, pattern->pieces[i].path, &piece, err);
        if (status != HMZ_OK)
            return status;
        *piece = pattern->pieces[i];
        piece->bytes = 0;
        for (int d = 0; d < piece->rank; d++)
            piece->dims[d] = 0;
    }
    event->flags = pattern->flags;
    return HMZ_OK;
}

static int digits_of(uint64_t number)
{
    int digits = 1;
    for (; number >= 10; number /= 10)
        digits++;
    return digits;
}

static uint64_t allowance(const struct hmz_event *pattern)
{
    uint64_t bytes = 0;
    for (uint32_t bit = HMZ_EVENT_OTHER_ATTRS; bit <= HMZ_EVENT_FRIB_OTHER_ATTRS; bit <<= 1)
        if (pattern->flags & bit)
            bytes += OTHER_ATTR_BYTES;
    for (size_t i = 0; i < pattern->piece_count; i++) {
        if (pattern->pieces[i].other_attrs)
            bytes += OTHER_ATTR_BYTES;
        if (pattern->pieces[i].storage == HMZ_STORAGE_OBJECT)
            bytes += OBJECT_BYTES;
    }
    return bytes;
}

static int file_size(hid_t file, uint64_t *size_out, struct hmz_error *err)
{
    hsize_t size;
    if (H5Fflush(file, H5F_SCOPE_LOCAL) < 0 || H5Fget_filesize(file, &size) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot measure a file in memory");
    *size_out = size;
    return HMZ_OK;
}

static int grow(struct hmz_tree *tree, struct hmz_tree_request request, uint64_t *places, uint64_t *bytes_out,
                struct hmz_error *err)
{
    uint64_t before = 0;
    uint64_t after = 0;
    int status = HMZ_OK;
    for (uint64_t i = 0; status == HMZ_OK && i < SAMPLE_EVENTS; i++) {
        if (i == WARM_EVENTS)
            status = file_size(tree->file, &before, err);
        request.harmonic_event = i;
        if (status == HMZ_OK)
            status = hmz_tree_add_event(tree, &request, places, err);
    }
    if (status == HMZ_OK)
        status = file_size(tree->file, &after, err);
    *bytes_out = after - before;
    return status;
}

/* With room for the names of that many events, so that only the events and the tree of their names make it
 * grow. */
static int make_in_memory(struct hmz_tree *tree, uint64_t event_count, struct hmz_error *err)
{
    HMZ_H5_SCOPED access = H5Pcreate(H5P_FILE_ACCESS);
    if (access < 0 || H5Pset_fapl_core(access, CORE_STEP_BYTES, 0) < 0 ||
        H5Pset_meta_block_size(access, 0) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot make file access properties");
    int status = hmz_h5_carry_form(access, err);
    if (status != HMZ_OK)
        return status;
    /* libhdf5 looks for a file of this name first, so there must be none. */
    return hmz_tree_create(access, "/dev/null/footprint", event_count, tree, err);
}

/* ---- the names of the events ---- */

static int add_names(struct hmz_tree *tree, uint64_t first, uint64_t end, const struct hmz_tick *tick,
                     struct hmz_error *err)
{
    char name[NAME_BYTES];
    for (uint64_t i = first; i < end; i++) {
        snprintf(name, sizeof name, "event_%" PRIu64, i);
        hmz_tick(tick, 0, 0);
        if (H5Lcreate_hard(tree->file, "any", tree->events, name, H5P_DEFAULT, H5P_DEFAULT) < 0)
            return hmz_fail_h5(err, HMZ_E_FAILED, "cannot measure the names of the events");
    }
    return HMZ_OK;
}

/* Instead of events, one group under all the names: what the tree takes that leads to them. */
static int grow_names(const uint64_t *event_counts, size_t count, const struct hmz_tick *tick,
                      uint64_t *bytes_out, struct hmz_error *err)
{
    uint64_t without = 0;
    uint64_t there = 0;
    struct hmz_tree tree = HMZ_TREE_CLOSED;
    assert(count > 0);
    int status = make_in_memory(&tree, event_counts[count - 1], err);
    HMZ_H5_SCOPED any = -1;
    if (status == HMZ_OK) {
        any = H5Gcreate2(tree.file, "any", H5P_DEFAULT, tree.group_creation, H5P_DEFAULT);
        status = any < 0 ? hmz_fail_h5(err, HMZ_E_FAILED, "cannot create a group in memory")
                         : file_size(tree.file, &without, err);
    }
    for (size_t i = 0; status == HMZ_OK && i < count; i++) {
        assert(there <= event_counts[i]);
        status = add_names(&tree, there, event_counts[i], tick, err);
        there = event_counts[i];
        if (status == HMZ_OK)
            status = file_size(tree.file, &bytes_out[i], err);
        if (status == HMZ_OK)
            bytes_out[i] -= without;
    }
    hmz_tree_abandon(&tree);
    return status;
}

/* Beyond these the tree grows in proportion, within a few bytes an event. */
enum { NAMES_MEASURED = 200000 };

int hmz_footprint_names(const uint64_t *event_counts, size_t count, const struct hmz_tick *tick,
                        uint64_t *bytes_out, struct hmz_error *err)
{
    uint64_t *measured = calloc(count, sizeof *measured);
    if (!measured)
        return hmz_fail_nomem(err, "a plan");
    for (size_t i = 0; i < count; i++)
        measured[i] = event_counts[i] < NAMES_MEASURED ? event_counts[i] : NAMES_MEASURED;
    int status = grow_names(measured, count, tick, bytes_out, err);
    for (size_t i = 0; status == HMZ_OK && i < count; i++) {
        if (event_counts[i] > measured[i])
            bytes_out[i] = (uint64_t)((double)bytes_out[i] / NAMES_MEASURED * (double)event_counts[i]);
        bytes_out[i] += hmz_tree_names_bytes(event_counts[i]);
    }
    free(measured);
    return status;
}

/* What the tree of the names of the sample takes, from the end of its warm-up on. */
static int sample_names(uint64_t *bytes_out, struct hmz_error *err)
{
    static const uint64_t window[] = {WARM_EVENTS, SAMPLE_EVENTS};
    const struct hmz_tick nobody = {0};
    uint64_t bytes[2] = {0};
    int status = grow_names(window, 2, &nobody, bytes, err);
    *bytes_out = bytes[1] - bytes[0];
    return status;
}

/* ---- a kind of event ---- */

static int measure(const struct hmz_event *pattern, const struct hmz_footprint_link *link,
                   uint64_t *bytes_out, struct hmz_error *err)
{
    uint64_t names = 0;
    uint64_t places[HMZ_NAMES_LIMIT]; /* a kind has no more pieces than names */
    struct hmz_event event = {0};
    struct hmz_tree tree = HMZ_TREE_CLOSED;
    int status = empty_like(pattern, &event, err);
    if (status == HMZ_OK)
        status = sample_names(&names, err);
    if (status == HMZ_OK)
        status = make_in_memory(&tree, SAMPLE_EVENTS, err);
    if (status == HMZ_OK) {
        event.number = link ? link->event_number : 0;
        const struct hmz_tree_request request = {.event = &event,
                                                 .source = {.file = -1, .layout = HMZ_LAYOUT_MODERN},
                                                 .link_file = link ? link->file : NULL};
        status = grow(&tree, request, places, bytes_out, err);
    }
    hmz_tree_abandon(&tree);
    if (status == HMZ_OK)
        *bytes_out = (*bytes_out - names) / (SAMPLE_EVENTS - WARM_EVENTS) + allowance(pattern);
    hmz_event_release(&event);
    return status;
}

static bool same_kind(const struct hmz_event *a, const struct hmz_event *b)
{
    if (a->flags != b->flags || a->piece_count != b->piece_count)
        return false;
    for (size_t i = 0; i < a->piece_count; i++) {
        const struct hmz_piece *left = &a->pieces[i];
        const struct hmz_piece *right = &b->pieces[i];
        bool objects = (left->storage == HMZ_STORAGE_OBJECT) == (right->storage == HMZ_STORAGE_OBJECT);
        if (!objects || left->element != right->element || left->rank != right->rank ||
            left->other_attrs != right->other_attrs || strcmp(left->path, right->path) != 0)
            return false;
    }
    return true;
}

static void release_kind(struct hmz_event *kind)
{
    for (size_t i = 0; i < kind->piece_count; i++)
        free((char *)kind->pieces[i].path);
    hmz_event_release(kind);
}

static int keep_kind(const struct hmz_event *pattern, struct hmz_event *kind, struct hmz_error *err)
{
    kind->flags = pattern->flags;
    for (size_t i = 0; i < pattern->piece_count; i++) {
        struct hmz_piece *piece;
        char *path = strdup(pattern->pieces[i].path);
        int status = path ? hmz_event_add_piece(kind, path, &piece, err) : hmz_fail_nomem(err, "a path");
        if (status != HMZ_OK) {
            free(path);
            return status;
        }
        *piece = pattern->pieces[i];
        piece->path = path;
    }
    return HMZ_OK;
}

int hmz_footprints_get(struct hmz_footprints *self, const struct hmz_event *pattern,
                       const struct hmz_footprint_link *link, uint64_t *bytes_out, struct hmz_error *err)
{
    size_t link_length = link ? strlen(link->file) : 0;
    int digits = link ? digits_of(link->event_number) : 0;
    for (size_t i = 0; i < self->count; i++) {
        if (self->known[i].link_length == link_length && self->known[i].digits == digits &&
            same_kind(&self->known[i].kind, pattern)) {
            *bytes_out = self->known[i].bytes;
            return HMZ_OK;
        }
    }
    struct hmz_footprint *known = realloc(self->known, (self->count + 1) * sizeof *known);
    if (!known)
        return hmz_fail_nomem(err, "footprints");
    self->known = known;
    known[self->count] = (struct hmz_footprint){.link_length = link_length, .digits = digits};
    int status = keep_kind(pattern, &known[self->count].kind, err);
    if (status == HMZ_OK)
        status = measure(pattern, link, &known[self->count].bytes, err);
    if (status != HMZ_OK) {
        release_kind(&known[self->count].kind);
        return status;
    }
    *bytes_out = known[self->count++].bytes;
    return HMZ_OK;
}

void hmz_footprints_release(struct hmz_footprints *self)
{
    for (size_t i = 0; i < self->count; i++)
        release_kind(&self->known[i].kind);
    free(self->known);
    *self = (struct hmz_footprints){0};
}

/* ---- the file ---- */

/* A typical event, to choose a block size by. */
enum {
    TYPICAL_METADATA_BYTES = 3400,
    BLOCKS_LEAST = 16,
    BLOCK_LEAST_BYTES = 16 << 10,
    BLOCK_MOST_BYTES = 1 << 20
};

uint64_t hmz_footprint_block_bytes(uint64_t event_count)
{
    uint64_t block = BLOCK_LEAST_BYTES;
    while (block < BLOCK_MOST_BYTES && 2 * block * BLOCKS_LEAST / TYPICAL_METADATA_BYTES <= event_count)
        block *= 2;
    return block;
}

/* The root group and the attributes of `events`; what is before the first block. */
enum { FILE_METADATA_BYTES = 8 << 10, FILE_START_BYTES = 4 << 10 };

uint64_t hmz_footprint_file_bytes(uint64_t event_count, uint64_t payload_bytes, uint64_t metadata_bytes)
{
    uint64_t block = hmz_footprint_block_bytes(event_count);
    uint64_t metadata = metadata_bytes + FILE_METADATA_BYTES;
    uint64_t blocks = (metadata + block - 1) / block;
    if (payload_bytes == 0 && blocks > 1) /* the last block, at the end of the file, is cut off where its
                                             content ends */
        return metadata;
    return FILE_START_BYTES + payload_bytes + blocks * block;
}

enum { SLACK_LEAST_BYTES = 1 << 20, SLACK_PART = 200 };

uint64_t hmz_footprint_slack_bytes(uint64_t file_bytes)
{
    uint64_t part = file_bytes / SLACK_PART;
    return part > SLACK_LEAST_BYTES ? part : SLACK_LEAST_BYTES;
}
