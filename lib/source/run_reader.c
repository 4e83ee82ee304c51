/* SPDX-License-Identifier: MIT */
#include "run_reader.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h5_attr.h"
#include "h5_error.h"
#include "h5_memory.h"
#include "h5_newer.h"
#include "h5_scope.h"
#include "posix_io.h"
#include "run_reader_internal.h"

static const struct hmz_layout_ops *const layouts[] = {&hmz_layout_grouped, &hmz_layout_flat};
enum { LAYOUT_COUNT = sizeof layouts / sizeof *layouts };

static herr_t append_name(hid_t group, const char *name, const hmz_h5_link_info *info, void *data)
{
    struct hmz_run_info *info_out = data;
    (void)group;
    (void)info;
    size_t used = strlen(info_out->left_out);
    snprintf(info_out->left_out + used, sizeof info_out->left_out - used, "%s/%s", used ? ", " : "", name);
    return 0;
}

static int no_layout(struct hmz_run_reader *self, struct hmz_error *err)
{
    struct hmz_run_info found = {0};
    hmz_h5_link_iterate(self->file, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, append_name, &found);
    return hmz_fail_reach(err, HMZ_E_DAMAGED, HMZ_REACH_RUN,
                          "no merged run: expected /events, or /get and /meta, found %s",
                          found.left_out[0] ? found.left_out : "an empty file");
}

static int find_layout(struct hmz_run_reader *self, struct hmz_error *err)
{
    for (size_t i = 0; i < LAYOUT_COUNT; i++) {
        if (layouts[i]->probe(self)) {
            self->ops = layouts[i];
            self->info.layout = layouts[i]->layout;
            return HMZ_OK;
        }
    }
    H5Eclear2(H5E_DEFAULT);
    return no_layout(self, err);
}

static bool has_plain_addresses(hid_t file)
{
    hsize_t user_block = 1;
    size_t address_bytes = 0;
    size_t length_bytes = 0;
    HMZ_H5_SCOPED creation = H5Fget_create_plist(file);
    return creation >= 0 && H5Pget_userblock(creation, &user_block) >= 0 && user_block == 0 &&
           H5Pget_sizes(creation, &address_bytes, &length_bytes) >= 0 && address_bytes == 8 &&
           length_bytes == 8;
}

static int open_file(struct hmz_run_reader *self, const char *path, struct hmz_error *err)
{
    int status = hmz_io_open(path, O_RDONLY, 0, &self->input.fd, err);
    if (status == HMZ_OK)
        status = hmz_io_length(self->input.fd, &self->file_bytes, err);
    if (status == HMZ_OK && self->file_bytes == 0)
        status = hmz_fail(err, HMZ_E_DAMAGED, "the file is empty");
    if (status == HMZ_OK)
        status = hmz_read_cache_new(self->input.fd, &self->input.cache, err);
    if (status == HMZ_OK)
        status = hmz_h5_driver_fapl(&self->input, &self->access, err);
    if (status != HMZ_OK)
        return status;
    self->file = H5Fopen(path, H5F_ACC_RDONLY, self->access);
    if (self->file < 0) {
        hmz_ignore(hmz_fail_h5(err, HMZ_E_DAMAGED, "not an HDF5 file, or a damaged one"));
        return hmz_h5_judge_unopened_file(self->input.cache, err);
    }
    self->plain_addresses = has_plain_addresses(self->file);
    return HMZ_OK;
}

bool hmz_reader_has_link(struct hmz_run_reader *self, hid_t group, const char *path)
{
    htri_t answer = H5Lexists(group, path, H5P_DEFAULT);
    if (answer < 0 && self->unsure.status == HMZ_OK)
        hmz_ignore(hmz_fail_h5(&self->unsure, HMZ_E_DAMAGED, "%s: cannot be looked for", path));
    return answer > 0;
}

/* A null dataspace, as h5py.Empty: as good as no attribute. */
static bool has_no_value(hid_t object, const char *name)
{
    HMZ_H5_SCOPED attr = H5Aopen(object, name, H5P_DEFAULT);
    HMZ_H5_SCOPED space = attr < 0 ? -1 : H5Aget_space(attr);
    return space >= 0 && H5Sget_simple_extent_type(space) == H5S_NULL;
}

