/* SPDX-License-Identifier: MIT */
/* A folder under TMPDIR for commands that scan but write nothing into harmonic_path. */
#ifndef HMZ_SCRATCH_H
#define HMZ_SCRATCH_H

#include "hmz_error.h"
#include "state.h"

/* Where scratch folders are made. */
const char *hmz_scratch_parent(void);

/* *path_out is the caller's, for hmz_scratch_remove(). */
int hmz_scratch_make(char **path_out, struct hmz_error *err);

/* Removes the folder with what `state`, if open, has in it, and frees `path`. What cannot be removed
 * stays in the temporary folder: nothing needs it. */
void hmz_scratch_remove(const struct hmz_state *state, char *path);

#endif
