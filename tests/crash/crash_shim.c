/* SPDX-License-Identifier: MIT */
/* Preloaded (LD_PRELOAD) into all processes of a job. Counts, over all of them, the calls that change
 * something on disk or tell the parent something, and at a chosen one sends a signal right before it is made.
 * If asked for, each call that changed something in a folder is also recorded, with its data.
 *
 * CRASH_CONTROL names a file with a struct control, mapped into every process; crash.py is its other side.
 * CRASH_TRACE names the file for records, opened with O_APPEND:
 *
 *     pid name inode offset length path [second path]\n    and for pwrite the bytes and another \n
 *
 * The name of a call that failed, and so changed nothing, is "failed".
 *
 * A lock keeps a call and its record together, so that the order of the records is that of the calls.
 * Linux with glibc on a 64-bit machine only. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum target { SELF, GROUP, PARENT };

struct control {
    atomic_uint_fast64_t calls;
    uint64_t hit_at; /* from 1; 0: never */
    uint32_t target;
    int32_t signal;
    atomic_int parent;           /* the process that came first */
    atomic_int hit_pid;          /* the process that made the call hit */
    atomic_uint_fast64_t hit_ns; /* when, CLOCK_MONOTONIC */
};

static struct control *control;
static int trace_fd = -1;
static __thread bool inside; /* the shim's own calls are not looked at */

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a name, also as a text */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("CRASH_CONTROL");
    const char *trace = getenv("CRASH_TRACE");
    int fd = path ? REAL(open64)(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (map == MAP_FAILED)
        abort();
    int nobody = 0;
    control = map;
    atomic_compare_exchange_strong(&control->parent, &nobody, getpid());
    if (trace)
        trace_fd = REAL(open64)(trace, O_WRONLY | O_APPEND | O_CLOEXEC);
}

static void hit(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    control->hit_pid = getpid();
    control->hit_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    pid_t target = control->target == SELF ? getpid() : control->target == GROUP ? 0 : control->parent;
    kill(target, control->signal);
}

/* Before each call that counts. Then the trace is locked: a lock of an open file description of our own,
 * which the kernel releases for a process that is killed. */
static void before(void)
{
    if (!control || inside)
        return;
    if (atomic_fetch_add(&control->calls, 1) + 1 == control->hit_at)
        hit();
    if (trace_fd >= 0)
        while (flock(trace_fd, LOCK_EX) != 0)
            ;
}

struct record {
    const char *name;
    int fd; /* of the file; -1 */
    uint64_t offset, length;
    const char *path, *second;
    const void *data;
};

static void put(const void *bytes, size_t length)
{
    inside = true;
    if (REAL(write)(trace_fd, bytes, length) != (ssize_t)length)
        abort();
    inside = false;
}

static void put_record(const struct record *record, bool worked)
{
    char line[2 * PATH_MAX];
    char by_fd[PATH_MAX] = "-";
    struct stat found = {0};
    if (record->fd >= 0) {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", record->fd);
        ssize_t length = readlink(link, by_fd, sizeof by_fd - 1);
        by_fd[length < 0 ? 0 : length] = '\0';
        fstat(record->fd, &found);
    }
    int length = snprintf(line, sizeof line, "%d %s %llu %llu %llu %s %s\n", getpid(),
                          worked ? record->name : "failed", (unsigned long long)found.st_ino,
                          (unsigned long long)record->offset, (unsigned long long)record->length,
                          record->path ? record->path : by_fd, record->second ? record->second : "-");
    put(line, (size_t)length);
    if (worked && record->data) {
        put(record->data, record->length);
        put("\n", 1);
    }
}

/* After the call. */
static void after(const struct record *record, bool worked)
{
    int kept = errno;
    if (!control || inside || trace_fd < 0)
        return;
    put_record(record, worked);
    flock(trace_fd, LOCK_UN);
    errno = kept;
}

/* ---- the calls ---- */

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): libc names its parameters __fd and the
 * like */

static bool changes(int flags)
{
    return (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_ACCMODE) != O_RDONLY;
}

struct path {
    char text[PATH_MAX];
};

