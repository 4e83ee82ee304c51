/* SPDX-License-Identifier: MIT */
/* What event_tree.c and event_links.c share while one event is written. */
#ifndef HMZ_EVENT_TREE_INTERNAL_H
#define HMZ_EVENT_TREE_INTERNAL_H

#include "event_tree.h"

/* What is at hand while one event is written. */
struct hmz_tree_work {
    struct hmz_tree *tree;
    const struct hmz_tree_request *request;
    const struct hmz_event *event;
    hid_t group_creation; /* for event_N and its parts */
    hid_t group;          /* event_N */
    hid_t get;            /* event_N/get, -1 until made */
    hid_t frib;           /* event_N/frib_physics, -1 until made */
};

/* Makes event_N/frib_physics with its attributes, where it is not made yet. */
HMZ_MUST_CHECK int hmz_tree_make_frib(struct hmz_tree_work *work, struct hmz_error *err);

/* In place of event_N's pieces: links to them in the merged run (event_links.c). */
HMZ_MUST_CHECK int hmz_tree_link_pieces(struct hmz_tree_work *work, struct hmz_error *err);

#endif
