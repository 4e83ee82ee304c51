/* SPDX-License-Identifier: MIT */
/* Preloaded (LD_PRELOAD): stands in for a damaged file that crashes libhdf5, or makes it loop. A worker that
 * opens the file whose path ends with $VICTIM_CRASH ends by SIGSEGV; with $VICTIM_LOOP it burns time for
 * ever. */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_named_by(const char *variable, const char *path)
{
    const char *name = getenv(variable);
    size_t length = strlen(path);
    return name && length >= strlen(name) && strcmp(path + length - strlen(name), name) == 0;
}

int openat(int folder, const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    if (is_named_by("VICTIM_CRASH", path))
        raise(SIGSEGV);
    if (is_named_by("VICTIM_LOOP", path))
        for (volatile uint64_t i = 0;; i++)
            ;
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & O_CREAT) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    return openat(AT_FDCWD, path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));
