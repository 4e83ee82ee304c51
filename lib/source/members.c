/* SPDX-License-Identifier: MIT */
#include "members.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h5_error.h"
#include "h5_memory.h"
#include "list.h"

/* Plain decimal: no sign, no leading zero, at most 2^64-1. Returns what follows the digits, or NULL. */
static const char *parse_number(const char *text, uint64_t *number_out)
{
    const char *at = text;
    uint64_t number = 0;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(*at - '0'), &number))
            return NULL;
    if (at == text || (*text == '0' && at - text > 1))
        return NULL;
    *number_out = number;
    return at;
}

static bool parse_prefixed(const char *name, const char *prefix, uint64_t *number_out, const char **rest_out)
{
    size_t length = strlen(prefix);
    if (strncmp(name, prefix, length) != 0)
        return false;
    *rest_out = parse_number(name + length, number_out);
    return *rest_out != NULL;
}

/* "PREFIX12_part" */
static bool parse_numbered_part(const char *name, const char *prefix, uint64_t *number_out,
                                const char **part_out)
{
    if (!parse_prefixed(name, prefix, number_out, part_out) || **part_out != '_')
        return false;
    *part_out += 1;
    return **part_out != '\0';
}

bool hmz_member_parse_event(const char *name, uint64_t *number_out, const char **part_out)
{
    return parse_prefixed(name, "event_", number_out, part_out) && **part_out == '\0';
}

bool hmz_member_parse_evt(const char *name, uint64_t *number_out, const char **part_out)
{
    return parse_numbered_part(name, "evt", number_out, part_out);
}

bool hmz_member_parse_scaler(const char *name, uint64_t *number_out, const char **part_out)
{
    return parse_numbered_part(name, "scaler", number_out, part_out);
}

bool hmz_member_parse_any(const char *name, uint64_t *number_out, const char **part_out)
{
    *number_out = 0;
    *part_out = name;
    return true;
}

/* An empty name comes first, and no rest of eight bytes is left at the end. */
enum { HEAP_OWN_BYTES = 16 };

struct listing {
    struct hmz_members *members;
    const char *group_path;
    hmz_member_parse *parse;
    struct hmz_names *names;
    struct hmz_error *err;
    int status;
    uint64_t names_bytes;
};

static int add_stray(struct listing *self, const char *name, const char *what)
{
    struct hmz_members *members = self->members;
    char text[HMZ_ERROR_TEXT_BYTES];
    snprintf(text, sizeof text, "%s/%.*s: %s", self->group_path, HMZ_MEMBER_NAME_BYTES, name, what);
    char **stray = hmz_list_add(&members->strays, &members->stray_count, sizeof *members->strays);
    if (stray)
        *stray = strdup(text);
    return stray && *stray ? HMZ_OK : hmz_fail_nomem(self->err, "a list of members");
}

static int add_member(struct listing *self, uint64_t number, const char *part)
{
    struct hmz_members *members = self->members;
    struct hmz_member *item = hmz_list_add(&members->items, &members->count, sizeof *members->items);
    if (!item)
        return hmz_fail_nomem(self->err, "a list of members");
    *item = (struct hmz_member){.number = number, .name = ""};
    return *part ? hmz_names_keep(self->names, part, &item->name, self->err) : HMZ_OK;
}

static herr_t take_link(hid_t group, const char *name, const hmz_h5_link_info *info, void *data)
{
    struct listing *self = data;
    uint64_t number;
    const char *part;
    (void)group;
    self->names_bytes += (strlen(name) + 1 + 7) / 8 * 8;
    if (info->type == H5L_TYPE_SOFT)
        self->status = add_stray(self, name, "a soft link, expected an object of this file");
    else if (info->type != H5L_TYPE_HARD)
        self->status = add_stray(self, name, "a link to another file, expected an object of this file");
    else if (!*name || strchr(name, '/') || strcmp(name, ".") == 0)
        self->status = add_stray(self, name, "a name that no member can have");
    else if (strlen(name) > HMZ_MEMBER_NAME_BYTES)
        self->status = add_stray(self, name, "a name longer than any merger writes");
    else if (!self->parse(name, &number, &part))
        self->status = add_stray(self, name, "an unknown member: not a name with a plain event number");
    else
        self->status = add_member(self, number, part);
    return self->status == HMZ_OK ? 0 : -1;
}

int hmz_members_list(struct hmz_members *self, hid_t group, const char *group_path, hmz_member_parse *parse,
                     struct hmz_names *names, struct hmz_error *err)
{
    struct listing listing = {.members = self,
                              .group_path = group_path,
                              .parse = parse,
                              .names = names,
                              .err = err,
                              .status = HMZ_OK,
                              .names_bytes = HEAP_OWN_BYTES};
    herr_t result = hmz_h5_link_iterate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, take_link, &listing);
    if (listing.status != HMZ_OK) {
        H5Eclear2(H5E_DEFAULT);
        return listing.status;
    }
    if (result < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "members cannot be listed");
    self->heap_bytes += hmz_h5_heap_bytes(listing.names_bytes);
    return HMZ_OK;
}

static int by_number_and_part(const void *a, const void *b)
{
    const struct hmz_member *left = a;
    const struct hmz_member *right = b;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return strcmp(left->name, right->name);
}

void hmz_members_sort(struct hmz_members *self)
{
    if (self->count)
        qsort(self->items, self->count, sizeof *self->items, by_number_and_part);
}

void hmz_members_clear(struct hmz_members *self)
{
    for (size_t i = 0; i < self->stray_count; i++)
        free(self->strays[i]);
    free(self->strays);
    self->strays = NULL;
    self->stray_count = 0;
    self->count = 0;
    self->heap_bytes = 0;
}

void hmz_members_release(struct hmz_members *self)
{
    hmz_members_clear(self);
    free(self->items);
    *self = (struct hmz_members){0};
}
