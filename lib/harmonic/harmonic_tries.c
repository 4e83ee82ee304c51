/* SPDX-License-Identifier: MIT */
/* Which events are left out with --skip-bad because they cannot be read: a harmonic run is tried until it is
 * written. */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "harmonic_file.h"
#include "state.h"
#include "unreadable.h"

static int load_known(const struct hmz_harmonic_task *task, const char *path,
                      struct hmz_unreadable *known_out, struct hmz_error *err)
{
    if (task->skip_bad)
        return hmz_unreadable_load(known_out, path, err);
    /* What was left out earlier is tried again: this time it may not be. */
    return unlink(path) == 0 || errno == ENOENT ? HMZ_OK
                                                : hmz_fail_write(err, errno, "%s: cannot be removed", path);
}

/* Adds what is in both to what is known. */
static int keep_common(struct hmz_unreadable *known, const struct hmz_unreadable *once,
                       const struct hmz_unreadable *again, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < again->count; i++)
        if (hmz_unreadable_has(once, &again->items[i].place))
            status = hmz_unreadable_add(known, &again->items[i].place, again->items[i].reason, err);
    return status;
}

/* An event is left out where two tries in a row could not read it: once, memory may have been short, or the
 * disk not there for a moment. HMZ_END: the file is to be tried again, without what is known by now;
 * `reason_out` is why. */
static int try_twice(const struct hmz_harmonic_task *task, struct hmz_unreadable *known,
                     struct hmz_error *reason_out, struct hmz_error *err)
{
    struct hmz_unreadable once = {0};
    struct hmz_unreadable again = {0};
    int status = hmz_harmonic_file_try(task, known, &once, err);
    if (status == HMZ_END) {
        hmz_ignore(hmz_fail(reason_out, HMZ_E_FAILED, "merged run %d: %s", once.items[0].place.run,
                            once.items[0].reason));
        status = hmz_harmonic_file_try(task, known, &again, err);
    }
    if (status == HMZ_END) {
        status = keep_common(known, &once, &again, err);
        if (status == HMZ_OK)
            status = HMZ_END;
    }
    hmz_unreadable_release(&once);
    hmz_unreadable_release(&again);
    return status;
}

enum { TRIES_IN_VAIN = 3 };

/* Until the file is written: each time with fewer events, or nearly so. */
static int write_what_can_be_read(const struct hmz_harmonic_task *task, const char *unreadable_path,
                                  struct hmz_unreadable *known, struct hmz_error *err)
{
    struct hmz_error reason;
    int in_vain = 0;
    int status;
    do {
        size_t before = known->count;
        status = try_twice(task, known, &reason, err);
        if (status != HMZ_END)
            return status;
        if (known->count > before) {
            in_vain = 0;
            status = hmz_unreadable_save(known, unreadable_path, err);
        } else if (++in_vain == TRIES_IN_VAIN) {
            return hmz_fail(
                err, HMZ_E_FAILED,
                "%s: %s: now it cannot be read, now it can: is memory short, or a disk about to fail? Run "
                "the same command again",
                hmz_harmonic_name(task->number).text, reason.text);
        }
    } while (status == HMZ_OK || status == HMZ_END);
    return status;
}

int hmz_harmonic_file_write(const struct hmz_harmonic_task *task, struct hmz_error *err)
{
    struct hmz_unreadable known = {0};
    char *unreadable_path = hmz_state_unreadable_path(task->state, task->number);
    if (!unreadable_path)
        return hmz_fail_nomem(err, "a path");
    int status = load_known(task, unreadable_path, &known, err);
    if (status == HMZ_OK)
        status = write_what_can_be_read(task, unreadable_path, &known, err);
    hmz_unreadable_release(&known);
    free(unreadable_path);
    return status;
}
