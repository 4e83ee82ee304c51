/* SPDX-License-Identifier: MIT */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
        return hmz_fail_errno(err, errno, "%s: cannot rename to %s", self->part_path, final_path);
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
