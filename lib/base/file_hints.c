/* SPDX-License-Identifier: MIT */
#include "file_hints.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "posix_io.h"

int hmz_file_preallocate(int fd, uint64_t bytes, struct hmz_error *err)
{
#ifdef FALLOC_FL_KEEP_SIZE
    int tries = 0;
    while (bytes > 0 && fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) != 0) {
        if (errno == EINTR && ++tries <= HMZ_IO_EINTR_TRIES)
            continue;
        if (errno == ENOSPC || errno == EDQUOT)
            return hmz_fail_write(err, errno, "cannot reserve %llu bytes", (unsigned long long)bytes);
        return HMZ_OK; /* whatever else is in the way, the writes will tell, if it is in theirs */
    }
#else
    (void)fd;
    (void)bytes;
    (void)err;
#endif
    return HMZ_OK;
}

void hmz_file_trim(int fd, uint64_t length)
{
    /* Its length is right already: what stays reserved is no fault of the file. */
    hmz_ignore(ftruncate(fd, (off_t)length));
}

void hmz_file_start_writeback(int fd, uint64_t offset, uint64_t bytes)
{
#ifdef SYNC_FILE_RANGE_WRITE
    /* A hint: what fails here shows at fsync. */
    hmz_ignore(sync_file_range(fd, (off_t)offset, (off_t)bytes, SYNC_FILE_RANGE_WRITE));
#else
    (void)fd;
    (void)offset;
    (void)bytes;
#endif
}

bool hmz_file_free_bytes(int fd, uint64_t *bytes_out)
{
    struct statvfs disk;
    if (fstatvfs(fd, &disk) != 0)
        return false;
    uint64_t unit = disk.f_frsize ? disk.f_frsize : disk.f_bsize;
    if (unit == 0 || disk.f_blocks == 0 || disk.f_bavail > disk.f_blocks)
        return false;
    return !__builtin_mul_overflow((uint64_t)disk.f_bavail, unit, bytes_out);
}