/* The whole path of a name in an open folder. */
static struct path path_in(int folder_fd, const char *name)
{
    struct path path;
    char link[64];
    char folder[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder_fd);
    ssize_t length = folder_fd == AT_FDCWD || name[0] == '/' ? 0 : readlink(link, folder, sizeof folder - 1);
    folder[length < 0 ? 0 : length] = '\0';
    int written = snprintf(path.text, sizeof path.text, "%s%s%s", folder, folder[0] ? "/" : "", name);
    if (written < 0 || (size_t)written >= sizeof path.text)
        abort();
    return path;
}

int openat64(int folder_fd, const char *name, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;
    va_end(args);
    if (!changes(flags))
        return REAL(openat64)(folder_fd, name, flags, mode);
    const struct path path = path_in(folder_fd, name);
    before();
    int fd = REAL(openat64)(folder_fd, name, flags, mode);
    after(&(struct record){.name = (flags & O_TRUNC) ? "create" : "open", .fd = fd, .path = path.text},
          fd >= 0);
    return fd;
}

int openat(int folder_fd, const char *name, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return openat64(folder_fd, name, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return openat64(AT_FDCWD, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) ? va_arg(args, mode_t) : 0;
    va_end(args);
    return openat64(AT_FDCWD, path, flags, mode);
}

/* The terminal does not count: it is not part of the job. Pipes to the parent do. */
ssize_t write(int fd, const void *data, size_t length)
{
    if (fd <= STDERR_FILENO)
        return REAL(write)(fd, data, length);
    before();
    ssize_t done = REAL(write)(fd, data, length);
    after(&(struct record){.name = "write", .fd = fd, .length = length}, done >= 0);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t length, off64_t offset)
{
    before();
    ssize_t done = REAL(pwrite64)(fd, data, length, offset);
    after(&(struct record){.name = "pwrite",
                           .fd = fd,
                           .offset = (uint64_t)offset,
                           .length = done < 0 ? 0 : (uint64_t)done,
                           .data = data},
          done >= 0);
    return done;
}

/* Recorded, not counted: reading changes nothing. */
ssize_t pread64(int fd, void *data, size_t length, off64_t offset)
{
    ssize_t done = REAL(pread64)(fd, data, length, offset);
    if (!control || inside || trace_fd < 0 || done < 0)
        return done;
    while (flock(trace_fd, LOCK_EX) != 0)
        ;
    after(&(struct record){.name = "pread", .fd = fd, .offset = (uint64_t)offset, .length = (uint64_t)done},
          true);
    return done;
}

int ftruncate64(int fd, off64_t length)
{
    before();
    int result = REAL(ftruncate64)(fd, length);
    after(&(struct record){.name = "ftruncate", .fd = fd, .length = (uint64_t)length}, result == 0);
    return result;
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length)
{
    before();
    int result = REAL(fallocate64)(fd, mode, offset, length);
    after(&(struct record){.name = (mode & FALLOC_FL_KEEP_SIZE) ? "reserve" : "fallocate",
                           .fd = fd,
                           .offset = (uint64_t)offset,
                           .length = (uint64_t)length},
          result == 0);
    return result;
}

int fsync(int fd)
{
    struct stat found;
    before();
    int result = REAL(fsync)(fd);
    bool is_folder = fstat(fd, &found) == 0 && S_ISDIR(found.st_mode);
    after(&(struct record){.name = is_folder ? "fsync_folder" : "fsync", .fd = fd}, result == 0);
    return result;
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    const struct path old = path_in(from_fd, from);
    const struct path new = path_in(to_fd, to);
    before();
    int result = REAL(renameat)(from_fd, from, to_fd, to);
    after(&(struct record){.name = "rename", .fd = -1, .path = old.text, .second = new.text}, result == 0);
    return result;
}

int rename(const char *from, const char *to)
{
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int unlinkat(int folder_fd, const char *name, int flags)
{
    const struct path path = path_in(folder_fd, name);
    before();
    int result = REAL(unlinkat)(folder_fd, name, flags);
    after(&(struct record){.name = flags ? "rmdir" : "unlink", .fd = -1, .path = path.text}, result == 0);
    return result;
}

int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdirat(int folder_fd, const char *name, mode_t mode)
{
    const struct path path = path_in(folder_fd, name);
    before();
    int result = REAL(mkdirat)(folder_fd, name, mode);
    after(&(struct record){.name = "mkdir", .fd = -1, .path = path.text}, result == 0);
    return result;
}

int mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
