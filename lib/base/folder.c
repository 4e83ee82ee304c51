/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix_io.h"

/* ---- folders ---- */

enum { FOLDER_FLAGS = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

int hmz_folder_open(struct hmz_folder *self, const char *path, struct hmz_error *err)
{
    *self = HMZ_FOLDER_CLOSED;
    self->path = strdup(path);
    if (!self->path)
        return hmz_fail_nomem(err, path);
    for (size_t end = strlen(path); end > 1 && self->path[end - 1] == '/'; end--)
        self->path[end - 1] = '\0';
    self->fd = hmz_io_openat(AT_FDCWD, path, FOLDER_FLAGS, 0);
    if (self->fd >= 0)
        return HMZ_OK;
    int status = hmz_fail_errno(err, errno, "%s: cannot open this folder", path);
    hmz_folder_close(self);
    return status;
}

static char *path_of(struct hmz_file_at at)
{
    size_t room = strlen(at.folder->path) + strlen(at.name) + 2;
    char *path = malloc(room);
    if (path)
        snprintf(path, room, "%s/%s", at.folder->path, at.name);
    return path;
}

int hmz_folder_open_in(struct hmz_folder *self, struct hmz_file_at at, struct hmz_error *err)
{
    struct stat found;
    *self = HMZ_FOLDER_CLOSED;
    int fd = hmz_io_openat(at.folder->fd, at.name, FOLDER_FLAGS | O_NOFOLLOW, 0);
    int error_number = errno;
    if (fd < 0 && error_number == ENOENT)
        return HMZ_END;
    if (fd < 0 && hmz_file_look(at, &found) && !S_ISDIR(found.st_mode)) {
        hmz_ignore(
            hmz_fail(err, HMZ_E_USAGE,
                     "is %s, a folder of this program was expected; it is not touched: move it away, or "
                     "choose another harmonic_path",
                     hmz_file_kind_text(found.st_mode)));
        return hmz_context_at(err, at);
    }
    if (fd < 0) {
        hmz_ignore(hmz_fail_errno(err, error_number, "cannot open this folder"));
        return hmz_context_at(err, at);
    }
    *self = (struct hmz_folder){.fd = fd, .path = path_of(at)};
    if (self->path)
        return HMZ_OK;
    hmz_folder_close(self);
    return hmz_fail_nomem(err, at.name);
}

void hmz_folder_close(struct hmz_folder *self)
{
    if (self->fd >= 0)
        close(self->fd); /* nothing was written through it */
    free(self->path);
    *self = HMZ_FOLDER_CLOSED;
}

int hmz_folder_sync(const struct hmz_folder *self, struct hmz_error *err)
{
    if (hmz_io_sync(self->fd, err) == HMZ_OK || err->status != HMZ_E_SPACE)
        return HMZ_OK;
    return hmz_context(err, "%s", self->path);
}

/* "." and not a copy of the descriptor, which would share its place in the list. */
static DIR *open_list(const struct hmz_folder *self)
{
    int fd = hmz_io_openat(self->fd, ".", FOLDER_FLAGS, 0);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    int error_number = errno;
    if (fd >= 0 && !list)
        close(fd);
    errno = error_number;
    return list;
}

int hmz_folder_each(const struct hmz_folder *self, hmz_folder_visit *visit, void *data, struct hmz_error *err)
{
    DIR *list = open_list(self);
    if (!list)
        return hmz_fail_errno(err, errno, "%s: cannot be listed", self->path);
    int status = HMZ_OK;
    struct dirent *entry;
    while (status == HMZ_OK && (errno = 0, entry = readdir(list)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            status = visit(data, entry->d_name, err);
    if (status == HMZ_OK && errno != 0)
        status = hmz_fail_errno(err, errno, "%s: cannot be listed", self->path);
    closedir(list);
    return status;
}

/* ---- files ---- */

struct hmz_file_at hmz_file_in(const struct hmz_folder *folder, const char *format, ...)
{
    struct hmz_file_at at = {.folder = folder};
    va_list args;
    va_start(args, format);
    int length = vsnprintf(at.name, sizeof at.name, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof at.name)
        at.name[0] = '\0';
    return at;
}

int hmz_context_at(struct hmz_error *err, struct hmz_file_at at)
{
    return hmz_context(err, "%s/%s", at.folder->path, at.name);
}

bool hmz_file_look(struct hmz_file_at at, struct stat *found_out)
{
    return fstatat(at.folder->fd, at.name, found_out, AT_SYMLINK_NOFOLLOW) == 0;
}

bool hmz_file_is_there(struct hmz_file_at at)
{
    struct stat found;
    return hmz_file_look(at, &found);
}

const char *hmz_file_kind_text(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return "a file";
    case S_IFDIR:
        return "a folder";
    case S_IFLNK:
        return "a symbolic link";
    case S_IFIFO:
        return "a FIFO";
    case S_IFSOCK:
        return "a socket";
    default:
        return "a device";
    }
}

int hmz_file_refuse(struct hmz_file_at at, mode_t mode, struct hmz_error *err)
{
    hmz_ignore(hmz_fail(err, HMZ_E_USAGE,
                        "is %s, a regular file was expected; it is not touched: move it away",
                        hmz_file_kind_text(mode)));
    return hmz_context_at(err, at);
}

/* What open() says of a name that is no regular file depends on the system: so we look. */
static int refuse_open(struct hmz_file_at at, int error_number, struct hmz_error *err)
{
    struct stat found;
    if (hmz_file_look(at, &found) && !S_ISREG(found.st_mode))
        return hmz_file_refuse(at, found.st_mode, err);
    hmz_ignore(hmz_fail_errno(err, error_number, "cannot open"));
    return hmz_context_at(err, at);
}

int hmz_file_open(struct hmz_file_at at, int flags, int *fd_out, struct hmz_error *err)
{
    struct stat found;
    /* O_NONBLOCK: to open a FIFO would wait for its other end. */
    int fd = at.folder->fd < 0
                 ? -1
                 : hmz_io_openat(at.folder->fd, at.name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
    if (at.folder->fd < 0 || (fd < 0 && errno == ENOENT))
        return HMZ_END;
    if (fd < 0)
        return refuse_open(at, errno, err);
    if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode)) {
        *fd_out = fd;
        return HMZ_OK;
    }
    close(fd); /* nothing was written */
    return refuse_open(at, EIO, err);
}

int hmz_file_create(struct hmz_file_at at, int *fd_out, struct hmz_error *err)
{
    int fd = hmz_io_openat(at.folder->fd, at.name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST)
        return HMZ_END;
    if (fd < 0) {
        hmz_ignore(hmz_fail_write(err, errno, "cannot create"));
        return hmz_context_at(err, at);
    }
    *fd_out = fd;
    return HMZ_OK;
}

int hmz_file_read(struct hmz_file_at at, size_t limit_bytes, uint8_t **data_out, size_t *length_out,
                  struct hmz_error *err)
{
    int fd;
    int status = hmz_file_open(at, O_RDONLY, &fd, err);
    if (status != HMZ_OK)
        return status;
    status = hmz_io_read_all(fd, limit_bytes, data_out, length_out, err);
    close(fd); /* only read */
    return status == HMZ_OK ? HMZ_OK : hmz_context_at(err, at);
}

int hmz_file_remove(struct hmz_file_at at, struct hmz_error *err)
{
    struct stat found;
    if (hmz_file_look(at, &found) && !S_ISREG(found.st_mode))
        return hmz_file_refuse(at, found.st_mode, err);
    if (unlinkat(at.folder->fd, at.name, 0) == 0 || errno == ENOENT)
        return HMZ_OK;
    hmz_ignore(hmz_fail_write(err, errno, "cannot be removed"));
    return hmz_context_at(err, at);
}
