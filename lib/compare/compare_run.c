/* SPDX-License-Identifier: MIT */
#include "compare_run.h"

#include <fcntl.h>
#include <hdf5.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "compare_event.h"
#include "compare_value.h"
#include "event_tree.h"
#include "event_walk.h"
#include "footprint.h"
#include "h5_attr.h"
#include "h5_driver.h"
#include "h5_error.h"
#include "h5_memory.h"
#include "h5_scope.h"
#include "path.h"
#include "posix_io.h"
#include "unreadable.h"

struct comparer {
    const struct hmz_compare_task *task;
    const struct hmz_plan_file *file;
    struct hmz_run_name name;
    struct hmz_differences *differences;
    struct hmz_written *written;
    struct hmz_compare events;
    struct hmz_unreadable listed; /* events that the set may lack, because the copy could not read them */
    int fd;
    struct hmz_h5_file driver_file;
    hid_t h5;
};

static struct hmz_difference_context whole_file(const struct comparer *self)
{
    return (struct hmz_difference_context){.run = -1, .file = self->name.text};
}

static void differ(const struct comparer *self, const char *what)
{
    const struct hmz_difference_context context = whole_file(self);
    hmz_differences_add(self->differences, &context, "%s", what);
}

static void differ_h5(const struct comparer *self, const char *what)
{
    struct hmz_error err;
    hmz_ignore(hmz_fail_h5(&err, HMZ_E_DAMAGED, "%s", what)); /* only its text is wanted */
    differ(self, err.text);
}

/* ---- opening ---- */

/* Length and hash, from begin to end, before anything is looked at. */
static int take_hash(struct comparer *self, struct hmz_error *err)
{
    const struct hmz_tick *tick = &self->task->tick;
    int status = hmz_io_length(self->fd, &self->written->file_bytes, err);
    if (status == HMZ_OK)
        status = hmz_file_hash_take(self->fd, self->written->file_bytes, tick, &self->written->hash, err);
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "%s", self->name.text);
}

/* False after saying that it cannot be opened as a harmonic run. */
static bool open_events(struct comparer *self, hid_t access)
{
    self->h5 = H5Fopen(self->name.text, H5F_ACC_RDONLY, access);
    if (self->h5 < 0) {
        differ_h5(self, "cannot be opened by libhdf5");
        return false;
    }
    self->events.events = H5Gopen2(self->h5, "events", H5P_DEFAULT);
    if (self->events.events < 0)
        differ_h5(self, "group events cannot be opened");
    return self->events.events >= 0;
}

/* HMZ_END where the file is not there, or no file. */
static int open_file(struct comparer *self, struct hmz_error *err)
{
    char *path = hmz_path_join(self->task->state->harmonic.path, self->name.text);
    if (!path)
        return hmz_fail_nomem(err, "a path");
    int status = hmz_io_open_regular(path, &self->fd, err);
    free(path);
    return status;
}

/* ---- events ---- */

/* A listed event must be one that cannot be read. */
static int check_unreadable(struct comparer *self, struct hmz_run_source *source,
                            const struct hmz_event *event, struct hmz_error *err)
{
    const struct hmz_difference_context context = {
        .run = source->run, .has_event = true, .event = event->number, .file = self->name.text};
    int status = hmz_compare_try_event(&self->events, source, event, err);
    if (status == HMZ_OK)
        hmz_differences_add(self->differences, &context, "listed as damaged, but it can be read");
    return status == HMZ_E_DAMAGED ? HMZ_OK : status;
}

static int visit(void *data, struct hmz_run_source *source, const struct hmz_event *event,
                 struct hmz_error *err)
{
    struct comparer *self = data;
    uint64_t number = self->written->event_count;
    const struct hmz_event_id context = {.run = source->run, .event = event->number};
    hmz_tick(&self->task->tick, 1, event->bytes);
    if (hmz_unreadable_has(&self->listed, &context))
        return check_unreadable(self, source, event, err);
    int status =
        hmz_compare_event(&self->events, source, event, number, &self->written->checksums[number], err);
    if (self->written->event_count++ == 0)
        self->written->first = context;
    self->written->last = context;
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "merged run %d", source->run);
}

static int compare_events(struct comparer *self, struct hmz_error *err)
{
    uint64_t count = self->file->end - self->file->first;
    const struct hmz_event_walk walk = {.plan = self->task->plan,
                                        .state = self->task->state,
                                        .first = self->file->first,
                                        .end = self->file->end,
                                        .visit = visit,
                                        .data = self};
    self->written->checksums = malloc(count * sizeof *self->written->checksums);
    if (!self->written->checksums)
        return hmz_fail_nomem(err, "checksums");
    self->events.fd = self->fd;
    self->events.folder = self->task->state->harmonic.path;
    self->events.file = self->name.text;
    self->events.differences = self->differences;
    int status = hmz_mover_new(&self->events.mover, err);
    if (status == HMZ_OK)
        status = hmz_event_walk(&walk, err);
    if (status == HMZ_OK)
        self->written->plan_id = self->task->plan->id;
    hmz_mover_free(self->events.mover);
    hmz_compare_release(&self->events);
    return status;
}

/* ---- the file as a whole ---- */

