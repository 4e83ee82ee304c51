/* SPDX-License-Identifier: MIT */
#include "posix_io.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

/* ---- reads with a verdict ---- */

enum { WITNESS_BYTES = 4096 };

/* Forgets what the kernel keeps of it: that may be there although the disk is not. */
static bool reads_from_disk(int fd, uint64_t offset)
{
    uint8_t bytes[WITNESS_BYTES];
    size_t got;
#ifdef POSIX_FADV_DONTNEED
    if (posix_fadvise(fd, (off_t)offset, WITNESS_BYTES, POSIX_FADV_DONTNEED) != 0)
        return false;
#endif
    return hmz_io_read_errno(fd, bytes, sizeof bytes, offset, &got) == 0 && got > 0;
}

static bool reads_elsewhere(int fd, uint64_t bad)
{
    struct stat found;
    if (fstat(fd, &found) != 0 || found.st_size <= 0)
        return false;
    uint64_t last = ((uint64_t)found.st_size - 1) / WITNESS_BYTES;
    const uint64_t pages[] = {0, last / 2, last};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        if (pages[i] != bad / WITNESS_BYTES && reads_from_disk(fd, pages[i] * WITNESS_BYTES))
            return true;
    return false;
}

/* True also where the length cannot be asked for: nothing is known of the file then. */
static bool ends_later(int fd, uint64_t offset)
{
    struct stat found;
    return fstat(fd, &found) != 0 || (uint64_t)found.st_size > offset;
}

int hmz_io_read_judged(int fd, void *data, size_t length, uint64_t offset, size_t *got_out)
{
    int error_number = hmz_io_read_errno(fd, data, length, offset, got_out);
    if (error_number == EIO && reads_elsewhere(fd, offset + *got_out)) {
        error_number = hmz_io_read_errno(fd, data, length, offset, got_out);
        error_number = error_number == EIO ? HMZ_IO_BAD_SECTOR : error_number;
    }
    if (error_number == 0 && *got_out < length && ends_later(fd, offset + *got_out))
        return HMZ_IO_NO_BYTES;
    return error_number;
}

static bool may_be_away(int error_number)
{
    static const int away[] = {
        EIO,         EAGAIN,     ENOTCONN, ESTALE, ETIMEDOUT, EHOSTDOWN, EHOSTUNREACH, ENETDOWN,
        ENETUNREACH, ECONNRESET, EPIPE,    ENXIO,  ENODEV,    ESHUTDOWN, ECONNABORTED, ECONNREFUSED,
#ifdef EREMOTEIO
        EREMOTEIO,
#endif
    };
    for (size_t i = 0; i < sizeof away / sizeof *away; i++)
        if (away[i] == error_number)
            return true;
    return false;
}

const char *hmz_io_reason(int error_number)
{
    static char text[160];
    if (error_number == HMZ_IO_BAD_SECTOR)
        return "input/output error, twice at this place, while the rest of the file can be read";
    if (error_number == HMZ_IO_BEYOND)
        return "not in the file";
    if (error_number == HMZ_IO_NO_BYTES)
        return "no bytes there, though the file is longer: is the disk or the share away?";
    snprintf(text, sizeof text, "%s%s", strerror(error_number),
             may_be_away(error_number) ? ": is the disk or the share away?" : "");
    return text;
}

int hmz_io_fail_read(struct hmz_error *err, int error_number, const char *format, ...)
{
    char what[HMZ_ERROR_TEXT_BYTES / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    bool damaged = error_number == HMZ_IO_BAD_SECTOR || error_number == HMZ_IO_BEYOND;
    int status = damaged ? HMZ_E_DAMAGED : error_number == ENOMEM ? HMZ_E_NOMEM : HMZ_E_FAILED;
    return hmz_fail(err, status, "%s: %s", what, hmz_io_reason(error_number));
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

int hmz_io_openat(int folder_fd, const char *path, int flags, mode_t mode)
{
    int tries = 0;
    int fd;
    do
        fd = openat(folder_fd, path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR && ++tries <= HMZ_IO_EINTR_TRIES);
    return fd;
}

int hmz_io_open(const char *path, int flags, mode_t mode, int *fd_out, struct hmz_error *err)
{
    int fd = hmz_io_openat(AT_FDCWD, path, flags, mode);
    if (fd < 0 && (flags & O_CREAT))
        return hmz_fail_write(err, errno, "%s: cannot create", path);
    if (fd < 0)
        return hmz_fail_errno(err, errno, "%s: cannot open", path);
    *fd_out = fd;
    return HMZ_OK;
}

int hmz_io_open_regular(const char *path, int *fd_out, struct hmz_error *err)
{
    struct stat found;
    int fd = hmz_io_openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK, 0);
    if (fd < 0 && errno == ENOENT)
        return HMZ_END;
    if (fd < 0)
        return hmz_fail_errno(err, errno, "%s: cannot open", path);
    if (fstat(fd, &found) == 0 && S_ISREG(found.st_mode)) {
        *fd_out = fd;
        return HMZ_OK;
    }
    close(fd); /* only read */
    return hmz_fail(err, HMZ_E_DAMAGED, "%s: is no regular file", path);
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

int hmz_io_read_all(int fd, size_t limit_bytes, uint8_t **data_out, size_t *length_out, struct hmz_error *err)
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
    int fd = hmz_io_openat(AT_FDCWD, path, O_RDONLY, 0);
    if (fd < 0 && errno == ENOENT)
        return HMZ_END;
    if (fd < 0)
        return hmz_fail_errno(err, errno, "%s: cannot open", path);
    int status = hmz_io_read_all(fd, limit_bytes, data_out, length_out, err);
    /* Only read: a failed close loses nothing. */
    close(fd);
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "%s", path);
}
