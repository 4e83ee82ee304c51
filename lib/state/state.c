/* SPDX-License-Identifier: MIT */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outfile.h"
#include "posix_io.h"
#include "state_names.h"

/* ---- what is in it ---- */

/* A removed file that is open somewhere: NFS keeps it under such a name until it is closed. */
static bool is_of_nfs(const char *name)
{
    return strncmp(name, ".nfs", 4) == 0;
}

enum { FOREIGN_NAMED = 5 };

struct foreign {
    const struct hmz_folder *folder;
    size_t count;
    char names[HMZ_ERROR_TEXT_BYTES / 2];
};

static int look_for_foreign(void *data, const char *name, struct hmz_error *err)
{
    struct foreign *self = data;
    struct stat found;
    (void)err;
    if (is_of_nfs(name) || !hmz_file_look(hmz_file_in(self->folder, "%s", name), &found))
        return HMZ_OK; /* what is gone again was a part file */
    if (S_ISREG(found.st_mode) && hmz_state_kind(name) != HMZ_STATE_FOREIGN)
        return HMZ_OK;
    if (self->count++ < FOREIGN_NAMED) {
        size_t used = strlen(self->names);
        snprintf(self->names + used, sizeof self->names - used, "%s%.64s (%s)", used ? ", " : "", name,
                 hmz_file_kind_text(found.st_mode));
    }
    return HMZ_OK;
}

int hmz_state_check(const struct hmz_state *self, struct hmz_error *err)
{
    struct foreign foreign = {.folder = &self->folder};
    if (self->folder.fd < 0)
        return HMZ_OK;
    int status = hmz_folder_each(&self->folder, look_for_foreign, &foreign, err);
    if (status != HMZ_OK || foreign.count == 0)
        return status;
    return hmz_fail(
        err, HMZ_E_USAGE,
        "%s holds what this program did not write there: %s%s; it is not touched: move it away, or "
        "choose another harmonic_path",
        self->folder.path, foreign.names, foreign.count > FOREIGN_NAMED ? " and more" : "");
}

/* ---- lock ---- */

enum entry { MAKE_FOLDER, JOIN_FOLDER };

static struct hmz_file_at folder_name(const struct hmz_state *self)
{
    return hmz_file_in(&self->harmonic, HMZ_STATE_FOLDER);
}

static struct hmz_file_at lock_name(const struct hmz_state *self)
{
    return hmz_file_in(&self->folder, "lock");
}

static int make_folder(struct hmz_state *self, struct hmz_error *err)
{
    if (mkdirat(self->harmonic.fd, HMZ_STATE_FOLDER, 0777) == 0) {
        self->created = true;
        return hmz_folder_sync(&self->harmonic, err);
    }
    if (errno != EEXIST)
        return hmz_fail_write(err, errno, "%s/%s: cannot make this folder", self->harmonic.path,
                              HMZ_STATE_FOLDER);
    return HMZ_OK;
}

