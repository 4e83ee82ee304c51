/* SPDX-License-Identifier: MIT */
/* Events that the scan could see but the copy could not read (a bad chunk, a bad block of the disk): with
 * --skip-bad they are left out. One small file in the state folder per harmonic run that lacks some, kept
 * until the end, so that every repetition and every shard leaves out the same ones. The cuts stay as they
 * are. */
#ifndef HMZ_UNREADABLE_H
#define HMZ_UNREADABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "folder.h"
#include "hmz_error.h"
#include "plan.h"

/* In front of the file; another number with each change of its format. */
#define HMZ_UNREADABLE_MAGIC "HMZUNR1"

struct hmz_unreadable_event {
    struct hmz_event_id id;
    char *reason; /* owned */
};

struct hmz_unreadable {                 /* all zero: none */
    struct hmz_unreadable_event *items; /* in order of their ids; owned */
    size_t count;
};

void hmz_unreadable_release(struct hmz_unreadable *self);
bool hmz_unreadable_has(const struct hmz_unreadable *self, const struct hmz_event_id *id);

/* Adds one that is not there yet, in its order. */
HMZ_MUST_CHECK int hmz_unreadable_add(struct hmz_unreadable *self, const struct hmz_event_id *id,
                                      const char *reason, struct hmz_error *err);

HMZ_MUST_CHECK int hmz_unreadable_save(const struct hmz_unreadable *self, struct hmz_file_at at,
                                       struct hmz_error *err);
/* No such file: none, HMZ_OK. Cut or changed: HMZ_E_DAMAGED. */
HMZ_MUST_CHECK int hmz_unreadable_load(struct hmz_unreadable *self_out, struct hmz_file_at at,
                                       struct hmz_error *err);

#endif