bool hmz_reader_has_attr(struct hmz_run_reader *self, hid_t object, const char *name)
{
    char path[HMZ_MEMBER_NAME_BYTES] = "/?";
    htri_t answer = H5Aexists(object, name);
    if (answer < 0 && self->unsure.status == HMZ_OK) {
        hmz_ignore(hmz_fail_h5(&self->unsure, HMZ_E_DAMAGED, "attribute %s cannot be looked for", name));
        H5Iget_name(object, path, sizeof path);
        hmz_ignore(hmz_context(&self->unsure, "%s", path + 1));
    }
    return answer > 0 && !has_no_value(object, name);
}

/* What was found missing may only have been out of reach. */
static int check_answers(struct hmz_run_reader *self, int status, struct hmz_error *err)
{
    if (self->unsure.status != HMZ_OK && (status == HMZ_OK || status == HMZ_E_DAMAGED)) {
        *err = self->unsure;
        status = err->status;
    }
    return hmz_h5_settle_reads(&self->input, status, HMZ_REACH_RUN, err);
}

/* A failure here means that nothing of the run can be had. */
static int of_run(int status, struct hmz_error *err)
{
    err->reach = HMZ_REACH_RUN;
    return status;
}

int hmz_run_reader_open(const char *path, struct hmz_run_reader **reader_out, struct hmz_error *err)
{
    struct hmz_run_reader *self = calloc(1, sizeof *self);
    if (!self)
        return hmz_fail_nomem(err, "a run reader");
    self->input.fd = -1;
    self->access = -1;
    self->file = -1;
    self->carry = HMZ_H5_CARRY_CLOSED;
    self->open_event = -1;
    self->event_group = self->frib_group = self->scaler_group = -1;
    int status = open_file(self, path, err);
    if (status == HMZ_OK)
        status = find_layout(self, err);
    if (status == HMZ_OK)
        status = self->ops->list(self, err);
    status = check_answers(self, status, err);
    if (status == HMZ_OK)
        status = hmz_h5_limit_open_cache(self->file, self->events.heap_bytes + self->scalers.heap_bytes, err);
    if (status != HMZ_OK) {
        hmz_run_reader_close(self);
        return of_run(status, err);
    }
    hmz_members_sort(&self->events);
    hmz_members_sort(&self->scalers);
    *reader_out = self;
    return HMZ_OK;
}

void hmz_run_reader_close(struct hmz_run_reader *self)
{
    if (!self)
        return;
    hmz_h5_drop(&self->event_group);
    hmz_h5_drop(&self->frib_group);
    hmz_h5_drop(&self->scaler_group);
    hmz_h5_carry_close(&self->carry);
    hmz_h5_drop(&self->file);
    hmz_h5_drop(&self->access);
    hmz_read_cache_free(self->input.cache);
    if (self->input.fd >= 0)
        close(self->input.fd); /* only read */
    hmz_members_release(&self->events);
    hmz_members_release(&self->scalers);
    hmz_members_release(&self->parts);
    hmz_names_release(&self->names);
    free(self);
}

/* The members from `from` on that have one number. */
static size_t group_length(const struct hmz_members *members, size_t from)
{
    size_t end = from;
    while (end < members->count && members->items[end].number == members->items[from].number)
        end++;
    return end - from;
}

static int next_stray(const struct hmz_members *members, size_t *at, struct hmz_error *err)
{
    return hmz_fail_reach(err, HMZ_E_DAMAGED, HMZ_REACH_EVENT, "%s", members->strays[(*at)++]);
}

static void count_event(struct hmz_run_found *found, const struct hmz_event *event)
{
    if (!(event->flags & HMZ_EVENT_HAS_GET))
        return;
    if (found->get_count == 0)
        found->first_get = event->number;
    else
        found->last_get_but_one = found->last_get;
    found->last_get = event->number;
    found->get_count++;
}

