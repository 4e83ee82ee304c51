/* SPDX-License-Identifier: MIT */
/* What the steps are made of; `verify` uses some of it, too. */
#ifndef HMZ_JOB_PIECES_H
#define HMZ_JOB_PIECES_H

#include "job.h"
#include "outputs.h"

void hmz_job_warn_of_lock(const struct hmz_job *self);
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

#endif
