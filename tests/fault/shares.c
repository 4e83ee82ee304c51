/* SPDX-License-Identifier: MIT */
/* Preloaded (LD_PRELOAD): a file system as network shares are. No locks ($SHARE_LOCKS is "no"); a file that
 * is removed while this process has it open stays in its folder under another name until it is closed, as
 * with NFS ("silly rename"). For the file `lock` only, the one that is removed while it is open. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char left[4096]; /* what is removed, but open */
static struct stat left_status;

int flock(int fd, int operation)
{
    const char *locks = getenv("SHARE_LOCKS");
    if (locks && strcmp(locks, "no") == 0) {
        errno = ENOLCK;
        return -1;
    }
    return (int)syscall(SYS_flock, fd, operation);
}

static int is_open(const struct stat *wanted)
{
    struct stat found;
    for (int fd = 3; fd < 64; fd++)
        if (fstat(fd, &found) == 0 && found.st_ino == wanted->st_ino && found.st_dev == wanted->st_dev)
            return 1;
    return 0;
}

int unlinkat(int folder, const char *name, int flags)
{
    if (strcmp(name, "lock") == 0 && fstatat(folder, name, &left_status, 0) == 0 && is_open(&left_status)) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, left, sizeof left - sizeof "/.nfs0001");
        if (length < 0)
            return -1;
        memcpy(left + length, "/.nfs0001", sizeof "/.nfs0001");
        return (int)syscall(SYS_renameat, folder, name, AT_FDCWD, left);
    }
    return (int)syscall(SYS_unlinkat, folder, name, flags);
}

int close(int fd)
{
    struct stat status;
    int last = left[0] && fstat(fd, &status) == 0 && status.st_ino == left_status.st_ino;
    int result = (int)syscall(SYS_close, fd);
    if (last && !is_open(&left_status)) {
        syscall(SYS_unlink, left);
        left[0] = '\0';
    }
    return result;
}
