/* SPDX-License-Identifier: MIT */
/* Does what a set holds exist in a merged run, too? Each run that the set holds events or readouts of is
 * looked for in the folder of the configuration, then in that of the set's manifest. Runs that the job does
 * not read are scanned for this question alone; their indexes are part files, which go at the end.
 *
 *     hmz_inquiry_open(&inquiry, real, outputs, err)
 *     hmz_inquiry_ask(&inquiry, err)
 *     hmz_inquiry_settled(&inquiry), inquiry.subjects[i].best …
 *     hmz_inquiry_release(&inquiry)
 */
#ifndef HMZ_INQUIRY_H
#define HMZ_INQUIRY_H

#include <sys/stat.h>

#include "holdings.h"
#include "job.h"
#include "pool.h"

enum hmz_inquiry_found { HMZ_FOUND_NOTHING, HMZ_FOUND_UNREADABLE, HMZ_FOUND_RUN };

/* What one folder has of a run. */
struct hmz_inquiry_answer {
    enum hmz_inquiry_found found;
    bool told;        /* what the scan of the job found in it was told already */
    char reason[512]; /* why it cannot be read */
    struct hmz_held_count events, scalers;
};

/* One run that the set holds something of. */
struct hmz_inquiry_subject {
    char *path; /* in the folder at hand, where the job does not read it */
    const char *read_path;
    struct hmz_file_at index;
    char run_text[16];
    struct stat file; /* at `path`, where it was looked at */
    bool seen;        /* `file` is of the folder before, too */
    struct hmz_inquiry_answer now, best;
};

struct hmz_inquiry {
    struct hmz_job *job;
    struct hmz_holdings holdings;
    struct hmz_manifest manifest;
    struct hmz_plan *begun;
    struct hmz_inquiry_subject *subjects; /* [holdings.run_count] */
    struct hmz_pool_task *tasks;
    size_t *task_subjects;
    size_t task_count;
};

/* `inquiry->job` is set. `outputs`: what lies in harmonic_path; `real`: its state folder. HMZ_E_USAGE: what
 * the set holds cannot be told. */
HMZ_MUST_CHECK int hmz_inquiry_open(struct hmz_inquiry *self, const struct hmz_state *real,
                                    const struct hmz_outputs *outputs, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_inquiry_ask(struct hmz_inquiry *self, struct hmz_error *err);

/* All that the set holds is in merged runs. */
bool hmz_inquiry_settled(const struct hmz_inquiry *self);

void hmz_inquiry_release(struct hmz_inquiry *self);

/* The plan that an unfinished set was begun with. HMZ_END: nothing is begun. */
HMZ_MUST_CHECK int hmz_inquiry_load_begun(const struct hmz_job *job, const struct hmz_state *real,
                                          struct hmz_plan **begun_out, struct hmz_error *err);

#endif
