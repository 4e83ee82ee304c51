/* SPDX-License-Identifier: MIT */
/* The state folder, HARMONIC_PATH/.harmonizer: what is known of a job that is not finished.
 *
 *     lock                  flock: exclusive for what plans and finishes, shared for what writes
 *     index_0055            one per merged run (index.h)
 *     begun_0055            index that the plan was made of, where the merged run has changed since
 *     plan                  plan_file.c
 *     written_0003          one per harmonic run that was written (written.h)
 *     unreadable_0003       events that this harmonic run leaves out (unreadable.h)
 *     tables                an empty mark: from here on the tables in HARMONIC_PATH are this job's
 *     replaced              a copy of the manifest of a set that --force is removing
 *     shards                into how many shards the last `write` was told to cut the job
 *     run_0003.WORD.h5.part …    part files (outfile.h)
 *
 * It is there from the first step to the end of the last one. Whatever is in it is ours to remove. */
#ifndef HMZ_STATE_H
#define HMZ_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

#define HMZ_STATE_FOLDER ".harmonizer"

enum hmz_lock { HMZ_LOCK_NONE, HMZ_LOCK_SHARED, HMZ_LOCK_EXCLUSIVE };

struct hmz_state {
    char *harmonic_path; /* owned */
    char *folder;        /* owned */
    int lock_fd;         /* -1 without a lock */
    bool created;        /* the folder was not there before */
    bool lock_works;     /* false: this file system has no locks, and nothing keeps two commands apart */
    bool alone;          /* the lock is exclusive, and works */
};

#define HMZ_STATE_CLOSED ((struct hmz_state){.lock_fd = -1})

/* Makes the folder and takes the lock. Another command at work there: HMZ_E_USAGE. With HMZ_LOCK_NONE nothing
 * is made. */
HMZ_MUST_CHECK int hmz_state_open(struct hmz_state *self, const char *harmonic_path, enum hmz_lock lock,
                                  struct hmz_error *err);
/* A state kept elsewhere, in the existing empty folder `folder`: for dry runs. No lock. */
HMZ_MUST_CHECK int hmz_state_open_at(struct hmz_state *self, const char *harmonic_path, const char *folder,
                                     struct hmz_error *err);
/* Takes the lock of a folder that must be there: HMZ_END where it is not. */
HMZ_MUST_CHECK int hmz_state_join(struct hmz_state *self, const char *harmonic_path, enum hmz_lock lock,
                                  struct hmz_error *err);
/* Releases the lock; what is in the folder stays. */
void hmz_state_close(struct hmz_state *self);

/* Removes everything in the folder but the lock. */
HMZ_MUST_CHECK int hmz_state_empty(const struct hmz_state *self, struct hmz_error *err);

/* Removes everything in the folder and the folder itself, the lock last. */
HMZ_MUST_CHECK int hmz_state_remove(struct hmz_state *self, struct hmz_error *err);

/* Removes part files that a killed command left, and none that is being written; for whoever is alone, those
 * too that an orphan of a killed command is still writing, so that it can give nothing a name any more. */
HMZ_MUST_CHECK int hmz_state_remove_parts(const struct hmz_state *self, struct hmz_error *err);

/* Removes the notes of what was written, and the plan; the indexes stay. */
HMZ_MUST_CHECK int hmz_state_forget_outputs(const struct hmz_state *self, struct hmz_error *err);

/* Paths, the caller's to free; NULL without memory. */
char *hmz_state_plan_path(const struct hmz_state *self);
char *hmz_state_plan_request_path(const struct hmz_state *self); /* what a plan is to be made of */
char *hmz_state_plan_draft_path(const struct hmz_state *self);   /* the plan made of it, not yet judged */
char *hmz_state_index_path(const struct hmz_state *self, int32_t run);
/* Of the index that the plan was made of, where the merged run has changed since. */
char *hmz_state_begun_index_path(const struct hmz_state *self, int32_t run);
/* A part file: what a merged run has that is not scanned for the plan. */
char *hmz_state_held_index_path(const struct hmz_state *self, int32_t run);
char *hmz_state_written_path(const struct hmz_state *self, size_t harmonic_run);
char *hmz_state_unreadable_path(const struct hmz_state *self, size_t harmonic_run);
char *hmz_state_part_path(const struct hmz_state *self, const char *final_name);
char *hmz_state_tables_path(const struct hmz_state *self);
char *hmz_state_replaced_path(const struct hmz_state *self);
char *hmz_state_shards_path(const struct hmz_state *self);
char *hmz_state_differences_path(const struct hmz_state *self, size_t harmonic_run); /* of a comparison */

#endif
