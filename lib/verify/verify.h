/* SPDX-License-Identifier: MIT */
/* Is a harmonic set what it should be? Two questions, both answered in parallel and without a write into
 * harmonic_path:
 *
 *     hmz_verify_checksums()   the files against their manifest; no merged run is needed verify_checksums.c
 *     hmz_verify_set()         every event, attribute and byte against the merged runs      verify.c
 *
 * Differences are an answer, not a failure. A failure means that there is no answer: no manifest, no memory,
 * a scratch folder that is full. */
#ifndef HMZ_VERIFY_H
#define HMZ_VERIFY_H

#include <stdint.h>

#include "differences.h"
#include "hmz_error.h"
#include "job.h"
#include "manifest.h"
#include "outputs.h"

struct hmz_verification { /* all zero: empty */
    struct hmz_differences differences;
    struct hmz_manifest manifest; /* of the set */
    struct hmz_outputs there;     /* what lies in the folder; a file that lacks was told of */
    uint64_t events;              /* that the set holds */
    size_t runs_read;             /* merged runs that it was compared with */
    uint64_t bytes;               /* of its files */
};

void hmz_verification_release(struct hmz_verification *self);

/* HMZ_E_FAILED where there is no manifest or a broken one. */
HMZ_MUST_CHECK int hmz_verify_checksums(const struct hmz_config *config,
                                        const struct hmz_job_options *options, struct hmz_verification *out,
                                        struct hmz_error *err);

/* `scratch`: an empty folder for the indexes, the caller's to remove. The job is one that was not prepared.
 */
HMZ_MUST_CHECK int hmz_verify_set(struct hmz_job *job, const char *scratch, struct hmz_verification *out,
                                  struct hmz_error *err);

/* ---- shared ---- */

/* Loads the manifest, and looks for files that it does not list or that are gone. */
HMZ_MUST_CHECK int hmz_verify_begin(const char *folder, struct hmz_verification *out, struct hmz_error *err);

/* The file of this name, as it was found there; NULL where it was not. */
const struct hmz_output *hmz_verify_find(const struct hmz_verification *self, const char *name);

/* What became of a task: a crash, damage or an unreadable file is a difference of `file`, else a failure. */
HMZ_MUST_CHECK int hmz_verify_judge(struct hmz_verification *out, const char *file,
                                    const struct hmz_error *result, struct hmz_error *err);

/* Builds the tables again, in the state folder of the job, and compares. All harmonic runs were compared. */
HMZ_MUST_CHECK int hmz_verify_tables(struct hmz_job *job, struct hmz_verification *out,
                                     struct hmz_error *err);

#endif
