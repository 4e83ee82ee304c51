/* SPDX-License-Identifier: MIT */
#include "state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outfile.h"
#include "path.h"
#include "posix_io.h"

static const char part_ending[] = ".part";

/* ---- lock ---- */

static int make_folder(struct hmz_state *self, struct hmz_error *err)
{
    if (mkdir(self->folder, 0777) == 0) {
        self->created = true;
        return hmz_folder_sync(self->harmonic_path, err);
    }
    if (errno != EEXIST)
        return hmz_fail_write(err, errno, "%s: cannot make this folder", self->folder);
    return HMZ_OK;
}

static int take_lock(struct hmz_state *self, enum hmz_lock lock, struct hmz_error *err)
{
    int tries = 0;
    while (flock(self->lock_fd, (lock == HMZ_LOCK_SHARED ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0) {
        if (errno == EINTR && ++tries <= HMZ_IO_EINTR_TRIES)
            continue;
        if (errno == EWOULDBLOCK)
            return hmz_fail(err, HMZ_E_USAGE,
                            "%s: another harmonizer command is at work in this folder; wait for it to end",
                            self->harmonic_path);
        if (errno == ENOLCK || errno == ENOSYS || errno == EOPNOTSUPP || errno == EINVAL) {
            self->lock_works = false;
            return HMZ_OK;
        }
        return hmz_fail_errno(err, errno, "%s: cannot lock", self->folder);
    }
    self->lock_works = true;
    return HMZ_OK;
}

/* A command that finished meanwhile removed the folder: then the lock we hold is on a file that is gone. */
static bool lock_is_there(const struct hmz_state *self, const char *path)
{
    struct stat ours;
    struct stat there;
    return fstat(self->lock_fd, &ours) == 0 && stat(path, &there) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

enum { LOCK_TRIES = 16 };
enum entry { MAKE_FOLDER, JOIN_FOLDER };

/* HMZ_END where there is no folder to join. */
static int open_lock(struct hmz_state *self, const char *path, enum entry entry, struct hmz_error *err)
{
    if (entry == JOIN_FOLDER) {
        int status = hmz_io_open(path, O_RDWR, 0, &self->lock_fd, err);
        return status != HMZ_OK && access(path, F_OK) != 0 && errno == ENOENT ? HMZ_END : status;
    }
    int status = make_folder(self, err);
    return status == HMZ_OK ? hmz_io_open(path, O_RDWR | O_CREAT, 0666, &self->lock_fd, err) : status;
}

static int lock_folder(struct hmz_state *self, enum hmz_lock lock, enum entry entry, struct hmz_error *err)
{
    char *path = hmz_path_join(self->folder, "lock");
    if (!path)
        return hmz_fail_nomem(err, self->folder);
    int status =
        hmz_fail(err, HMZ_E_FAILED, "%s: removed again and again while it was to be locked", self->folder);
    for (int i = 0; i < LOCK_TRIES; i++) {
        status = open_lock(self, path, entry, err);
        if (status == HMZ_OK)
            status = take_lock(self, lock, err);
        self->alone = status == HMZ_OK && lock == HMZ_LOCK_EXCLUSIVE && self->lock_works;
        if (status != HMZ_OK || lock_is_there(self, path))
            break;
        close(self->lock_fd); /* nothing was written */
        self->lock_fd = -1;
    }
    free(path);
    return status;
}

static int open_folder(struct hmz_state *self, const char *harmonic_path, struct hmz_error *err)
{
    *self = HMZ_STATE_CLOSED;
    self->harmonic_path = strdup(harmonic_path);
    self->folder = hmz_path_join(harmonic_path, HMZ_STATE_FOLDER);
    return self->harmonic_path && self->folder ? HMZ_OK : hmz_fail_nomem(err, harmonic_path);
}

int hmz_state_open(struct hmz_state *self, const char *harmonic_path, enum hmz_lock lock,
                   struct hmz_error *err)
{
    int status = open_folder(self, harmonic_path, err);
    if (status == HMZ_OK && lock != HMZ_LOCK_NONE)
        status = lock_folder(self, lock, MAKE_FOLDER, err);
    if (status != HMZ_OK)
        hmz_state_close(self);
    return status;
}

int hmz_state_join(struct hmz_state *self, const char *harmonic_path, enum hmz_lock lock,
                   struct hmz_error *err)
{
    int status = open_folder(self, harmonic_path, err);
    if (status == HMZ_OK)
        status = lock_folder(self, lock, JOIN_FOLDER, err);
    if (status != HMZ_OK)
        hmz_state_close(self);
    return status;
}

int hmz_state_open_at(struct hmz_state *self, const char *harmonic_path, const char *folder,
                      struct hmz_error *err)
{
    *self = HMZ_STATE_CLOSED;
    self->harmonic_path = strdup(harmonic_path);
    self->folder = strdup(folder);
    if (self->harmonic_path && self->folder)
        return HMZ_OK;
    hmz_state_close(self);
    return hmz_fail_nomem(err, harmonic_path);
}

void hmz_state_close(struct hmz_state *self)
{
    if (self->lock_fd >= 0)
        close(self->lock_fd); /* releases the lock */
    free(self->harmonic_path);
    free(self->folder);
    *self = HMZ_STATE_CLOSED;
}

/* ---- removing ---- */

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t end = strlen(ending);
    return length >= end && strcmp(text + length - end, ending) == 0;
}

static bool is_part(int folder_fd, const char *name)
{
    (void)folder_fd;
    return ends_with(name, part_ending);
}

static bool is_left_part(int folder_fd, const char *name)
{
    return ends_with(name, part_ending) && hmz_outfile_is_left(folder_fd, name);
}

static bool is_not_lock(int folder_fd, const char *name)
{
    (void)folder_fd;
    return strcmp(name, "lock") != 0 && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

static bool is_of_outputs(int folder_fd, const char *name)
{
    (void)folder_fd;
    return strncmp(name, "written_", 8) == 0 || strncmp(name, "unreadable_", 11) == 0 ||
           strncmp(name, "begun_", 6) == 0 || strcmp(name, "plan") == 0 || strcmp(name, "tables") == 0 ||
           strcmp(name, "shards") == 0;
}

static int remove_where(const struct hmz_state *self, bool (*wanted)(int folder_fd, const char *name),
                        struct hmz_error *err)
{
    DIR *folder = hmz_io_open_folder(self->folder);
    if (!folder)
        return hmz_fail_errno(err, errno, "%s: cannot be listed", self->folder);
    int status = HMZ_OK;
    struct dirent *entry;
    while (status == HMZ_OK && (errno = 0, entry = readdir(folder))) {
        if (wanted(dirfd(folder), entry->d_name) && unlinkat(dirfd(folder), entry->d_name, 0) != 0 &&
            errno != ENOENT)
            status = hmz_fail_write(err, errno, "%s/%s: cannot be removed", self->folder, entry->d_name);
    }
    if (status == HMZ_OK && errno != 0)
        status = hmz_fail_errno(err, errno, "%s: cannot be listed", self->folder);
    closedir(folder);
    return status;
}

int hmz_state_remove_parts(const struct hmz_state *self, struct hmz_error *err)
{
    return remove_where(self, self->alone ? is_part : is_left_part, err);
}

int hmz_state_forget_outputs(const struct hmz_state *self, struct hmz_error *err)
{
    int status = remove_where(self, is_of_outputs, err);
    /* The next plan is saved after this: after a power cut, notes of another plan must not lie beside it. */
    return status == HMZ_OK ? hmz_folder_sync(self->folder, err) : status;
}

int hmz_state_empty(const struct hmz_state *self, struct hmz_error *err)
{
    return remove_where(self, is_not_lock, err);
}

/* On NFS a file that is removed while it is open, as our lock is, stays under another name until it is
 * closed.
 */
static int remove_folder(struct hmz_state *self, struct hmz_error *err)
{
    if (rmdir(self->folder) == 0)
        return HMZ_OK;
    if ((errno == ENOTEMPTY || errno == EEXIST) && self->lock_fd >= 0) {
        close(self->lock_fd); /* nothing was written */
        self->lock_fd = -1;
        if (rmdir(self->folder) == 0)
            return HMZ_OK;
    }
    return hmz_fail_write(err, errno, "%s: cannot be removed", self->folder);
}

int hmz_state_remove(struct hmz_state *self, struct hmz_error *err)
{
    int status = hmz_state_empty(self, err);
    char *lock = hmz_path_join(self->folder, "lock");
    if (!lock)
        return hmz_fail_nomem(err, self->folder);
    if (status == HMZ_OK && unlink(lock) != 0 && errno != ENOENT)
        status = hmz_fail_write(err, errno, "%s: cannot be removed", lock);
    free(lock);
    if (status == HMZ_OK)
        status = remove_folder(self, err);
    return status == HMZ_OK ? hmz_folder_sync(self->harmonic_path, err) : status;
}

/* ---- paths ---- */

char *hmz_state_plan_path(const struct hmz_state *self)
{
    return hmz_path_join(self->folder, "plan");
}

char *hmz_state_plan_request_path(const struct hmz_state *self)
{
    return hmz_path_join(self->folder, "plan_request");
}

char *hmz_state_plan_draft_path(const struct hmz_state *self)
{
    return hmz_path_join(self->folder, "plan_draft");
}

char *hmz_state_tables_path(const struct hmz_state *self)
{
    return hmz_path_join(self->folder, "tables");
}

char *hmz_state_replaced_path(const struct hmz_state *self)
{
    return hmz_path_join(self->folder, "replaced");
}

char *hmz_state_shards_path(const struct hmz_state *self)
{
    return hmz_path_join(self->folder, "shards");
}

char *hmz_state_index_path(const struct hmz_state *self, int32_t run)
{
    return hmz_text_new("%s/index_%04d", self->folder, run);
}

char *hmz_state_begun_index_path(const struct hmz_state *self, int32_t run)
{
    return hmz_text_new("%s/begun_%04d", self->folder, run);
}

char *hmz_state_held_index_path(const struct hmz_state *self, int32_t run)
{
    return hmz_text_new("%s/held_%04d%s", self->folder, run, part_ending);
}

char *hmz_state_written_path(const struct hmz_state *self, size_t harmonic_run)
{
    return hmz_text_new("%s/written_%04zu", self->folder, harmonic_run);
}

char *hmz_state_unreadable_path(const struct hmz_state *self, size_t harmonic_run)
{
    return hmz_text_new("%s/unreadable_%04zu", self->folder, harmonic_run);
}

char *hmz_state_differences_path(const struct hmz_state *self, size_t harmonic_run)
{
    return hmz_text_new("%s/differences_%04zu", self->folder, harmonic_run);
}

char *hmz_state_part_path(const struct hmz_state *self, const char *final_name)
{
    return hmz_text_new("%s/%s%s", self->folder, final_name, part_ending);
}
