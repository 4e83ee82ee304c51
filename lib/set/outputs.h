/* SPDX-License-Identifier: MIT */
/* What lies in harmonic_path under names that we write: ours (listed by the manifest or by the state) or
 * foreign. We write regular files only: anything else under such a name is foreign, but a symbolic link to a
 * file may stand for a file of a complete set where that is only read. What is foreign is never touched. */
#ifndef HMZ_OUTPUTS_H
#define HMZ_OUTPUTS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hmz_error.h"
#include "manifest.h"
#include "state.h"

struct hmz_output {
    char *name;
    uint64_t bytes; /* of a link: of the file that it leads to */
    mode_t mode;    /* what it is, a link as itself */
    bool own;       /* ours, to be removed */
    bool link;      /* a symbolic link to a file, in the place of one of ours */
};

struct hmz_outputs {
    struct hmz_output *items; /* by name; owned */
    size_t count;
    size_t own_count;
    size_t link_count;
};

/* Lists `run_NNNN.h5`, the tables and the manifest of harmonic_path. `manifest` may list
 * nothing. */
HMZ_MUST_CHECK int hmz_outputs_list(struct hmz_outputs *self_out, const struct hmz_state *state,
                                    const struct hmz_manifest *manifest, struct hmz_error *err);
void hmz_outputs_release(struct hmz_outputs *self);

/* The manifest of a set that must be complete. HMZ_E_FAILED, in words for the user, where there is none: they
 * depend on what lies there instead. */
HMZ_MUST_CHECK int hmz_outputs_load_manifest(struct hmz_manifest *self_out, const char *harmonic_path,
                                             struct hmz_error *err);

/* Are links in the place of our files foreign, too? */
enum hmz_outputs_use { HMZ_OUTPUTS_READ, HMZ_OUTPUTS_REPLACE };

/* HMZ_E_USAGE that names the foreign files, or HMZ_OK. Harmonic runs and tables of which no manifest and no
 * state tells are a set whose manifest is lost: the message says so. */
HMZ_MUST_CHECK int hmz_outputs_refuse_foreign(const struct hmz_outputs *self, const char *harmonic_path,
                                              enum hmz_outputs_use use, struct hmz_error *err);

uint64_t hmz_outputs_own_bytes(const struct hmz_outputs *self);

/* Removes our own files, the manifest first: a copy of it is in the state folder until the others are gone,
 * so that a command that is killed meanwhile leaves no file that nobody knows. Then the harmonic runs, then
 * the tables, which tell what those hold, the scalers last. *stop (stop.h) is looked at
 * between two files: a large one takes a while. */
HMZ_MUST_CHECK int hmz_outputs_remove_own(const struct hmz_outputs *self, const struct hmz_state *state,
                                          const volatile sig_atomic_t *stop, struct hmz_error *err);

/* Is this the name of a harmonic run; which number? */
bool hmz_outputs_run_number(const char *name, size_t *number_out);

#endif
