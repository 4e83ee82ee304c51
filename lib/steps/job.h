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

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "hmz_error.h"
#include "job_options.h"
#include "manifest.h"
#include "plan.h"
#include "report.h"
#include "run_set.h"
#include "space.h"
#include "state.h"

enum hmz_job_outcome {
    HMZ_JOB_GOING,            /* there is more to do */
    HMZ_JOB_ALREADY_COMPLETE, /* the set was complete before we began */
};

struct hmz_job {
    /* What is asked for: set by the caller, all else zero but `state` (HMZ_STATE_CLOSED). */
    const struct hmz_config *config;       /* borrowed */
    const struct hmz_job_options *options; /* borrowed */

    /* What hmz_job_prepare() makes, or hmz_job_join_…() takes up. */
    bool dry; /* nothing is written but the indexes in `state` */
    struct hmz_run_set *runs;
    struct hmz_state state; /* where the indexes and the plan are */
    struct hmz_plan *plan;
    struct hmz_manifest complete; /* of a set that was complete before: HMZ_JOB_ALREADY_COMPLETE */
    enum hmz_job_outcome outcome;
    bool begun_before; /* this very plan was prepared before; hmz_job_prepare() alone tells */
    struct hmz_space space;

    /* What grows on the way, and hmz_job_finish() writes. */
    struct hmz_report report;
    struct hmz_manifest manifest;
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

/* Which shard of `count`, from 1 on, a harmonic run belongs to: each has neighbours, for they read the same
 * merged runs. */
uint32_t hmz_job_shard_of(const struct hmz_job *self, size_t i, uint32_t count);

#endif
