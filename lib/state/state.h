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
 * It is there from the first step to the end of the last one. It is a real folder, opened once and worked in
 * by its descriptor (folder.h). Files of these names are ours to write and to remove; whatever else is in it
 * is not, and a folder that holds any such thing is refused before anything is written into it. The files
 * .nfs… do not count: NFS makes them of removed files that are still open. */
#ifndef HMZ_STATE_H
#define HMZ_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "folder.h"
#include "hmz_error.h"

#define HMZ_STATE_FOLDER ".harmonizer"

enum hmz_lock { HMZ_LOCK_SHARED, HMZ_LOCK_EXCLUSIVE };

struct hmz_state {
    struct hmz_folder harmonic; /* harmonic_path */
    struct hmz_folder folder;   /* closed where there is none: then no file is in it */
    int lock_fd;                /* -1 without a lock */
    bool scratch;               /* `folder` is one of a dry run */
    bool created;               /* the folder was not there before */
    bool lock_works; /* false: this file system has no locks, and nothing keeps two commands apart */
    bool alone;      /* the lock is exclusive, and works */
};

#define HMZ_STATE_CLOSED                                                                                     \
    ((struct hmz_state){.harmonic = HMZ_FOLDER_CLOSED, .folder = HMZ_FOLDER_CLOSED, .lock_fd = -1})

/* Makes the folder where it is not there, and takes the exclusive lock. Another command at work there, or
 * something in the folder, or in its place, that is not ours: HMZ_E_USAGE. */
HMZ_MUST_CHECK int hmz_state_open(struct hmz_state *self, const char *harmonic_path, struct hmz_error *err);

/* The same for a folder that must be there. HMZ_END where it is not: then only harmonic_path is open. */
HMZ_MUST_CHECK int hmz_state_join(struct hmz_state *self, const char *harmonic_path, enum hmz_lock lock,
                                  struct hmz_error *err);

/* Takes no lock and makes nothing. `scratch`: a folder that stands for the state folder in a dry run; NULL or
 * "": the real one, if it is there. */
HMZ_MUST_CHECK int hmz_state_look(struct hmz_state *self, const char *harmonic_path, const char *scratch,
                                  struct hmz_error *err);

/* For a worker that is to look at the same state. */
const char *hmz_state_scratch(const struct hmz_state *self);

/* HMZ_E_USAGE, with names, where the folder holds what is not ours. */
HMZ_MUST_CHECK int hmz_state_check(const struct hmz_state *self, struct hmz_error *err);

/* Releases the lock; what is in the folder stays. */
void hmz_state_close(struct hmz_state *self);

/* Removes every file of ours in the folder but the lock. */
HMZ_MUST_CHECK int hmz_state_empty(const struct hmz_state *self, struct hmz_error *err);

/* Removes every file of ours in the folder and the folder itself, the lock last. */
HMZ_MUST_CHECK int hmz_state_remove(struct hmz_state *self, struct hmz_error *err);

/* Removes the part files of a killed command. A part file that another process writes stays. With the
 * exclusive lock (`alone`) it goes, too: its writer is the orphan of a killed command, and cannot rename it
 * any more. */
HMZ_MUST_CHECK int hmz_state_remove_parts(const struct hmz_state *self, struct hmz_error *err);

/* Removes the notes of what was written, and the plan; the indexes stay. */
HMZ_MUST_CHECK int hmz_state_forget_outputs(const struct hmz_state *self, struct hmz_error *err);

/* ---- files ---- */

struct hmz_file_at hmz_state_plan(const struct hmz_state *self);
struct hmz_file_at hmz_state_index(const struct hmz_state *self, int32_t run);
/* Of the index that the plan was made of, where the merged run has changed since. */
struct hmz_file_at hmz_state_begun_index(const struct hmz_state *self, int32_t run);
/* A part file: what a merged run has that is not scanned for the plan. */
struct hmz_file_at hmz_state_held_index(const struct hmz_state *self, int32_t run);
struct hmz_file_at hmz_state_held_sums(const struct hmz_state *self, int32_t run);
struct hmz_file_at hmz_state_written(const struct hmz_state *self, size_t harmonic_run);
struct hmz_file_at hmz_state_unreadable(const struct hmz_state *self, size_t harmonic_run);
struct hmz_file_at hmz_state_differences(const struct hmz_state *self, size_t harmonic_run); /* compared */
struct hmz_file_at hmz_state_part(const struct hmz_state *self, const char *final_name);
struct hmz_file_at hmz_state_tables(const struct hmz_state *self);
struct hmz_file_at hmz_state_replaced(const struct hmz_state *self);
struct hmz_file_at hmz_state_shards(const struct hmz_state *self);

/* A file of the set, by its final name. */
struct hmz_file_at hmz_state_output(const struct hmz_state *self, const char *name);

#endif
