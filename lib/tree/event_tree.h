/* SPDX-License-Identifier: MIT */
/* The tree of a harmonic run: groups, datasets and attributes, without the bytes of the datasets, which are
 * written to their offset by the caller (event_data.h). The format is in docs/formats.md.
 *
 *     hmz_tree_create(access, name, event_count, &tree, err)
 *     hmz_tree_add_event(&tree, &request, offsets, err)      for each event, in order
 *     hmz_tree_finish(&tree, &summary, err)                 closes; every failure up to here shows by now
 *     hmz_tree_abandon(&tree)                               instead, after a failure
 *
 * Datasets are contiguous, allocated when made and never filled: libhdf5 gives their offsets, the caller
 * writes there. Old-style groups and no times, so that the same content gives the same bytes. */
#ifndef HMZ_EVENT_TREE_H
#define HMZ_EVENT_TREE_H

#include <hdf5.h>
#include <stdint.h>

#include "event.h"
#include "hmz_error.h"

#define HMZ_FORMAT_VERSION "harmonizer:0.1.0" /* events@version, which readers check */

struct hmz_tree {
    hid_t file;
    hid_t events;
    hid_t scalar;
    hid_t group_creation;
    hid_t link_group_creation; /* of groups that hold links into merged runs */
    hid_t dataset_creation;
};

#define HMZ_TREE_CLOSED ((struct hmz_tree){-1, -1, -1, -1, -1, -1})

/* The merged run that an event comes from, opened by the caller where hmz_event_needs_library(). */
struct hmz_tree_source {
    hid_t file; /* -1: none */
    enum hmz_layout layout;
};

struct hmz_tree_request {
    uint64_t harmonic_event; /* number in the harmonic run */
    int32_t orig_run;
    const struct hmz_event *event;
    struct hmz_tree_source source;
    const char *link_file; /* the merged run as it is linked to (links.h); NULL: datasets, no links */
};

struct hmz_tree_summary {
    uint64_t event_count;
    int32_t first_run, last_run;
    uint64_t first_event, last_event; /* original numbers */
};

/* `event_count`: of events to come, for whose names room is made. */
HMZ_MUST_CHECK int hmz_tree_create(hid_t access, const char *name, uint64_t event_count,
                                   struct hmz_tree *tree_out, struct hmz_error *err);

/* offsets_out[i] is where the bytes of piece i belong in the file (only where it has bytes of its own, that
 * is storage RAW or READ); not touched where there are links instead. */
HMZ_MUST_CHECK int hmz_tree_add_event(struct hmz_tree *self, const struct hmz_tree_request *request,
                                      uint64_t *offsets_out, struct hmz_error *err);

HMZ_MUST_CHECK int hmz_tree_finish(struct hmz_tree *self, const struct hmz_tree_summary *summary,
                                   struct hmz_error *err);
void hmz_tree_abandon(struct hmz_tree *self);

#endif
