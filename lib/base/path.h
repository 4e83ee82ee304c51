/* SPDX-License-Identifier: MIT */
/* Paths as heap text. Every result is the caller's, to be freed with free(); NULL means no memory. */
#ifndef HMZ_PATH_H
#define HMZ_PATH_H

#include "hmz_error.h"

/* "folder/name", with one slash between them. */
char *hmz_path_join(const char *folder, const char *name);

/* The folder part: "a/b" gives "a", "b" gives ".", "/b" gives "/". */
char *hmz_path_folder(const char *path);

/* The last part, inside `path`: "a/b" gives "b". */
const char *hmz_path_name(const char *path);

enum { HMZ_PATH_TEXT_BYTES = 3 * 4096 };

/* Text by value, so that it fits into one printf. */
struct hmz_path_text {
    char text[HMZ_PATH_TEXT_BYTES];
};

/* A path for a message: as it was written, and where it leads if that depends on the current directory:
 * "data/merged (from here: /home/me/data/merged)". */
struct hmz_path_text hmz_path_shown(const char *path);

/* The way from `folder` to `file`, both of which exist: "../merged/run_0055.h5". From real path to real path,
 * so it holds for a `folder` that is reached through a symbolic link. The last component of `file` is not
 * resolved. HMZ_E_FAILED where a folder cannot be resolved. */
HMZ_MUST_CHECK int hmz_path_relative(const char *folder, const char *file, char **path_out,
                                     struct hmz_error *err);

/* printf into new memory. */
char *hmz_text_new(const char *format, ...) HMZ_PRINTF(1, 2);

#endif