static void check_number(const struct comparer *self, const char *name, uint64_t expected)
{
    struct hmz_error what;
    const struct hmz_difference_context context = whole_file(self);
    uint64_t found = 0;
    if (hmz_h5_attr_read_u64(self->events.events, name, &found, &what) != HMZ_OK)
        hmz_differences_add(self->differences, &context, "events: %s", what.text);
    else if (found != expected)
        hmz_differences_add(self->differences, &context,
                            "events: attribute %s is %" PRIu64 ", expected %" PRIu64, name, found, expected);
}

static void check_text(const struct comparer *self, const char *name, const char *expected)
{
    struct hmz_error what;
    const struct hmz_difference_context context = whole_file(self);
    char found[128] = "";
    if (hmz_h5_attr_read_text(self->events.events, name, found, sizeof found, &what) != HMZ_OK)
        hmz_differences_add(self->differences, &context, "events: %s", what.text);
    else if (expected && strcmp(found, expected) != 0)
        hmz_differences_add(self->differences, &context, "events: attribute %s is \"%s\", expected \"%s\"",
                            name, found, expected);
}

static void check_count(const struct comparer *self, hid_t group, const char *what, uint64_t expected)
{
    H5G_info_t info;
    const struct hmz_difference_context context = whole_file(self);
    if (H5Gget_info(group, &info) < 0)
        differ_h5(self, "members cannot be counted");
    else if (info.nlinks != expected)
        hmz_differences_add(self->differences, &context, "%s has %" PRIu64 " members, expected %" PRIu64,
                            what, (uint64_t)info.nlinks, expected);
}

/* After the events: each was looked for by its name, so a right count leaves no room for others. */
static int check_head(const struct comparer *self, struct hmz_error *err)
{
    static const char *const own[] = {"min_event",          "max_event",  "version",
                                      "harmonizer_version", "first_run",  "first_event",
                                      "last_run",           "last_event", NULL};
    static const char *const none[] = {NULL};
    const struct hmz_written *found = self->written;
    struct hmz_what_differs what;
    HMZ_H5_SCOPED root = H5Gopen2(self->h5, "/", H5P_DEFAULT);
    if (root < 0) {
        differ_h5(self, "the root group cannot be opened");
        return HMZ_OK;
    }
    int status = hmz_compare_attrs(-1, root, none, &what, err);
    if (status == HMZ_OK && what.text[0])
        differ(self, what.text);
    if (status == HMZ_OK)
        status = hmz_compare_attrs(-1, self->events.events, own, &what, err);
    if (status == HMZ_OK && what.text[0])
        differ(self, what.text);
    check_count(self, root, "the root group", 1);
    check_count(self, self->events.events, "events", found->event_count);
    check_number(self, "min_event", 0);
    check_number(self, "max_event", found->event_count);
    check_number(self, "first_run", (uint64_t)found->first.run);
    check_number(self, "first_event", found->first.event);
    check_number(self, "last_run", (uint64_t)found->last.run);
    check_number(self, "last_event", found->last.event);
    check_text(self, "version", HMZ_FORMAT_VERSION);
    check_text(self, "harmonizer_version", NULL);
    return status;
}

static int compare_open_file(struct comparer *self, struct hmz_error *err)
{
    HMZ_H5_SCOPED access = -1;
    self->driver_file = (struct hmz_h5_file){.fd = self->fd};
    int status = take_hash(self, err);
    if (status == HMZ_OK)
        status = hmz_h5_driver_fapl(&self->driver_file, &access, err);
    if (status == HMZ_OK)
        status =
            hmz_h5_limit_cache(access, hmz_footprint_name_heap(self->file->end - self->file->first), err);
    if (status != HMZ_OK)
        return status;
    if (open_events(self, access)) {
        status = compare_events(self, err);
        if (status == HMZ_OK)
            status = check_head(self, err);
    }
    struct hmz_error failed;
    if (status == HMZ_OK && hmz_h5_settle_reads(&self->driver_file, HMZ_OK, HMZ_REACH_RUN, &failed) != HMZ_OK)
        differ(self, failed.text);
    hmz_h5_drop(&self->events.events);
    hmz_h5_drop(&self->h5);
    return status;
}

static int load_listed(struct comparer *self, struct hmz_error *err)
{
    return hmz_unreadable_load(&self->listed, hmz_state_unreadable(self->task->state, self->task->number),
                               err);
}

int hmz_compare_run(const struct hmz_compare_task *task, struct hmz_differences *differences,
                    struct hmz_written *written_out, struct hmz_error *err)
{
    struct comparer self = {.task = task,
                            .file = &task->plan->files[task->number],
                            .name = hmz_harmonic_name(task->number),
                            .differences = differences,
                            .written = written_out,
                            .events = {.events = -1},
                            .fd = -1,
                            .h5 = -1};
    *written_out = (struct hmz_written){.first = self.file->first_id, .last = self.file->last_id};
    int status = load_listed(&self, err);
    if (status == HMZ_OK)
        status = open_file(&self, err);
    if (status == HMZ_OK)
        status = compare_open_file(&self, err);
    else if (status == HMZ_END)
        differ(&self, "is missing");
    if (self.fd >= 0)
        close(self.fd); /* only read */
    hmz_unreadable_release(&self.listed);
    if (status == HMZ_END)
        status = HMZ_OK;
    return status == HMZ_OK ? hmz_differences_check(differences, err) : status;
}
