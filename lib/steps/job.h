/* SPDX-License-Identifier: MIT */
/* The whole job in three steps, which the plain command takes one after the other and a batch system one by
 * one:
 *
 *     hmz_job_prepare()   lock, scan every run, plan, check the space         job_prepare.c, job_scan.c
 *     hmz_job_write()     every harmonic run that is not there yet            job_write.c
 *     hmz_job_finish()    everything there? tables, manifest, state removed   job_finish.c
 *
 * Before the second and the third where they are commands of their own:
 *
 *     hmz_job_join_write(), hmz_job_join_finish()   take up what was prepared           job_join.c
 *
 * The steps know of each other only through the state folder (lib/state/state.h), so each can be repeated,
 * interrupted, or done by another process. */
#ifndef HMZ_JOB_H
#define HMZ_JOB_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "hmz_error.h"
#include "manifest.h"
#include "outputs.h"
#include "plan_new.h"
#include "pool.h"
#include "report.h"
#include "run_set.h"
#include "state.h"

enum hmz_note_kind {
    HMZ_NOTE_WARNING, /* unusual, nothing lost */
    HMZ_NOTE_SKIPPED, /* left out, as --skip-bad allows */
    HMZ_NOTE_ERROR,   /* one of several reasons for the failure that follows */
};

/* How the job talks. All functions are called in the parent process only; each may be NULL. */
struct hmz_job_listener {
    void *data;
    /* A stage begins: "scan", "write", "verify". Totals of 0 are unknown. */
    void (*stage)(void *data, const char *name, uint64_t events, uint64_t bytes);
    void (*advance)(void *data, uint64_t events, uint64_t bytes);
    /* Done by an earlier try. */
    void (*keep)(void *data, uint64_t events, uint64_t bytes);
    void (*note)(void *data, enum hmz_note_kind kind, const char *text);
};

struct hmz_job_options {
    const char *program; /* path of this very program, for the workers */
    uint32_t jobs;
    uint32_t stall_seconds;
    const volatile sig_atomic_t *stop; /* non-zero: a signal wants us to end */
    bool force;
    bool discard_events; /* with force: events that no merged run has any more may go */
    bool skip_bad;
    uint32_t shard, shard_count; /* write: shard 1 to shard_count; 0 of 0: everything */
    struct hmz_job_listener listener;
};

enum hmz_job_outcome {
    HMZ_JOB_GOING,            /* there is more to do */
    HMZ_JOB_ALREADY_COMPLETE, /* the set was complete before we began */
};

struct hmz_job {
    const struct hmz_config *config;       /* borrowed */
    const struct hmz_job_options *options; /* borrowed */
    bool dry;                              /* nothing is written but the indexes in `state` */
    struct hmz_run_set *runs;
    struct hmz_state state; /* where the indexes and the plan are */
    struct hmz_plan *plan;
    struct hmz_report report;
    struct hmz_manifest manifest; /* inputs and skipped while it is made */
    enum hmz_job_outcome outcome;
    struct hmz_manifest complete;             /* of the set that was complete before we began */
    bool begun_before;                        /* this very plan was prepared before */
    uint64_t need_bytes, free_bytes;          /* what the space check found */
    bool free_known;                          /* this file system tells what is free */
    uint64_t mode_need_bytes[HMZ_MODE_COUNT]; /* of a whole set, by mode */
};

/* `scratch` is NULL, or an empty folder for a dry run: the indexes go there, and harmonic_path is only looked
 * at. After a failure, or with outcome HMZ_JOB_ALREADY_COMPLETE, only hmz_job_release() may follow. On
 * HMZ_E_SPACE and HMZ_E_USAGE of a dry run the plan is there all the same, to be shown. */
HMZ_MUST_CHECK int hmz_job_prepare(struct hmz_job *self, const char *scratch, struct hmz_error *err);
/* Checks what hmz_job_prepare() would refuse at once, before it is submitted to a queue: no merged run in the
 * range, foreign files or another set in harmonic_path. It scans and writes nothing and takes no lock.
 * HMZ_E_USAGE, or HMZ_E_CHANGED where merged runs of an unfinished set changed. Only hmz_job_release() may
 * follow. */
HMZ_MUST_CHECK int hmz_job_foresee(struct hmz_job *self, struct hmz_error *err);

/* Takes the lock (shared to write, exclusive to finish), the plan, and asks whether configuration and merged
 * runs are still those of the plan. Nothing prepared, or for another configuration: HMZ_E_USAGE. A merged run
 * that changed, is gone or is new: a note each, and HMZ_E_CHANGED. */
