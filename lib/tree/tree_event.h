/* SPDX-License-Identifier: MIT */
/* The parts of one event in a harmonic run, each made where event_tree.h asks for it: its groups with their
 * attributes, its datasets without their bytes, or links instead of them. */
#ifndef HMZ_TREE_EVENT_H
#define HMZ_TREE_EVENT_H

#include "event_links.h"
#include "event_tree.h"

/* What is at hand while one event is written. */
struct hmz_tree_event {
    struct hmz_tree *tree;
    const struct hmz_tree_request *request;
    const struct hmz_event *event;
    hid_t group_creation; /* for event_N and its groups */
    hid_t group;          /* event_N */
    hid_t get;            /* event_N/get, -1 until made */
    hid_t frib;           /* event_N/frib_physics, or as it is set aside; -1 until made */
};

HMZ_MUST_CHECK int hmz_tree_event_create_group(const struct hmz_tree_event *self, hid_t parent,
                                               const char *name, hid_t *group_out, struct hmz_error *err);

/* Attributes that no version here knows, from the same object of the merged run: `path` within the event.
 * `own`: the known ones, to a NULL. */
HMZ_MUST_CHECK int hmz_tree_event_copy_other_attrs(const struct hmz_tree_event *self, const char *path,
                                                   hid_t to, const char *const *own, struct hmz_error *err);

/* Makes the group of the FRIB data with its attributes, where it is not made yet. */
HMZ_MUST_CHECK int hmz_tree_event_make_frib(struct hmz_tree_event *self, struct hmz_error *err);

/* Makes the dataset of a piece, and its group where it is the first in it; *place_out is where its bytes
 * belong in the file, 0 without any. A piece that only libhdf5 can carry is copied whole. */
HMZ_MUST_CHECK int hmz_tree_event_add(struct hmz_tree_event *self, const struct hmz_piece *piece,
                                      uint64_t *place_out, struct hmz_error *err);

/* The matrix without rows of an event without GET data: Spyral dies on an event without get_traces, but
 * reads an empty one. */
HMZ_MUST_CHECK int hmz_tree_event_add_empty_traces(struct hmz_tree_event *self, struct hmz_error *err);

/* get/pads, a hard link to get_traces: the bytes are there once, under both names. */
HMZ_MUST_CHECK int hmz_tree_event_link_pads(struct hmz_tree_event *self, struct hmz_error *err);

/* mode: link. A link into the merged run. */
HMZ_MUST_CHECK int hmz_tree_event_link(struct hmz_tree_event *self, const struct hmz_link *link,
                                       struct hmz_error *err);

#endif
