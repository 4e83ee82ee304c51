/* SPDX-License-Identifier: MIT */
/* The folders that merged runs are looked for in: one, or several where an experiment spans disks. */
#ifndef HMZ_RUN_FOLDERS_H
#define HMZ_RUN_FOLDERS_H

#include <stdbool.h>
#include <stddef.h>

#include "buffer.h"
#include "hmz_error.h"

struct hmz_run_folders { /* all zero: none; memory owned */
    char **paths;
    size_t count;
    char *text; /* as messages name them: "/disk1/merged, /disk2/merged"; NULL where there is none */
};

void hmz_run_folders_release(struct hmz_run_folders *self);
HMZ_MUST_CHECK int hmz_run_folders_add(struct hmz_run_folders *self, const char *path, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_run_folders_copy(const struct hmz_run_folders *from, struct hmz_run_folders *to_out,
                                        struct hmz_error *err);

/* The same folders in the same order, by their paths. */
bool hmz_run_folders_same(const struct hmz_run_folders *a, const struct hmz_run_folders *b);

/* The path of the file of that name: in the first folder that has one, or where none has, in the first. NULL
 * without memory. */
char *hmz_run_folders_path(const struct hmz_run_folders *self, const char *name);

/* In one word, for a worker. */
HMZ_MUST_CHECK int hmz_run_folders_pack(const struct hmz_run_folders *self, char **word_out,
                                        struct hmz_error *err);
HMZ_MUST_CHECK int hmz_run_folders_unpack(const char *word, struct hmz_run_folders *self_out,
                                          struct hmz_error *err);

#endif