/* HMZ_END where it is gone, or where there is nothing to join. */
static int open_lock(struct hmz_state *self, enum entry entry, struct hmz_error *err)
{
    int status = entry == MAKE_FOLDER ? make_folder(self, err) : HMZ_OK;
    if (status == HMZ_OK)
        status = hmz_folder_open_in(&self->folder, folder_name(self), err);
    if (status == HMZ_OK)
        status = hmz_state_check(self, err);
    if (status == HMZ_OK && entry == JOIN_FOLDER)
        return hmz_file_open(lock_name(self), O_RDWR, &self->lock_fd, err);
    if (status != HMZ_OK)
        return status;
    self->lock_fd = hmz_io_openat(self->folder.fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (self->lock_fd >= 0)
        return HMZ_OK;
    if (errno == ENOENT)
        return HMZ_END; /* the folder was removed since it was opened */
    return hmz_fail_write(err, errno, "%s/lock: cannot create", self->folder.path);
}

static int take_lock(struct hmz_state *self, enum hmz_lock lock, struct hmz_error *err)
{
    enum hmz_lock_answer answer = hmz_lock_try(self->lock_fd, lock == HMZ_LOCK_SHARED ? LOCK_SH : LOCK_EX);
    if (answer == HMZ_LOCK_HELD_BY_ANOTHER)
        return hmz_fail(err, HMZ_E_USAGE,
                        "%s: another harmonizer command is at work in this folder; wait for it to end",
                        self->harmonic.path);
    self->lock_works = answer == HMZ_LOCK_TAKEN;
    self->alone = self->lock_works && lock == HMZ_LOCK_EXCLUSIVE;
    return HMZ_OK;
}

static bool is_same(int fd, struct hmz_file_at at)
{
    struct stat ours;
    struct stat there;
    return fstat(fd, &ours) == 0 && hmz_file_look(at, &there) && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

static bool has_a_name(int fd, struct hmz_file_at at)
{
    struct stat ours;
    struct stat there;
    return fstat(fd, &ours) == 0 && ours.st_nlink > 0 && hmz_file_look(at, &there);
}

enum { LOCK_TRIES = 16 };

/* A command that finished meanwhile removed the folder: then what we hold is gone. Another inode each time is
 * none of that: file systems that make up the numbers change them. */
static bool is_there(const struct hmz_state *self, int tries)
{
    if (is_same(self->folder.fd, folder_name(self)) && is_same(self->lock_fd, lock_name(self)))
        return true;
    return tries == LOCK_TRIES && has_a_name(self->folder.fd, folder_name(self)) &&
           has_a_name(self->lock_fd, lock_name(self));
}

static void let_go(struct hmz_state *self)
{
    if (self->lock_fd >= 0)
        close(self->lock_fd); /* nothing was written; releases the lock */
    self->lock_fd = -1;
    hmz_folder_close(&self->folder);
}

static int lock_folder(struct hmz_state *self, enum hmz_lock lock, enum entry entry, struct hmz_error *err)
{
    for (int tries = 1; tries <= LOCK_TRIES; tries++) {
        int status = open_lock(self, entry, err);
        if (status == HMZ_OK)
            status = take_lock(self, lock, err);
        if (status == HMZ_OK && is_there(self, tries))
            return HMZ_OK;
        let_go(self);
        if (status < 0 || (status == HMZ_END && entry == JOIN_FOLDER))
            return status;
    }
    return hmz_fail(err, HMZ_E_FAILED, "%s/%s: removed again and again while it was to be locked",
                    self->harmonic.path, HMZ_STATE_FOLDER);
}

static int enter(struct hmz_state *self, const char *harmonic_path, enum hmz_lock lock, enum entry entry,
                 struct hmz_error *err)
{
    *self = HMZ_STATE_CLOSED;
    int status = hmz_folder_open(&self->harmonic, harmonic_path, err);
    if (status == HMZ_OK)
        status = lock_folder(self, lock, entry, err);
    if (status < 0)
        hmz_state_close(self);
    return status;
}

int hmz_state_open(struct hmz_state *self, const char *harmonic_path, struct hmz_error *err)
{
    return enter(self, harmonic_path, HMZ_LOCK_EXCLUSIVE, MAKE_FOLDER, err);
}

int hmz_state_join(struct hmz_state *self, const char *harmonic_path, enum hmz_lock lock,
                   struct hmz_error *err)
{
    return enter(self, harmonic_path, lock, JOIN_FOLDER, err);
}

int hmz_state_look(struct hmz_state *self, const char *harmonic_path, const char *scratch,
                   struct hmz_error *err)
{
    *self = HMZ_STATE_CLOSED;
    self->scratch = scratch && *scratch;
    int status = hmz_folder_open(&self->harmonic, harmonic_path, err);
    if (status == HMZ_OK)
        status = self->scratch ? hmz_folder_open(&self->folder, scratch, err)
                               : hmz_folder_open_in(&self->folder, folder_name(self), err);
    if (status < 0)
        hmz_state_close(self);
    return status == HMZ_END ? HMZ_OK : status;
}

const char *hmz_state_scratch(const struct hmz_state *self)
{
    return self->scratch ? self->folder.path : "";
}

void hmz_state_close(struct hmz_state *self)
{
    let_go(self);
    hmz_folder_close(&self->harmonic);
    *self = HMZ_STATE_CLOSED;
}

/* ---- removing ---- */

/* What becomes of one of our files. */
typedef int removal(struct hmz_file_at at, enum hmz_state_kind kind, struct hmz_error *err);

static int remove_part(struct hmz_file_at at, enum hmz_state_kind kind, struct hmz_error *err)
{
    return kind == HMZ_STATE_PART ? hmz_file_remove(at, err) : HMZ_OK;
}

static int remove_left_part(struct hmz_file_at at, enum hmz_state_kind kind, struct hmz_error *err)
{
    return kind == HMZ_STATE_PART ? hmz_outfile_remove_left(at, err) : HMZ_OK;
}

static int remove_but_lock(struct hmz_file_at at, enum hmz_state_kind kind, struct hmz_error *err)
{
    return kind != HMZ_STATE_LOCK ? hmz_file_remove(at, err) : HMZ_OK;
}

static int remove_of_outputs(struct hmz_file_at at, enum hmz_state_kind kind, struct hmz_error *err)
{
    return kind == HMZ_STATE_OUTPUT ? hmz_file_remove(at, err) : HMZ_OK;
}

struct visit {
    const struct hmz_state *state;
    removal *remove;
};

static int visit(void *data, const char *name, struct hmz_error *err)
{
    const struct visit *self = data;
    enum hmz_state_kind kind = hmz_state_kind(name);
    return kind != HMZ_STATE_FOREIGN ? self->remove(hmz_file_in(&self->state->folder, "%s", name), kind, err)
                                     : HMZ_OK;
}

static int remove_files(const struct hmz_state *self, removal *remove, struct hmz_error *err)
{
    struct visit data = {.state = self, .remove = remove};
    return hmz_folder_each(&self->folder, visit, &data, err);
}

int hmz_state_remove_parts(const struct hmz_state *self, struct hmz_error *err)
{
    return remove_files(self, self->alone ? remove_part : remove_left_part, err);
}

int hmz_state_forget_outputs(const struct hmz_state *self, struct hmz_error *err)
{
    int status = remove_files(self, remove_of_outputs, err);
    /* The next plan is saved after this: after a power cut, notes of another plan must not lie beside it. */
    return status == HMZ_OK ? hmz_folder_sync(&self->folder, err) : status;
}

int hmz_state_empty(const struct hmz_state *self, struct hmz_error *err)
{
    return remove_files(self, remove_but_lock, err);
}

static int stop_at_what_stays(void *data, const char *name, struct hmz_error *err)
{
    (void)data;
    (void)err;
    return is_of_nfs(name) ? HMZ_OK : HMZ_END;
}

/* On NFS a file that is removed while it is open, as our lock is, stays under another name until it is
 * closed; one that another process has open stays longer, and with it the folder. */
static int remove_folder(struct hmz_state *self, struct hmz_error *err)
{
    struct hmz_error ignored;
    if (unlinkat(self->harmonic.fd, HMZ_STATE_FOLDER, AT_REMOVEDIR) == 0)
        return HMZ_OK;
    if ((errno == ENOTEMPTY || errno == EEXIST) && self->lock_fd >= 0) {
        close(self->lock_fd); /* nothing was written */
        self->lock_fd = -1;
        if (unlinkat(self->harmonic.fd, HMZ_STATE_FOLDER, AT_REMOVEDIR) == 0)
            return HMZ_OK;
    }
    int error_number = errno;
    if ((error_number == ENOTEMPTY || error_number == EEXIST) &&
        hmz_folder_each(&self->folder, stop_at_what_stays, NULL, &ignored) == HMZ_OK)
        return HMZ_OK;
    return hmz_fail_write(err, error_number, "%s: cannot be removed", self->folder.path);
}

int hmz_state_remove(struct hmz_state *self, struct hmz_error *err)
{
    int status = hmz_state_check(self, err); /* it says more than rmdir would */
    if (status == HMZ_OK)
        status = hmz_state_empty(self, err);
    if (status == HMZ_OK)
        status = hmz_file_remove(lock_name(self), err);
    if (status == HMZ_OK)
        status = remove_folder(self, err);
    return status == HMZ_OK ? hmz_folder_sync(&self->harmonic, err) : status;
}

/* ---- files ---- */

struct hmz_file_at hmz_state_plan(const struct hmz_state *self)
{
    return hmz_file_in(&self->folder, "plan");
}

struct hmz_file_at hmz_state_tables(const struct hmz_state *self)
{
    return hmz_file_in(&self->folder, "tables");
}

struct hmz_file_at hmz_state_replaced(const struct hmz_state *self)
{
    return hmz_file_in(&self->folder, "replaced");
}

struct hmz_file_at hmz_state_shards(const struct hmz_state *self)
{
    return hmz_file_in(&self->folder, "shards");
}

struct hmz_file_at hmz_state_index(const struct hmz_state *self, int32_t run)
{
    return hmz_file_in(&self->folder, "index_%04d", run);
}

struct hmz_file_at hmz_state_begun_index(const struct hmz_state *self, int32_t run)
{
    return hmz_file_in(&self->folder, "begun_%04d", run);
}

struct hmz_file_at hmz_state_held_sums(const struct hmz_state *self, int32_t run)
{
    return hmz_file_in(&self->folder, "sums_%04d.part", run);
}

struct hmz_file_at hmz_state_held_index(const struct hmz_state *self, int32_t run)
{
    return hmz_file_in(&self->folder, "held_%04d.part", run);
}

struct hmz_file_at hmz_state_written(const struct hmz_state *self, size_t harmonic_run)
{
    return hmz_file_in(&self->folder, "written_%04zu", harmonic_run);
}

struct hmz_file_at hmz_state_unreadable(const struct hmz_state *self, size_t harmonic_run)
{
    return hmz_file_in(&self->folder, "unreadable_%04zu", harmonic_run);
}

struct hmz_file_at hmz_state_differences(const struct hmz_state *self, size_t harmonic_run)
{
    return hmz_file_in(&self->folder, "differences_%04zu", harmonic_run);
}

struct hmz_file_at hmz_state_part(const struct hmz_state *self, const char *final_name)
{
    return hmz_file_in(&self->folder, "%s.part", final_name);
}

struct hmz_file_at hmz_state_output(const struct hmz_state *self, const char *name)
{
    return hmz_file_in(&self->harmonic, "%s", name);
}
