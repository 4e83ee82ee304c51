/* SPDX-License-Identifier: MIT */
/* manifest.json: a harmonic set is complete if and only if it is there. It says what the set was made of and
 * what it consists of, with the XXH3-128 of every file; its own covers all bytes before its last line.
 * Format: docs/formats.md. */
#ifndef HMZ_MANIFEST_H
#define HMZ_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file_hash.h"
#include "folder.h"
#include "hmz_error.h"
#include "plan.h"
#include "run_folders.h"
#include "run_selection.h"

#define HMZ_MANIFEST_NAME        "manifest.json"
#define HMZ_MANIFEST_BYTES_LIMIT ((size_t)1 << 31)

/* The part of the configuration that decides what is written. */
struct hmz_manifest_config {
    struct hmz_run_folders merger; /* none: there is no manifest */
    char *harmonic_path;
    struct hmz_settings settings; /* of a manifest that does not say, FRIB data are kept, as they were then */
    struct hmz_run_selection selection;
    char *links; /* mode: link: merger_path from harmonic_path on, as the links have it; NULL in a copy */
};

struct hmz_manifest_input {
    int32_t run;
    char *file;
    char *folder; /* that it was in, as in the configuration; NULL in a manifest that does not say */
    struct hmz_file_identity identity;
};

struct hmz_manifest_output {
    char *file;
    uint64_t bytes;
    bool is_run; /* a harmonic run; a table has null events */
    uint64_t events;
    struct hmz_event_id first, last; /* of those events; of no meaning where there is none */
    struct hmz_file_hash hash;
};

enum hmz_skipped_kind { HMZ_SKIPPED_RUN, HMZ_SKIPPED_EVENT, HMZ_SKIPPED_SCALER };

struct hmz_skipped {
    int32_t run;
    enum hmz_skipped_kind kind;
    uint64_t number; /* of the event or readout */
    char *reason;
};

struct hmz_manifest { /* all zero: empty; all memory owned */
    struct hmz_manifest_config config;
    struct hmz_manifest_input *inputs;
    size_t input_count;
    struct hmz_manifest_output *outputs;
    size_t output_count;
    struct hmz_skipped *skipped;
    size_t skipped_count;
};

void hmz_manifest_release(struct hmz_manifest *self);

/* Each adds an empty entry to fill; NULL without memory. */
struct hmz_manifest_input *hmz_manifest_add_input(struct hmz_manifest *self);
struct hmz_manifest_output *hmz_manifest_add_output(struct hmz_manifest *self);
struct hmz_skipped *hmz_manifest_add_skipped(struct hmz_manifest *self);

/* The entry of a file of the set; NULL where it lists none of this name. */
const struct hmz_manifest_output *hmz_manifest_find_output(const struct hmz_manifest *self, const char *name);

/* HMZ_E_DAMAGED: what `fd` reads is not that file: its length or its hash is another. */
HMZ_MUST_CHECK int hmz_manifest_check_output(const struct hmz_manifest_output *output, int fd,
                                             struct hmz_error *err);

/* Part file, fsync, rename, fsync of the folder. */
HMZ_MUST_CHECK int hmz_manifest_save(const struct hmz_manifest *self, struct hmz_file_at part,
                                     struct hmz_file_at final, struct hmz_error *err);

/* No such file: HMZ_END. Not a manifest, not even a file, or changed by a bit: HMZ_E_DAMAGED. */
HMZ_MUST_CHECK int hmz_manifest_load(struct hmz_manifest *self_out, struct hmz_file_at at,
                                     struct hmz_error *err);

#endif
