/* SPDX-License-Identifier: MIT */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"
#include "posix_io.h"

int hmz_outfile_create(struct hmz_outfile *self, const char *part_path, struct hmz_error *err)
{
    *self = HMZ_OUTFILE_CLOSED;
    self->part_path = strdup(part_path);
    if (!self->part_path)
        return hmz_fail_nomem(err, part_path);
    int status = hmz_io_open(part_path, O_RDWR | O_CREAT | O_TRUNC, 0666, &self->fd, err);
    if (status != HMZ_OK) {
        free(self->part_path);
        *self = HMZ_OUTFILE_CLOSED;
    }
    return status;
}

enum { OWN_NAME_TRIES = 16 };

/* "a/b.c.part" with a random word: "a/b.WORD.c.part" */
static char *own_path(const char *part_path, struct hmz_error *err)
{
    uint64_t word;
    if (getentropy(&word, sizeof word) != 0) {
        hmz_ignore(hmz_fail_errno(err, errno, "no random numbers"));
        return NULL;
    }
    const char *dot = strchr(hmz_path_name(part_path), '.');
    size_t before = dot ? (size_t)(dot - part_path) : strlen(part_path);
    char *path = hmz_text_new("%.*s.%016" PRIx64 "%s", (int)before, part_path, word, part_path + before);
    if (!path)
        hmz_ignore(hmz_fail_nomem(err, part_path));
    return path;
}

/* False where somebody took it for a left one before it was locked: it is gone, or about to be. */
static bool keep_lock(int fd)
{
    struct stat found;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return false;
    return fstat(fd, &found) != 0 || found.st_nlink > 0;
}

int hmz_outfile_create_own(struct hmz_outfile *self, const char *part_path, struct hmz_error *err)
{
    *self = HMZ_OUTFILE_CLOSED;
    for (int i = 0; i < OWN_NAME_TRIES; i++) {
        char *path = own_path(part_path, err);
        if (!path)
            return err->status;
        int status = hmz_outfile_create(self, path, err);
        free(path);
        if (status != HMZ_OK || keep_lock(self->fd))
            return status;
        hmz_outfile_discard(self);
    }
    return hmz_fail(err, HMZ_E_FAILED, "%s: removed again and again while it was made", part_path);
}

bool hmz_outfile_is_left(int folder_fd, const char *name)
{
    /* Some file systems lock for writing only what is open for writing. */
    int fd = openat(folder_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    bool left = fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
    if (fd >= 0)
        close(fd); /* nothing was written */
    return left;
}

int hmz_outfile_write(struct hmz_outfile *self, const void *data, size_t length, struct hmz_error *err)
{
    if (hmz_io_write_at(self->fd, data, length, self->length, err) != HMZ_OK)
        return hmz_place(err, "%s", self->part_path);
    self->length += length;
    self->synced = false;
    return HMZ_OK;
}

int hmz_outfile_sync(struct hmz_outfile *self, struct hmz_error *err)
{
    if (hmz_io_sync(self->fd, err) != HMZ_OK)
        return hmz_place(err, "%s", self->part_path);
    self->synced = true;
    return HMZ_OK;
}

int hmz_folder_sync(const char *path, struct hmz_error *err)
{
    int fd;
    int status = hmz_io_open(path, O_RDONLY | O_DIRECTORY, 0, &fd, err);
    if (status != HMZ_OK)
        return status;
    status = hmz_io_sync(fd, err);
    /* Nothing was written through it. */
    close(fd);
    return status == HMZ_OK ? HMZ_OK : hmz_place(err, "%s", path);
}

static int close_file(struct hmz_outfile *self, struct hmz_error *err)
{
    int fd = self->fd;
    self->fd = -1;
    if (hmz_io_close(fd, err) != HMZ_OK)
        return hmz_place(err, "%s", self->part_path);
    return HMZ_OK;
}

int hmz_outfile_commit(struct hmz_outfile *self, const char *final_path, struct hmz_error *err)
{
    int status = self->synced ? HMZ_OK : hmz_outfile_sync(self, err);
    if (status == HMZ_OK)
        status = close_file(self, err);
    if (status != HMZ_OK)
        return status;
    if (rename(self->part_path, final_path) != 0)
        return hmz_fail_write(err, errno, "%s: cannot rename to %s", self->part_path, final_path);
    free(self->part_path);
    self->part_path = NULL;
    char *folder = hmz_path_folder(final_path);
    if (!folder)
        return hmz_fail_nomem(err, final_path);
    status = hmz_folder_sync(folder, err);
    free(folder);
    return status;
}

void hmz_outfile_discard(struct hmz_outfile *self)
{
    if (self->fd >= 0)
        close(self->fd); /* its content is given up */
    if (self->part_path) {
        /* Best effort: a part file that stays is removed by the next run of the same command. */
        unlink(self->part_path);
        free(self->part_path);
    }
    *self = HMZ_OUTFILE_CLOSED;
}
