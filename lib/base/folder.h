/* SPDX-License-Identifier: MIT */
/* Folders that are opened once and then worked in through their descriptor, so that nothing in them leads
 * elsewhere: no symbolic link under a name of ours is followed, and nobody can put another folder in the way.
 *
 *     hmz_folder_open(&folder, path, err)
 *     hmz_file_save(hmz_file_in(&folder, "index_%04d", run), …)      a file is a folder and a name, by value
 *     hmz_folder_close(&folder)
 *
 * Only regular files are read, written over and removed here. Anything else under the name (a symbolic link,
 * a folder, a FIFO, …) is HMZ_E_USAGE, named as what it is, and stays untouched. */
#ifndef HMZ_FOLDER_H
#define HMZ_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "hmz_error.h"

struct hmz_folder {
    int fd;     /* -1 when closed; owned */
    char *path; /* for messages; owned */
};

#define HMZ_FOLDER_CLOSED ((struct hmz_folder){.fd = -1})

enum { HMZ_FILE_NAME_BYTES = 256 };

struct hmz_file_at {
    const struct hmz_folder *folder; /* borrowed */
    char name[HMZ_FILE_NAME_BYTES];  /* no file has the empty name, which stands for one that is too long */
};

/* ---- folders ---- */

/* Follows symbolic links in `path`: it is the user's. */
HMZ_MUST_CHECK int hmz_folder_open(struct hmz_folder *self, const char *path, struct hmz_error *err);
/* A real folder within an open one. HMZ_END: there is nothing of that name. */
HMZ_MUST_CHECK int hmz_folder_open_in(struct hmz_folder *self, struct hmz_file_at at, struct hmz_error *err);
void hmz_folder_close(struct hmz_folder *self);

/* fsync of the folder, so that a rename or an unlink in it outlives a power cut. Not every file system can:
 * only a full disk or quota (HMZ_E_SPACE) is a failure. */
HMZ_MUST_CHECK int hmz_folder_sync(const struct hmz_folder *self, struct hmz_error *err);

/* Calls `visit` with every name but "." and ".."; a result that is not HMZ_OK ends it and is returned. Names
 * may be removed meanwhile. */
typedef int hmz_folder_visit(void *data, const char *name, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_folder_each(const struct hmz_folder *self, hmz_folder_visit *visit, void *data,
                                   struct hmz_error *err);

/* ---- files in them ---- */

struct hmz_file_at hmz_file_in(const struct hmz_folder *folder, const char *format, ...) HMZ_PRINTF(2, 3);

/* Puts folder and name in front of a message; returns its status. */
int hmz_context_at(struct hmz_error *err, struct hmz_file_at at);

/* What is there under the name, a symbolic link as itself: false where there is nothing, or where it cannot
 * be looked at. */
bool hmz_file_look(struct hmz_file_at at, struct stat *found_out);
bool hmz_file_is_there(struct hmz_file_at at);

/* "a symbolic link", "a folder", … */
const char *hmz_file_kind_text(mode_t mode);

/* HMZ_E_USAGE: the file is not what this program makes. */
int hmz_file_refuse(struct hmz_file_at at, mode_t mode, struct hmz_error *err);

/* Opens a regular file that is there (HMZ_END: it is not); `flags` of open(2), without O_CREAT. */
HMZ_MUST_CHECK int hmz_file_open(struct hmz_file_at at, int flags, int *fd_out, struct hmz_error *err);

/* Makes a file that is not there yet, open for reading and writing; HMZ_END: something has the name. */
HMZ_MUST_CHECK int hmz_file_create(struct hmz_file_at at, int *fd_out, struct hmz_error *err);

/* As hmz_io_read_file(). */
HMZ_MUST_CHECK int hmz_file_read(struct hmz_file_at at, size_t limit_bytes, uint8_t **data_out,
                                 size_t *length_out, struct hmz_error *err);

/* HMZ_OK also where there is nothing to remove. */
HMZ_MUST_CHECK int hmz_file_remove(struct hmz_file_at at, struct hmz_error *err);

#endif
