/* SPDX-License-Identifier: MIT */
#include "posix_io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* One call moves at most this much: Linux and macOS cut or refuse counts beyond INT_MAX. */
enum { MOVE_LIMIT_BYTES = 1 << 30 };

static size_t at_most(size_t length)
{
    return length < MOVE_LIMIT_BYTES ? length : MOVE_LIMIT_BYTES;
}

int hmz_io_read_errno(int fd, void *data, size_t length, uint64_t offset, size_t *got_out)
{
    uint8_t *to = data;
    int tries = 0;
    *got_out = 0;
    while (*got_out < length) {
        ssize_t moved = pread(fd, to + *got_out, at_most(length - *got_out), (off_t)(offset + *got_out));
        if (moved == 0)
            return 0;
        if (moved < 0 && (errno != EINTR || ++tries > HMZ_IO_EINTR_TRIES))
            return errno;
        if (moved > 0) {
            *got_out += (size_t)moved;
            tries = 0;
        }
    }
    return 0;
}

int hmz_io_write_errno(int fd, const void *data, size_t length, uint64_t offset)
{
    const uint8_t *from = data;
    size_t done = 0;
    int tries = 0;
    while (done < length) {
        ssize_t moved = pwrite(fd, from + done, at_most(length - done), (off_t)(offset + done));
        if (moved < 0 && (errno != EINTR || ++tries > HMZ_IO_EINTR_TRIES))
            return errno;
        if (moved == 0 && ++tries > HMZ_IO_EINTR_TRIES)
            return EIO;
        if (moved > 0) {
            done += (size_t)moved;
            tries = 0;
        }
    }
    return 0;
}

int hmz_io_read_at(int fd, void *data, size_t length, uint64_t offset, struct hmz_error *err)
{
    size_t got;
    int error_number = hmz_io_read_errno(fd, data, length, offset, &got);
    if (error_number)
        return hmz_fail_errno(err, error_number, "cannot read %zu bytes at byte %" PRIu64, length, offset);
    if (got < length)
        return hmz_fail(err, HMZ_E_DAMAGED, "%zu bytes expected at byte %" PRIu64 ", the file ends after %zu",
                        length, offset, got);
    return HMZ_OK;
}

int hmz_io_write_at(int fd, const void *data, size_t length, uint64_t offset, struct hmz_error *err)
{
    int error_number = hmz_io_write_errno(fd, data, length, offset);
    if (error_number)
        return hmz_fail_write(err, error_number, "cannot write %zu bytes at byte %" PRIu64, length, offset);
    return HMZ_OK;
}

int hmz_io_write_stream(int fd, const void *data, size_t length, struct hmz_error *err)
{
    const uint8_t *from = data;
    size_t done = 0;
    int tries = 0;
    while (done < length) {
        ssize_t moved = write(fd, from + done, at_most(length - done));
        if (moved < 0 && (errno != EINTR || ++tries > HMZ_IO_EINTR_TRIES))
            return hmz_fail_write(err, errno, "cannot write");
        if (moved > 0) {
            done += (size_t)moved;
            tries = 0;
        }
    }
    return HMZ_OK;
}

int hmz_io_sync(int fd, struct hmz_error *err)
{
    int tries = 0;
    while (fsync(fd) != 0) {
        if (errno != EINTR || ++tries > HMZ_IO_EINTR_TRIES)
            return hmz_fail_write(err, errno, "fsync failed");
    }
    return HMZ_OK;
}

int hmz_io_close(int fd, struct hmz_error *err)
{
    if (close(fd) != 0 && errno != EINTR)
        return hmz_fail_write(err, errno, "close failed");
    return HMZ_OK;
}

int hmz_io_length(int fd, uint64_t *length_out, struct hmz_error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return hmz_fail_errno(err, errno, "cannot get its length");
    *length_out = (uint64_t)status.st_size;
    return HMZ_OK;
}

/* The descriptor, or -1 and errno. */
static int open_file(const char *path, int flags, mode_t mode)
{
    int tries = 0;
    int fd;
    do
        fd = open(path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR && ++tries <= HMZ_IO_EINTR_TRIES);
    return fd;
}

int hmz_io_open(const char *path, int flags, mode_t mode, int *fd_out, struct hmz_error *err)
{
    int fd = open_file(path, flags, mode);
    if (fd < 0 && (flags & O_CREAT))
        return hmz_fail_write(err, errno, "%s: cannot create", path);
    if (fd < 0)
        return hmz_fail_errno(err, errno, "%s: cannot open", path);
    *fd_out = fd;
    return HMZ_OK;
}

DIR *hmz_io_open_folder(const char *path)
{
    int tries = 0;
    DIR *folder;
    do
        folder = opendir(path);
    while (!folder && errno == EINTR && ++tries <= HMZ_IO_EINTR_TRIES);
    return folder;
}

static int read_all(int fd, size_t limit_bytes, uint8_t **data_out, size_t *length_out, struct hmz_error *err)
{
    uint64_t length;
    int status = hmz_io_length(fd, &length, err);
    if (status != HMZ_OK)
        return status;
    if (length > limit_bytes)
        return hmz_fail(err, HMZ_E_DAMAGED, "%" PRIu64 " bytes, at most %zu expected", length, limit_bytes);
    uint8_t *data = malloc((size_t)length + 1);
    if (!data)
        return hmz_fail_nomem(err, "its content");
    status = hmz_io_read_at(fd, data, (size_t)length, 0, err);
    if (status != HMZ_OK) {
        free(data);
        return status;
    }
    data[length] = '\0';
    *data_out = data;
    *length_out = (size_t)length;
    return HMZ_OK;
}

int hmz_io_read_file(const char *path, size_t limit_bytes, uint8_t **data_out, size_t *length_out,
                     struct hmz_error *err)
{
    int fd = open_file(path, O_RDONLY, 0);
    if (fd < 0 && errno == ENOENT)
        return HMZ_END;
    if (fd < 0)
        return hmz_fail_errno(err, errno, "%s: cannot open", path);
    int status = read_all(fd, limit_bytes, data_out, length_out, err);
    /* Only read: a failed close loses nothing. */
    close(fd);
    return status == HMZ_OK ? HMZ_OK : hmz_place(err, "%s", path);
}
