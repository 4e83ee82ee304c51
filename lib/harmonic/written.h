/* SPDX-License-Identifier: MIT */
/* What is known of a harmonic run that was written: its length, its hash, the checksums of its events. One
 * small file in the state folder per harmonic run, there before the run gets its final name, so that a run
 * under its final name is always known. The tables and the manifest are made from these. */
#ifndef HMZ_WRITTEN_H
#define HMZ_WRITTEN_H

#include <stddef.h>
#include <stdint.h>

#include "file_hash.h"
#include "folder.h"
#include "hmz_error.h"
#include "plan.h"

/* In front of the file; another number with each change of its format. */
#define HMZ_WRITTEN_MAGIC "HMZWRT2"

struct hmz_written {
    uint64_t plan_id;    /* of the plan it was written for */
    uint64_t file_bytes; /* length of the harmonic run */
    struct hmz_file_hash hash;
    struct hmz_event_id first, last; /* events in it; those of the plan where it has none */
    uint64_t event_count;            /* fewer than planned where some cannot be read (unreadable.h) */
    uint64_t *checksums;             /* [event_count]; owned */
};

void hmz_written_release(struct hmz_written *self);

/* Part file, fsync, rename, fsync of the folder. */
HMZ_MUST_CHECK int hmz_written_save(const struct hmz_written *self, struct hmz_file_at at,
                                    struct hmz_error *err);

/* No such file: HMZ_END. Cut or changed: HMZ_E_DAMAGED. */
HMZ_MUST_CHECK int hmz_written_load(struct hmz_written *self_out, struct hmz_file_at at,
                                    struct hmz_error *err);

#endif
