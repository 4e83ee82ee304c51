/* SPDX-License-Identifier: MIT */
/* Which events are left out with --skip-bad because they cannot be read: a harmonic run is tried until it is
 * written. */
#include "harmonic_file.h"
#include "state.h"
#include "unreadable.h"

static int load_known(const struct hmz_harmonic_task *task, struct hmz_file_at at,
                      struct hmz_unreadable *known_out, struct hmz_error *err)
{
    /* Without --skip-bad what was left out earlier is tried again: this time it may not be. */
    return task->skip_bad ? hmz_unreadable_load(known_out, at, err) : hmz_file_remove(at, err);
}

static int add_all(struct hmz_unreadable *known, const struct hmz_unreadable *found, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < found->count; i++)
        status = hmz_unreadable_add(known, &found->items[i].id, found->items[i].reason, err);
    return status;
}

/* Until the file is written: each time with fewer events. */
static int write_what_can_be_read(const struct hmz_harmonic_task *task, struct hmz_file_at unreadable,
                                  struct hmz_unreadable *known, struct hmz_error *err)
{
    for (;;) {
        struct hmz_unreadable found = {0};
        int status = hmz_harmonic_file_write(task, known, &found, err);
        if (status != HMZ_END)
            return status;
        status = add_all(known, &found, err);
        hmz_unreadable_release(&found);
        if (status == HMZ_OK)
            status = hmz_unreadable_save(known, unreadable, err);
        if (status != HMZ_OK)
            return status;
    }
}

int hmz_harmonic_run_write(const struct hmz_harmonic_task *task, struct hmz_error *err)
{
    struct hmz_unreadable known = {0};
    const struct hmz_file_at unreadable = hmz_state_unreadable(task->state, task->number);
    int status = load_known(task, unreadable, &known, err);
    if (status == HMZ_OK)
        status = write_what_can_be_read(task, unreadable, &known, err);
    hmz_unreadable_release(&known);
    return status;
}
