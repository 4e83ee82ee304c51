/* SPDX-License-Identifier: MIT */
/* What the readers of the merger versions share. Private to lib/source. */
#ifndef HMZ_RUN_READER_INTERNAL_H
#define HMZ_RUN_READER_INTERNAL_H

#include <hdf5.h>

#include "h5_carry.h"
#include "h5_driver.h"
#include "h5_scope.h"
#include "members.h"
#include "names.h"
#include "run_reader.h"

/* One layout of the tree: how to find the events and readouts and how to read one of them. */
struct hmz_layout_ops {
    const char *name;
    enum hmz_layout layout;
    bool (*probe)(struct hmz_run_reader *self);
    /* Fills self->events, self->scalers (unsorted) and self->info. */
    int (*list)(struct hmz_run_reader *self, struct hmz_error *err);
    /* Reads the event made of `count` members of one number. */
    int (*read_event)(struct hmz_run_reader *self, const struct hmz_member *members, size_t count,
                      struct hmz_event *event, struct hmz_error *err);
    int (*read_scaler)(struct hmz_run_reader *self, const struct hmz_member *members, size_t count,
                       struct hmz_scaler *scaler, struct hmz_error *err);
    /* Do the counters in self->claims fit what was found? */
    bool (*fits)(const struct hmz_run_reader *self);
};

extern const struct hmz_layout_ops hmz_layout_flat;
extern const struct hmz_layout_ops hmz_layout_grouped;

/* What the file says of itself. Compared at the end, never used. */
struct hmz_run_claims {
    bool there;
    uint64_t first_event, last_event;
    uint64_t last_scaler;
    bool scalers_there;
};

/* What was found by listing and reading. */
struct hmz_run_found {
    uint64_t get_count, first_get, last_get, last_get_but_one;
    uint64_t damaged_count; /* events of which it is not known whether they have GET data */
    bool claims_damaged_first, claims_damaged_last; /* they are what the counters name */
    uint64_t last_scaler, scaler_count;
};

struct hmz_run_reader {
    struct hmz_h5_file input; /* the descriptor, for libhdf5 and for raw bytes */
    struct hmz_error unsure;  /* the first question of hmz_reader_has_…() that got no answer */
    hid_t access;             /* file access properties */
    hid_t file;
    hid_t open_event;  /* group of the event at hand, borrowed; -1 in the layout that has none */
    hid_t event_group; /* events, or get of 0.1.0; -1 where there is none */
    hid_t frib_group;  /* frib/evt of 0.1.0 */
    hid_t scaler_group;
    uint64_t file_bytes;
    struct hmz_h5_carry carry;
    bool plain_addresses; /* from the begin of the file, of 8 bytes, as the mergers' are */
    const struct hmz_layout_ops *ops;
    struct hmz_names names;
    struct hmz_members events;
    struct hmz_members scalers;
    struct hmz_members parts; /* of the event at hand */
    size_t next_event, next_event_stray;
    size_t next_scaler, next_scaler_stray;
    struct hmz_run_info info;
    struct hmz_run_claims claims;
    struct hmz_run_found found;
};

/* May a damaged event be the first, the last with GET data, as the counters say? Of a merger that died they
 * say 0 and 0, which is event 0 by chance. */
bool hmz_found_damaged_first(const struct hmz_run_found *found, const struct hmz_run_claims *claims);
bool hmz_found_damaged_last(const struct hmz_run_found *found, const struct hmz_run_claims *claims);

/* What a dataset that every version knows must be. */
struct hmz_known_dataset {
    const char *name;
    enum hmz_element element;
    int rank;         /* 0: any */
    uint64_t columns; /* of rank 2: the second dimension, 0 for any */
};

/* The FRIB modules and the GET matrices; NULL for an unknown name. */
const struct hmz_known_dataset *hmz_known_frib(const char *name);
const struct hmz_known_dataset *hmz_known_get(const char *name);

/* An object whose header was checked: nothing is asked about its type, its layout or one of its attributes
 * before. (To find one attribute, libhdf5 1.10 decodes all, and reads past those that claim too much.) */
