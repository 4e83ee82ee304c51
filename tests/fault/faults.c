/* SPDX-License-Identifier: MIT */
/* Preloaded (LD_PRELOAD) into all processes of a job: counts its system calls and memory allocations by kind,
 * and lets chosen ones fail. What is to be done and what was counted is in the file that FAULT_PLAN names,
 * mapped into every process, so that a call has one number whatever process makes it. faults.py is the other
 * side of it.
 *
 * Counted is from main() on: what the loader and constructors of libraries do is not the program's. Calls of
 * libc itself (printf, say) do not come here, so writes to the terminal are left out. Linux with glibc only.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum kind {
    OPEN, /* of what is there; folders too */
    CREATE,
    READ,
    PREAD,
    WRITE,
    PWRITE,
    FALLOCATE,
    FTRUNCATE,
    TRIM, /* ftruncate to the length that the file has */
    FSYNC,
    FSYNC_FOLDER,
    CLOSE,
    RENAME,
    MKDIR,
    UNLINK,
    FLOCK,
    STATVFS, /* error 0: it answers zeros */
    SYNC_FILE_RANGE,
    ENTROPY,
    CLOCK,
    USAGE,
    AFFINITY,
    PRCTL,
    MEMORY, /* in the command's own process */
    WORKER_MEMORY,
    KINDS
};

struct plan {
    uint32_t kind;
    int32_t error;       /* errno; 0: a short count instead */
    uint64_t first, end; /* calls with these numbers, from 0, are hit; none where both are 0 */
    atomic_uint_fast64_t counts[KINDS];
};

static struct plan *plan;
static enum kind own_memory = MEMORY;

/* Is this call to fail? */
static bool hit(enum kind kind)
{
    if (!plan)
        return false;
    uint64_t number = atomic_fetch_add(&plan->counts[kind], 1);
    return kind == plan->kind && number >= plan->first && number < plan->end;
}

/* As hit(), for calls that only fail; errno is set. */
static bool fails(enum kind kind)
{
    if (!hit(kind))
        return false;
    errno = plan->error;
    return true;
}

/* How many of `length` bytes to move: all, the shorter part, or -1 with errno set. */
static ssize_t part_of(enum kind kind, size_t length)
{
    if (!hit(kind))
        return (ssize_t)length;
    if (plan->error == 0)
        return (ssize_t)(length / 2 + length % 2);
    errno = plan->error;
    return -1;
}

static void map_plan(void)
{
    const char *path = getenv("FAULT_PLAN");
    int fd = path ? (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC) : -1;
    void *mapped = fd >= 0 ? mmap(NULL, sizeof *plan, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) : MAP_FAILED;
    if (mapped == MAP_FAILED)
        abort(); /* a sweep without faults would prove nothing */
    syscall(SYS_close, fd);
    plan = mapped;
}

/* ---- main() ---- */

typedef int main_function(int argc, char **argv, char **environment);
static main_function *real_main;

static int counted_main(int argc, char **argv, char **environment)
{
    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        own_memory = WORKER_MEMORY;
    map_plan();
    return real_main(argc, argv, environment);
}

int __libc_start_main(main_function *main, int argc, char **argv, void (*init)(void), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack_end)
{
    typedef int start_function(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void),
                               void *);
    start_function *start = (start_function *)dlsym(RTLD_NEXT, "__libc_start_main");
    real_main = main;
    return start(counted_main, argc, argv, init, fini, rtld_fini, stack_end);
}

/* ---- calls with a path ---- */

int openat(int folder, const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    return fails(flags & O_CREAT ? CREATE : OPEN) ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if (flags & (O_CREAT | O_TMPFILE)) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    return openat(AT_FDCWD, path, flags, mode);
}

int creat(const char *path, mode_t mode)
{
    return openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}

DIR *opendir(const char *path)
{
    typedef DIR *opendir_function(const char *);
    opendir_function *real = (opendir_function *)dlsym(RTLD_NEXT, "opendir");
    return fails(OPEN) ? NULL : real(path);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return fails(RENAME) ? -1 : (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 0);
}