HMZ_MUST_CHECK int hmz_job_join_write(struct hmz_job *self, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_job_join_finish(struct hmz_job *self, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_job_write(struct hmz_job *self, struct hmz_error *err);
/* Where the steps follow each other in one process, before the last: writing takes hours, in which merged
 * runs may change, come or go. HMZ_E_CHANGED with a note each, as hmz_job_join_finish() has it. */
HMZ_MUST_CHECK int hmz_job_check_at_end(const struct hmz_job *self, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_job_finish(struct hmz_job *self, struct hmz_error *err);
void hmz_job_release(struct hmz_job *self);

/* ---- shared by the steps ---- */

void hmz_job_note(const struct hmz_job *self, enum hmz_note_kind kind, const char *format, ...)
    HMZ_PRINTF(3, 4);
void hmz_job_warn_of_lock(const struct hmz_job *self);
void hmz_job_stage(const struct hmz_job *self, const char *name, uint64_t events, uint64_t bytes);

/* Options of a pool whose progress goes to the listener. */
struct hmz_pool_options hmz_job_pool_options(struct hmz_job *self, enum hmz_pool_policy policy);

/* Adds to the list of what was left out, in the manifest and the report. */
HMZ_MUST_CHECK int hmz_job_keep_skipped(struct hmz_job *self, const struct hmz_skipped *skipped,
                                        struct hmz_error *err);

/* Sets `runs`, and the inputs of the manifest. */
HMZ_MUST_CHECK int hmz_job_list_runs(struct hmz_job *self, struct hmz_error *err);

/* Warns of merged runs that may not be what their names say: two that are one and the same file; after the
 * scan, those whose frib_run is another number than theirs, or that of another run. HMZ_E_NOMEM at worst. */
HMZ_MUST_CHECK int hmz_job_warn_of_same_files(const struct hmz_job *self, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_job_warn_of_numbers(const struct hmz_job *self, struct hmz_error *err);

/* Sets `plan` from the indexes. */
HMZ_MUST_CHECK int hmz_job_make_plan(struct hmz_job *self, const struct hmz_settings *settings,
                                     struct hmz_error *err);

/* Sets the configuration of the manifest. */
HMZ_MUST_CHECK int hmz_job_fill_config(struct hmz_job *self, struct hmz_error *err);

/* Lists what lies in harmonic_path; `real` is its state folder, no lock needed. HMZ_E_USAGE: foreign files,
 * or another set (allowed with `force`). A complete set of this job sets the outcome. */
HMZ_MUST_CHECK int hmz_job_look_at_folder(struct hmz_job *self, const struct hmz_state *real,
                                          struct hmz_outputs *outputs, struct hmz_error *err);

/* The manifest of a complete set, or of one that was being replaced when a command was killed (*complete_out:
 * which): its files are ours all the same. Neither: an empty one. */
HMZ_MUST_CHECK int hmz_job_load_manifest(const struct hmz_state *real, struct hmz_manifest *found_out,
                                         bool *complete_out, struct hmz_error *err);

/* Before the scan: keeps what an unfinished set was begun with, where a merged run has changed since; without
 * force, too, for the next command may have it. */
HMZ_MUST_CHECK int hmz_job_keep_begun(const struct hmz_job *self, const struct hmz_outputs *outputs,
                                      struct hmz_error *err);

/* With `force`, after the scan: HMZ_E_USAGE, and a note for each merged run, where the set in harmonic_path
 * (`outputs`; `real` is its state folder) holds events or scaler readouts that no merged run has now, or
 * where that cannot be told. Nothing of a set is removed before this was asked. */
HMZ_MUST_CHECK int hmz_job_refuse_losses(struct hmz_job *self, const struct hmz_state *real,
                                         const struct hmz_outputs *outputs, struct hmz_error *err);

/* The same before the scan, as far as a look at the folders tells: merged runs that are gone. */
HMZ_MUST_CHECK int hmz_job_foresee_losses(const struct hmz_job *self, const struct hmz_state *real,
                                          const struct hmz_outputs *outputs, struct hmz_error *err);

/* Is harmonic run `i` written, for this plan, and as long as noted in `state`? That of the job itself, or the
 * real one in a dry run. */
bool hmz_job_is_written(const struct hmz_job *self, const struct hmz_state *state, size_t i);

/* Which shard of `count`, from 1 on, a harmonic run belongs to: each has neighbours, for they read the same
 * merged runs. */
uint32_t hmz_job_shard_of(const struct hmz_job *self, size_t i, uint32_t count);

/* Into how many shards the last `write` was told to cut the job; 0 where none did. */
uint32_t hmz_job_load_shards(const struct hmz_job *self);

/* Scans the runs whose index is missing or of another file, and takes all indexes into the report. Findings
 * end in HMZ_E_DAMAGED (or HMZ_E_USAGE), or are skipped. */
HMZ_MUST_CHECK int hmz_job_scan(struct hmz_job *self, struct hmz_error *err);

/* Takes the indexes that the plan was made of into the report: nothing is scanned. */
HMZ_MUST_CHECK int hmz_job_take_scan(struct hmz_job *self, struct hmz_error *err);

/* Does it list this event, readout or run as left out? */
bool hmz_job_lists(const struct hmz_manifest *manifest, const struct hmz_skipped *wanted);

/* Notes an event that a set lists as left out in the state of the job (unreadable.h). HMZ_END: what is listed
 * is no event of the plan. */
HMZ_MUST_CHECK int hmz_job_hand_over(const struct hmz_job *self, const struct hmz_skipped *skipped,
                                     struct hmz_error *err);

/* The report becomes that of the complete set: without what its manifest lists and the scan does not see. In
 * a dry run, after hmz_job_make_plan(). */
HMZ_MUST_CHECK int hmz_job_leave_out_listed(struct hmz_job *self, const struct hmz_manifest *set,
                                            struct hmz_error *err);

/* Is damage of single events left out? In a dry run over a complete set, too: that lists what it lacks. */
bool hmz_job_skips_bad(const struct hmz_job *self);

/* How many merged runs are not as they were. */
struct hmz_job_changes {
    size_t changed;  /* another length or time */
    size_t added;    /* new */
    size_t gone;     /* the file is not there */
    size_t left_out; /* the configuration leaves out what the set has; the file is there */
};

/* Notes for each merged run what changed, between those that a set was made of and those of the job.
 * before: [count], by run. */
struct hmz_job_changes hmz_job_tell_changes(const struct hmz_job *self,
                                            const struct hmz_manifest_input *before, size_t count);
/* The same with those that a plan was made of. */
HMZ_MUST_CHECK int hmz_job_tell_plan_changes(const struct hmz_job *self, const struct hmz_plan *before,
                                             struct hmz_job_changes *out, struct hmz_error *err);

/* Do min_run, max_run and skip_runs leave it out? */
bool hmz_job_leaves_out(const struct hmz_config *config, int32_t run);

#endif