static void count_damaged(struct hmz_run_reader *self, uint64_t number)
{
    self->found.damaged_count++;
    self->found.claims_damaged_first |= number == self->claims.first_event;
    self->found.claims_damaged_last |= number == self->claims.last_event;
}

bool hmz_found_damaged_first(const struct hmz_run_found *found, const struct hmz_run_claims *claims)
{
    return found->claims_damaged_first && (found->get_count == 0 || claims->first_event < found->first_get);
}

bool hmz_found_damaged_last(const struct hmz_run_found *found, const struct hmz_run_claims *claims)
{
    if (found->get_count == 0 && found->damaged_count > 1 && claims->last_event == claims->first_event)
        return false;
    return found->claims_damaged_last && (found->get_count == 0 || claims->last_event > found->last_get);
}

/* What became of one event or readout. */
static int settle(struct hmz_run_reader *self, int status, const char *what, uint64_t number,
                  struct hmz_error *err)
{
    int settled = hmz_h5_settle_reads(&self->input, status, HMZ_REACH_EVENT, err);
    if (status == HMZ_OK && settled != HMZ_OK)
        return hmz_context(err, "%s %" PRIu64, what, number);
    if (settled < 0 && err->reach == HMZ_REACH_JOB)
        err->reach = settled == HMZ_E_DAMAGED ? HMZ_REACH_EVENT : HMZ_REACH_RUN;
    return settled;
}

int hmz_run_reader_next(struct hmz_run_reader *self, struct hmz_event *event, bool *numbered_out,
                        struct hmz_error *err)
{
    hmz_event_clear(event);
    *numbered_out = false;
    if (self->next_event_stray < self->events.stray_count)
        return next_stray(&self->events, &self->next_event_stray, err);
    if (self->next_event == self->events.count)
        return HMZ_END;
    size_t count = group_length(&self->events, self->next_event);
    const struct hmz_member *members = &self->events.items[self->next_event];
    self->next_event += count;
    *numbered_out = true;
    event->number = members->number;
    int status = self->ops->read_event(self, members, count, event, err);
    if (status == HMZ_OK)
        status = hmz_event_finish(event, err);
    status = settle(self, status, "event", event->number, err);
    if (status == HMZ_OK)
        count_event(&self->found, event);
    else if (status == HMZ_E_DAMAGED)
        count_damaged(self, event->number);
    return status;
}

int hmz_run_reader_next_scaler(struct hmz_run_reader *self, struct hmz_scaler *scaler, bool *numbered_out,
                               struct hmz_error *err)
{
    *numbered_out = false;
    scaler->number = 0;
    if (self->next_scaler_stray < self->scalers.stray_count)
        return next_stray(&self->scalers, &self->next_scaler_stray, err);
    if (self->next_scaler == self->scalers.count)
        return HMZ_END;
    size_t count = group_length(&self->scalers, self->next_scaler);
    const struct hmz_member *members = &self->scalers.items[self->next_scaler];
    self->next_scaler += count;
    *numbered_out = true;
    scaler->number = members->number;
    self->found.last_scaler = members->number;
    self->found.scaler_count++;
    int status = scaler->number > UINT32_MAX
                     ? hmz_fail(err, HMZ_E_DAMAGED, "readout %" PRIu64 ": expected a number below 2^32",
                                scaler->number)
                     : self->ops->read_scaler(self, members, count, scaler, err);
    return settle(self, status, "scaler readout", scaler->number, err);
}

int hmz_run_reader_finish(struct hmz_run_reader *self, struct hmz_run_info *info_out, struct hmz_error *err)
{
    self->info.closed = self->ops->fits(self);
    *info_out = self->info;
    return hmz_h5_settle_reads(&self->input, HMZ_OK, HMZ_REACH_RUN, err);
}

void hmz_reader_leave_out(struct hmz_run_reader *self, const char *name)
{
    char *text = self->info.left_out;
    size_t used = strlen(text);
    snprintf(text + used, sizeof self->info.left_out - used, "%s%s", used ? ", " : "", name);
}