struct hmz_object {
    hid_t id;
    unsigned attr_count;
};

static inline void hmz_object_drop(struct hmz_object *self)
{
    hmz_h5_drop(&self->id);
}

/* Closed where its scope ends. */
#define HMZ_OBJECT_SCOPED __attribute__((cleanup(hmz_object_drop))) struct hmz_object
#define HMZ_OBJECT_CLOSED ((struct hmz_object){.id = -1})

/* Opens a member of `group` by its name, as every reader does: what is listed can still be out of reach where
 * the order of the names is damaged. */
HMZ_MUST_CHECK int hmz_reader_open_member(struct hmz_run_reader *self, hid_t group, const char *name,
                                          struct hmz_object *object_out, struct hmz_error *err);

/* The same check for what is opened in another way. */
HMZ_MUST_CHECK int hmz_reader_check_header(struct hmz_run_reader *self, hid_t object,
                                           unsigned *attr_count_out, struct hmz_error *err);

/* Lists the members of a small group of an event; a stray among them is damage of the event. */
HMZ_MUST_CHECK int hmz_reader_list_parts(struct hmz_run_reader *self, hid_t group, struct hmz_members *parts,
                                         struct hmz_error *err);

/* The attributes that a part of an event has of its own, to a NULL; all others are carried over. */
extern const char *const hmz_own_attrs_get[]; /* what holds the GET id: id, timestamp, timestamp_other */
extern const char *const hmz_own_attrs_none[];

/* Looks at the attributes of a group of the event that are not its own: sets `flag` (HMZ_EVENT_OTHER_ATTRS,
 * HMZ_EVENT_GET_OTHER_ATTRS, HMZ_EVENT_FRIB_OTHER_ATTRS: which group it is) where there are any.
 * HMZ_E_DAMAGED: they cannot be carried over. */
HMZ_MUST_CHECK int hmz_reader_check_group_attrs(struct hmz_run_reader *self, const struct hmz_object *group,
                                                enum hmz_event_flag flag, struct hmz_event *event,
                                                struct hmz_error *err);

/* Adds an object (dataset of any kind, or group) as a piece at `path` of the event. `known` may be NULL. */
struct hmz_piece_request {
    const struct hmz_object *object;
    const char *path; /* interned */
    const struct hmz_known_dataset *known;
    const char *const *own_attrs; /* NULL: none */
};
HMZ_MUST_CHECK int hmz_reader_add_piece(struct hmz_run_reader *self, const struct hmz_piece_request *request,
                                        struct hmz_event *event, struct hmz_error *err);

/* "folder/name", interned. */
HMZ_MUST_CHECK int hmz_reader_path(struct hmz_run_reader *self, const char *folder, const char *name,
                                   const char **path_out, struct hmz_error *err);

/* Reads all of a small one-dimensional dataset as `memory_type`; more than `room` elements: HMZ_E_DAMAGED. */
HMZ_MUST_CHECK int hmz_reader_read_row(hid_t dataset, hid_t memory_type, void *values_out, size_t room,
                                       size_t *count_out, struct hmz_error *err);

/* Takes value 0 of the coincidence register 977 into the event. */
HMZ_MUST_CHECK int hmz_reader_take_coincidence(struct hmz_run_reader *self, hid_t dataset,
                                               struct hmz_event *event, struct hmz_error *err);

/* The attributes that hold the ids: `get` of the event from `object`, or its FRIB ones. */
HMZ_MUST_CHECK int hmz_reader_get_ids(hid_t object, struct hmz_event *event, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_reader_frib_ids(hid_t object, struct hmz_event *event, struct hmz_error *err);

/* Notes a name above the events that is not carried over. */
void hmz_reader_leave_out(struct hmz_run_reader *self, const char *name);

/* Is there such a link, such an attribute? Only while the run is opened: a question that gets no answer (its
 * names are damaged, memory is short) is no "no", and fails hmz_run_reader_open(). */
bool hmz_reader_has_link(struct hmz_run_reader *self, hid_t group, const char *path);
bool hmz_reader_has_attr(struct hmz_run_reader *self, hid_t object, const char *name);

#endif