int rename(const char *from, const char *to)
{
    return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int mkdirat(int folder, const char *path, mode_t mode)
{
    return fails(MKDIR) ? -1 : (int)syscall(SYS_mkdirat, folder, path, mode);
}

int mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

int unlinkat(int folder, const char *path, int flags)
{
    return fails(UNLINK) ? -1 : (int)syscall(SYS_unlinkat, folder, path, flags);
}

int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

/* ---- calls with a descriptor ---- */

ssize_t read(int fd, void *data, size_t length)
{
    ssize_t part = part_of(READ, length);
    return part < 0 ? -1 : (ssize_t)syscall(SYS_read, fd, data, part);
}

ssize_t pread(int fd, void *data, size_t length, off_t offset)
{
    ssize_t part = part_of(PREAD, length);
    return part < 0 ? -1 : (ssize_t)syscall(SYS_pread64, fd, data, part, offset);
}

ssize_t write(int fd, const void *data, size_t length)
{
    bool terminal = fd == STDOUT_FILENO || fd == STDERR_FILENO;
    ssize_t part = terminal ? (ssize_t)length : part_of(WRITE, length);
    return part < 0 ? -1 : (ssize_t)syscall(SYS_write, fd, data, part);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t offset)
{
    ssize_t part = part_of(PWRITE, length);
    return part < 0 ? -1 : (ssize_t)syscall(SYS_pwrite64, fd, data, part, offset);
}

int fallocate(int fd, int mode, off_t offset, off_t length)
{
    return fails(FALLOCATE) ? -1 : (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

static struct stat look(int fd)
{
    struct stat found;
    if (syscall(SYS_fstat, fd, &found) != 0)
        abort();
    return found;
}

int ftruncate(int fd, off_t length)
{
    enum kind kind = look(fd).st_size == length ? TRIM : FTRUNCATE;
    return fails(kind) ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int fsync(int fd)
{
    enum kind kind = S_ISDIR(look(fd).st_mode) ? FSYNC_FOLDER : FSYNC;
    return fails(kind) ? -1 : (int)syscall(SYS_fsync, fd);
}

/* A close that fails has closed all the same. */
int close(int fd)
{
    int result = (int)syscall(SYS_close, fd);
    return fails(CLOSE) ? -1 : result;
}

/* ---- calls that only help ---- */

int flock(int fd, int operation)
{
    return fails(FLOCK) ? -1 : (int)syscall(SYS_flock, fd, operation);
}

int fstatvfs64(int fd, struct statvfs64 *found)
{
    typedef int fstatvfs_function(int, struct statvfs64 *);
    if (hit(STATVFS)) {
        memset(found, 0, sizeof *found);
        errno = plan->error;
        return plan->error ? -1 : 0;
    }
    return ((fstatvfs_function *)dlsym(RTLD_NEXT, "fstatvfs64"))(fd, found);
}

int sync_file_range(int fd, off_t offset, off_t length, unsigned flags)
{
    return fails(SYNC_FILE_RANGE) ? -1 : (int)syscall(SYS_sync_file_range, fd, offset, length, flags);
}

int getentropy(void *bytes, size_t length)
{
    return fails(ENTROPY) || syscall(SYS_getrandom, bytes, length, 0) != (long)length ? -1 : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    return fails(CLOCK) ? -1 : (int)syscall(SYS_clock_gettime, clock, now);
}

int getrusage(int who, struct rusage *used)
{
    return fails(USAGE) ? -1 : (int)syscall(SYS_getrusage, who, used);
}

int sched_getaffinity(pid_t process, size_t bytes, cpu_set_t *set)
{
    typedef int affinity_function(pid_t, size_t, cpu_set_t *);
    return fails(AFFINITY)
               ? -1
               : ((affinity_function *)dlsym(RTLD_NEXT, "sched_getaffinity"))(process, bytes, set);
}

int prctl(int option, ...)
{
    va_list args;
    va_start(args, option);
    unsigned long value = va_arg(args, unsigned long);
    va_end(args);
    return fails(PRCTL) ? -1 : (int)syscall(SYS_prctl, option, value, 0, 0, 0);
}

/* ---- memory: strdup and others of libc call malloc by its name, so they come here too ---- */

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);

void *malloc(size_t bytes)
{
    return fails(own_memory) ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    return fails(own_memory) ? NULL : __libc_calloc(count, bytes);
}

void *realloc(void *memory, size_t bytes)
{
    return fails(own_memory) ? NULL : __libc_realloc(memory, bytes);
}

void *aligned_alloc(size_t alignment, size_t bytes)
{
    return fails(own_memory) ? NULL : __libc_memalign(alignment, bytes);
}

void *memalign(size_t alignment, size_t bytes)
{
    return aligned_alloc(alignment, bytes);
}

int posix_memalign(void **memory_out, size_t alignment, size_t bytes)
{
    void *memory = aligned_alloc(alignment, bytes);
    if (!memory)
        return ENOMEM;
    *memory_out = memory;
    return 0;
}

/* ---- the same calls by their names for files of 64 bits; off_t has those ---- */

_Static_assert(sizeof(off_t) == 8, "x86-64, aarch64 and the like");

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int folder, const char *path, int flags, ...) __attribute__((alias("openat")));
int creat64(const char *path, mode_t mode) __attribute__((alias("creat")));
ssize_t pread64(int fd, void *data, size_t length, off_t offset) __attribute__((alias("pread")));
ssize_t pwrite64(int fd, const void *data, size_t length, off_t offset) __attribute__((alias("pwrite")));
int fallocate64(int fd, int mode, off_t offset, off_t length) __attribute__((alias("fallocate")));
int ftruncate64(int fd, off_t length) __attribute__((alias("ftruncate")));
