/* SPDX-License-Identifier: MIT */
/* Which merged runs are there: the files run_NNNN.h5 of one folder or several, NNNN being at least four
 * digits.
 *
 *     hmz_run_set_new(&options, &set, err)
 *     set->runs[0 .. set->count - 1], set->missing_count, set->missing_text
 *     hmz_run_set_free(set)
 *
 * Reads each folder once and looks at the files that are asked for (stat); opens none of them. The time
 * depends on what is in the folders, not on the width of the range. */
#ifndef HMZ_RUN_SET_H
#define HMZ_RUN_SET_H

#include <stddef.h>
#include <stdint.h>

#include "file_identity.h"
#include "hmz_error.h"
#include "run_folders.h"
#include "run_selection.h"

struct hmz_run_set_options {
    const struct hmz_run_folders *folders;     /* existing ones, at least one */
    const struct hmz_run_selection *selection; /* runs that are not there are fine */
};

/* A merged run as it was found. */
struct hmz_run_file {
    char *name;    /* "run_0055.h5" */
    char *path;    /* its folder/name */
    size_t folder; /* which of the folders */
    struct hmz_file_identity identity;
    uint64_t inode;
    uint64_t device;
    int32_t run;
};

struct hmz_run_set {
    struct hmz_run_file *runs; /* [count], by run number, count >= 1 */
    size_t count;
    uint64_t missing_count; /* runs of the ranges that are neither there nor skipped */
    /* Lists of runs, "57, 60 to 62"; "" if none; a long text ends in "and 1,204 more". */
    char *missing_text;
    char *skipped_text; /* of the range, left out by skip_runs although they are there */
    char *absent_text;  /* in skip_runs, but not there */
    char *outside_text; /* in skip_runs, but not in the range */
    char *near_text; /* files whose names are nearly those of missing runs: "run_57.h5 (run_0057.h5?)"; "" if
                        none */
};

/* Lists the runs that are asked for.
 *
 *   options  borrowed for the call
 *   set_out  new, freed by the caller with hmz_run_set_free(); NULL on failure
 *
 * A run is a plain file, or a link to one. Other things of that name (folders, say) are no runs; a link that
 * leads nowhere is a failure, as what it stood for would be left out without a word. Numbers above INT32_MAX
 * are no runs.
 *
 * HMZ_OK; HMZ_E_USAGE: none of these runs is there (the message says which are, or what is nearly one), or
 * two files are there for one run (run_0055.h5 and run_00055.h5, or one in each of two folders; both are
 * named); HMZ_E_NOMEM; HMZ_E_FAILED: a folder cannot be listed, or a run not be looked at. */
HMZ_MUST_CHECK int hmz_run_set_new(const struct hmz_run_set_options *options, struct hmz_run_set **set_out,
                                   struct hmz_error *err);

/* Of runs that are known without a look at any folder: numbers, and which runs are missing; all else is
 * empty. `runs`: [count], ascending. */
HMZ_MUST_CHECK int hmz_run_set_of_known(const int32_t *runs, size_t count,
                                        const struct hmz_run_selection *selection,
                                        struct hmz_run_set **set_out, struct hmz_error *err);

void hmz_run_set_free(struct hmz_run_set *set); /* NULL is allowed */

#endif
