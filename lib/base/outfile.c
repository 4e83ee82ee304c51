/* SPDX-License-Identifier: MIT */
#include "outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "posix_io.h"

enum { CREATE_TRIES = 16 };

int hmz_outfile_create(struct hmz_outfile *self, struct hmz_file_at part, struct hmz_error *err)
{
    *self = HMZ_OUTFILE_CLOSED;
    int status = HMZ_END;
    for (int i = 0; status == HMZ_END && i < CREATE_TRIES; i++) {
        status = hmz_file_remove(part, err);
        if (status == HMZ_OK)
            status = hmz_file_create(part, &self->fd, err);
    }
    if (status == HMZ_END) {
        hmz_ignore(hmz_fail(err, HMZ_E_FAILED, "made again and again by another process"));
        status = hmz_context_at(err, part);
    }
    if (status == HMZ_OK)
        self->part = part;
    return status;
}

/* Where the system has no random numbers, what hardly repeats. The name is new in any case: O_EXCL. */
static uint64_t new_word(void)
{
    uint64_t word;
    struct timespec now = {0};
    if (getentropy(&word, sizeof word) == 0)
        return word;
    hmz_ignore(clock_gettime(CLOCK_REALTIME, &now)); /* a clock of 0 does as well */
    word = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
    return (word ^ (uint64_t)getpid() << 40) * UINT64_C(0x9e3779b97f4a7c15);
}

/* "b.c.part" with a word: "b.WORD.c.part" */
static struct hmz_file_at own_name(const struct hmz_file_at *part)
{
    size_t before = strcspn(part->name, ".");
    return hmz_file_in(part->folder, "%.*s.%0*" PRIx64 "%s", (int)before, part->name, HMZ_OUTFILE_WORD_DIGITS,
                       new_word(), part->name + before);
}

enum hmz_lock_answer hmz_lock_try(int fd, int operation)
{
    int tries = 0;
    while (flock(fd, operation | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK || errno == EAGAIN || errno == EACCES)
            return HMZ_LOCK_HELD_BY_ANOTHER;
        if (errno != EINTR || ++tries > HMZ_IO_EINTR_TRIES)
            return HMZ_LOCK_UNKNOWN;
    }
    return HMZ_LOCK_TAKEN;
}

/* False where somebody took it for a left one before it was locked: it is gone, or about to be. */
static bool keep_lock(int fd)
{
    struct stat found;
    if (hmz_lock_try(fd, LOCK_EX) == HMZ_LOCK_HELD_BY_ANOTHER)
        return false;
    return fstat(fd, &found) != 0 || found.st_nlink > 0;
}

int hmz_outfile_create_own(struct hmz_outfile *self, struct hmz_file_at part, struct hmz_error *err)
{
    *self = HMZ_OUTFILE_CLOSED;
    for (int i = 0; i < CREATE_TRIES; i++) {
        const struct hmz_file_at own = own_name(&part);
        int status = hmz_file_create(own, &self->fd, err);
        if (status != HMZ_OK && status != HMZ_END)
            return status;
        if (status == HMZ_END)
            continue;
        self->part = own;
        if (keep_lock(self->fd))
            return HMZ_OK;
        hmz_outfile_discard(self);
    }
    hmz_ignore(hmz_fail(err, HMZ_E_FAILED, "removed again and again while it was made"));
    return hmz_context_at(err, part);
}

int hmz_outfile_remove_left(struct hmz_file_at part, struct hmz_error *err)
{
    int fd;
    struct hmz_error ignored; /* what cannot be opened cannot be judged */
    /* Some file systems lock for writing only what is open for writing. */
    if (hmz_file_open(part, O_RDWR, &fd, &ignored) != HMZ_OK)
        return HMZ_OK;
    bool left = hmz_lock_try(fd, LOCK_EX) == HMZ_LOCK_TAKEN;
    /* While it is locked: one that was just made is not yet locked by its writer, who sees either that. */
    int status = left ? hmz_file_remove(part, err) : HMZ_OK;
    close(fd); /* nothing was written */
    return status;
}

int hmz_outfile_write(struct hmz_outfile *self, const void *data, size_t length, struct hmz_error *err)
{
    if (hmz_io_write_at(self->fd, data, length, self->length, err) != HMZ_OK)
        return hmz_context_at(err, self->part);
    self->length += length;
    self->synced = false;
    return HMZ_OK;
}

int hmz_outfile_sync(struct hmz_outfile *self, struct hmz_error *err)
{
    if (hmz_io_sync(self->fd, err) != HMZ_OK)
        return hmz_context_at(err, self->part);
    self->synced = true;
    return HMZ_OK;
}

static int close_file(struct hmz_outfile *self, struct hmz_error *err)
{
    int fd = self->fd;
    self->fd = -1;
    if (hmz_io_close(fd, err) != HMZ_OK)
        return hmz_context_at(err, self->part);
    return HMZ_OK;
}

static int give_name(struct hmz_outfile *self, struct hmz_file_at final, struct hmz_error *err)
{
    struct stat found;
    if (hmz_file_look(final, &found) && !S_ISREG(found.st_mode))
        return hmz_file_refuse(final, found.st_mode, err);
    if (renameat(self->part.folder->fd, self->part.name, final.folder->fd, final.name) != 0) {
        hmz_ignore(hmz_fail_write(err, errno, "cannot rename to %s/%s", final.folder->path, final.name));
        return hmz_context_at(err, self->part);
    }
    self->part.name[0] = '\0';
    return hmz_folder_sync(final.folder, err);
}

int hmz_outfile_commit(struct hmz_outfile *self, struct hmz_file_at final, struct hmz_error *err)
{
    int status = self->synced ? HMZ_OK : hmz_outfile_sync(self, err);
    if (status == HMZ_OK)
        status = close_file(self, err);
    return status == HMZ_OK ? give_name(self, final, err) : status;
}

void hmz_outfile_discard(struct hmz_outfile *self)
{
    if (self->fd >= 0)
        close(self->fd); /* its content is given up */
    if (self->part.name[0]) {
        /* Best effort: a part file that stays is removed by the next run of the same command. */
        unlinkat(self->part.folder->fd, self->part.name, 0);
    }
    *self = HMZ_OUTFILE_CLOSED;
}
