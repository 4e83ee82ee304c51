/* SPDX-License-Identifier: MIT */
/* Preloaded (LD_PRELOAD): a disk or a share that is away for a while. Reads of merged runs (files in a folder
 * `merged`) fail with $OUTAGE_ERRNO; 0: they give no bytes. Which: the calls $OUTAGE_FROM to $OUTAGE_TO of
 * this process, or those that touch bytes $OUTAGE_BEGIN to below $OUTAGE_END of the file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long setting(const char *name, long otherwise)
{
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : otherwise;
}

static int is_of_merged_run(int fd)
{
    char descriptor[64];
    char target[4096];
    snprintf(descriptor, sizeof descriptor, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(descriptor, target, sizeof target - 1);
    target[length > 0 ? length : 0] = '\0';
    return strstr(target, "/merged/") != NULL;
}

static int is_away(long call, off64_t offset, size_t length)
{
    if (call >= setting("OUTAGE_FROM", 1L << 60) && call <= setting("OUTAGE_TO", 1L << 60))
        return 1;
    return offset < setting("OUTAGE_END", 0) && offset + (long)length > setting("OUTAGE_BEGIN", 0);
}

static ssize_t read_at(int fd, void *to, size_t length, off64_t offset)
{
    static long calls;
    if (is_of_merged_run(fd) && is_away(++calls, offset, length)) {
        errno = (int)setting("OUTAGE_ERRNO", EIO);
        return errno ? -1 : 0;
    }
    return (ssize_t)syscall(SYS_pread64, fd, to, length, offset);
}

ssize_t pread64(int fd, void *to, size_t length, off64_t offset)
{
    return read_at(fd, to, length, offset);
}

ssize_t pread(int fd, void *to, size_t length, off_t offset)
{
    return read_at(fd, to, length, offset);
}
