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

/* printf into new memory. */
char *hmz_text_new(const char *format, ...) HMZ_PRINTF(1, 2);

#endif
