/* SPDX-License-Identifier: MIT */
#include "compare_value.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h5_compat.h"
#include "h5_error.h"
#include "h5_scope.h"

/* ---- words ---- */

/* Keeps the first difference. */
static void differ(struct hmz_what_differs *out, const char *format, ...) HMZ_PRINTF(2, 3);
static void differ(struct hmz_what_differs *out, const char *format, ...)
{
    if (out->text[0])
        return;
    va_list args;
    va_start(args, format);
    vsnprintf(out->text, sizeof out->text, format, args);
    va_end(args);
}

/* With what libhdf5 says about it. */
static void differ_h5(struct hmz_what_differs *out, const char *what)
{
    struct hmz_error err;
    hmz_ignore(hmz_fail_h5(&err, HMZ_E_DAMAGED, "%s", what)); /* only its text is wanted */
    differ(out, "%s", err.text);
}

/* "NAME: …" in front of what was found inside. */
static void name_value(struct hmz_what_differs *out, const char *name)
{
    char inside[sizeof out->text];
    if (!out->text[0])
        return;
    memcpy(inside, out->text, sizeof inside);
    snprintf(out->text, sizeof out->text, "%.150s: %.350s", name, inside);
}

/* ---- values in memory, as H5Aread and H5Dread give them ---- */

static bool equal_values(hid_t type, const uint8_t *a, const uint8_t *b, size_t count);

static bool equal_lists(hid_t type, const uint8_t *a, const uint8_t *b)
{
    hvl_t left;
    hvl_t right;
    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    HMZ_H5_SCOPED of = H5Tget_super(type);
    return left.len == right.len && of >= 0 && equal_values(of, left.p, right.p, left.len);
}

static bool equal_texts(const uint8_t *a, const uint8_t *b)
{
    const char *left;
    const char *right;
    memcpy(&left, a, sizeof left);
    memcpy(&right, b, sizeof right);
    return left == right || (left && right && strcmp(left, right) == 0);
}

static bool equal_members(hid_t type, const uint8_t *a, const uint8_t *b)
{
    int count = H5Tget_nmembers(type);
    bool equal = count >= 0;
    for (unsigned i = 0; equal && i < (unsigned)count; i++) {
        HMZ_H5_SCOPED member = H5Tget_member_type(type, i);
        size_t at = H5Tget_member_offset(type, i);
        equal = member >= 0 && equal_values(member, a + at, b + at, 1);
    }
    return equal;
}

static bool equal_arrays(hid_t type, const uint8_t *a, const uint8_t *b)
{
    HMZ_H5_SCOPED of = H5Tget_super(type);
    size_t width = of < 0 ? 0 : H5Tget_size(of);
    return width > 0 && equal_values(of, a, b, H5Tget_size(type) / width);
}

static bool equal_value(hid_t type, const uint8_t *a, const uint8_t *b)
{
    switch (H5Tget_class(type)) {
    case H5T_STRING:
        return H5Tis_variable_str(type) > 0 ? equal_texts(a, b) : memcmp(a, b, H5Tget_size(type)) == 0;
    case H5T_VLEN:
        return equal_lists(type, a, b);
    case H5T_COMPOUND:
        return equal_members(type, a, b);
    case H5T_ARRAY:
        return equal_arrays(type, a, b);
    default:
        return memcmp(a, b, H5Tget_size(type)) == 0;
    }
}

static bool equal_values(hid_t type, const uint8_t *a, const uint8_t *b, size_t count)
{
    size_t width = H5Tget_size(type);
    for (size_t i = 0; i < count; i++)
        if (!equal_value(type, a + i * width, b + i * width))
            return false;
    return true;
}

/* ---- one attribute or dataset ---- */

/* Two readable things of one kind: H5Aread or H5Dread, whichever fits. */
struct pair {
    hid_t merged, harmonic;
    bool attrs;
};

static herr_t read_values(const struct pair *pair, hid_t from, hid_t type, void *to)
{
    return pair->attrs ? H5Aread(from, type, to) : H5Dread(from, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, to);
}

static int compare_content(const struct pair *pair, hid_t type, hid_t space, struct hmz_what_differs *out,
                           struct hmz_error *err)
{
    hssize_t count = H5Sget_simple_extent_npoints(space);
    size_t bytes;
    if (count < 0 || __builtin_mul_overflow((size_t)count, H5Tget_size(type), &bytes)) {
        differ(out, "more bytes than can be");
        return HMZ_OK;
    }
    if (bytes == 0)
        return HMZ_OK;
    uint8_t *a = calloc(1, bytes);
    uint8_t *b = calloc(1, bytes);
    int status = a && b ? HMZ_OK : hmz_fail_nomem(err, "values to compare");
    if (status == HMZ_OK) {
        herr_t merged = read_values(pair, pair->merged, type, a);
        herr_t harmonic = merged < 0 ? 0 : read_values(pair, pair->harmonic, type, b);
        if (merged < 0 || harmonic < 0)
            differ_h5(out, merged < 0 ? "cannot be read in the merged run" : "cannot be read");
        else if (!equal_values(type, a, b, (size_t)count))
            differ(out, "other values than in the merged run");
        /* Frees what variable-length values point at; both are all zero where they were not read. */
        hmz_h5_reclaim(type, space, H5P_DEFAULT, a);
        hmz_h5_reclaim(type, space, H5P_DEFAULT, b);
    }
    free(a);
    free(b);
    return status;
}

static int compare_pair(const struct pair *pair, struct hmz_what_differs *out, struct hmz_error *err)
{
    bool attrs = pair->attrs;
    HMZ_H5_SCOPED type = attrs ? H5Aget_type(pair->merged) : H5Dget_type(pair->merged);
    HMZ_H5_SCOPED space = attrs ? H5Aget_space(pair->merged) : H5Dget_space(pair->merged);
    HMZ_H5_SCOPED other_type = attrs ? H5Aget_type(pair->harmonic) : H5Dget_type(pair->harmonic);
    HMZ_H5_SCOPED other_space = attrs ? H5Aget_space(pair->harmonic) : H5Dget_space(pair->harmonic);
    if (type < 0 || space < 0 || other_type < 0 || other_space < 0) {
        differ_h5(out, "type and shape cannot be read");
        return HMZ_OK;
    }
    if (H5Tequal(type, other_type) <= 0)
        differ(out, "another type than in the merged run");
    else if (H5Sextent_equal(space, other_space) <= 0)
        differ(out, "another shape than in the merged run");
    else
        return compare_content(pair, type, space, out, err);
    return HMZ_OK;
}

int hmz_compare_attr(hid_t merged, hid_t harmonic, const char *name, struct hmz_what_differs *out,
                     struct hmz_error *err)
{
    char label[200];
    HMZ_H5_SCOPED from = H5Aopen(merged, name, H5P_DEFAULT);
    HMZ_H5_SCOPED to = H5Aopen(harmonic, name, H5P_DEFAULT);
    int status = HMZ_OK;
    *out = (struct hmz_what_differs){0};
    if (from < 0 || to < 0) {
        differ_h5(out, from < 0 ? "cannot be opened in the merged run" : "cannot be opened");
    } else {
        const struct pair pair = {.merged = from, .harmonic = to, .attrs = true};
        status = compare_pair(&pair, out, err);
    }
    snprintf(label, sizeof label, "attribute %s", name);
    name_value(out, label);
    return status;
}

/* ---- all attributes ---- */

struct attrs_walk {
    hid_t merged; /* -1: there are no attributes but `own` */
    hid_t harmonic;
    const char *const *own;
    struct hmz_what_differs *out;
    struct hmz_error *err;
    int status;
};

static bool is_own(const struct attrs_walk *walk, const char *name)
{
    for (const char *const *own = walk->own; *own; own++)
        if (strcmp(*own, name) == 0)
            return true;
    return false;
}

static herr_t look_at_harmonic_attr(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    struct attrs_walk *walk = data;
    (void)info;
    (void)object;
    if (is_own(walk, name))
        return 0;
    if (walk->merged < 0 || H5Aexists(walk->merged, name) <= 0)
        differ(walk->out, "attribute %s: not in the merged run", name);
    else
        walk->status = hmz_compare_attr(walk->merged, walk->harmonic, name, walk->out, walk->err);
    return walk->out->text[0] || walk->status != HMZ_OK;
}

static herr_t look_at_merged_attr(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    struct attrs_walk *walk = data;
    (void)info;
    (void)object;
    if (!is_own(walk, name) && H5Aexists(walk->harmonic, name) <= 0)
        differ(walk->out, "attribute %s is missing", name);
    return walk->out->text[0] != '\0';
}

int hmz_compare_attrs(hid_t merged, hid_t harmonic, const char *const *own, struct hmz_what_differs *out,
                      struct hmz_error *err)
{
    struct attrs_walk walk = {
        .merged = merged, .harmonic = harmonic, .own = own, .out = out, .err = err, .status = HMZ_OK};
    *out = (struct hmz_what_differs){0};
    for (const char *const *name = own; *name; name++)
        if (H5Aexists(harmonic, *name) <= 0)
            differ(out, "attribute %s is missing", *name);
    if (!out->text[0] &&
        H5Aiterate2(harmonic, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, look_at_harmonic_attr, &walk) < 0)
        differ_h5(out, "attributes cannot be listed");
    if (!out->text[0] && walk.status == HMZ_OK && merged >= 0 &&
        H5Aiterate2(merged, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, look_at_merged_attr, &walk) < 0)
        differ_h5(out, "attributes of the merged run cannot be listed");
    return walk.status;
}

/* ---- objects ---- */

static int compare_things(hid_t merged, hid_t harmonic, int depth, struct hmz_what_differs *out,
                          struct hmz_error *err);

enum { DEPTH_LAST = 32 }; /* groups within groups */

struct members_walk {
    hid_t other;
    int depth;
    bool only_names; /* is each there, and no more */
    struct hmz_what_differs *out;
    struct hmz_error *err;
    int status;
};

static herr_t look_at_member(hid_t group, const char *name, const hmz_h5_link_info *info, void *data)
{
    struct members_walk *walk = data;
    if (H5Lexists(walk->other, name, H5P_DEFAULT) <= 0) {
        differ(walk->out, walk->only_names ? "not in the merged run" : "missing");
    } else if (info->type != H5L_TYPE_HARD) {
        differ(walk->out, "a link");
    } else if (!walk->only_names) {
        HMZ_H5_SCOPED merged = H5Oopen(group, name, H5P_DEFAULT);
        HMZ_H5_SCOPED harmonic = H5Oopen(walk->other, name, H5P_DEFAULT);
        if (merged < 0 || harmonic < 0)
            differ_h5(walk->out, "cannot be opened");
        else
            walk->status = compare_things(merged, harmonic, walk->depth + 1, walk->out, walk->err);
    }
    name_value(walk->out, name);
    return walk->out->text[0] || walk->status != HMZ_OK;
}

static int compare_groups(hid_t merged, hid_t harmonic, int depth, struct hmz_what_differs *out,
                          struct hmz_error *err)
{
    struct members_walk walk = {.other = harmonic, .depth = depth, .out = out, .err = err, .status = HMZ_OK};
    if (depth == DEPTH_LAST) {
        differ(out, "more than %d groups within each other", DEPTH_LAST);
        return HMZ_OK;
    }
    if (hmz_h5_link_iterate(merged, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, look_at_member, &walk) < 0)
        differ_h5(out, "members of the merged run cannot be listed");
    walk.other = merged;
    walk.only_names = true;
    if (!out->text[0] && walk.status == HMZ_OK &&
        hmz_h5_link_iterate(harmonic, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, look_at_member, &walk) < 0)
        differ_h5(out, "members cannot be listed");
    return walk.status;
}

static int compare_things(hid_t merged, hid_t harmonic, int depth, struct hmz_what_differs *out,
                          struct hmz_error *err)
{
    static const char *const none[] = {NULL};
    H5I_type_t kind = H5Iget_type(merged);
    if (kind != H5Iget_type(harmonic)) {
        differ(out, "another kind of object than in the merged run");
        return HMZ_OK;
    }
    int status = hmz_compare_attrs(merged, harmonic, none, out, err);
    if (status != HMZ_OK || out->text[0])
        return status;
    const struct pair pair = {.merged = merged, .harmonic = harmonic};
    switch (kind) {
    case H5I_GROUP:
        return compare_groups(merged, harmonic, depth, out, err);
    case H5I_DATASET:
        return compare_pair(&pair, out, err);
    default:
        if (H5Tequal(merged, harmonic) <= 0)
            differ(out, "another type than in the merged run");
        return HMZ_OK;
    }
}

int hmz_compare_object(hid_t merged, hid_t harmonic, struct hmz_what_differs *out, struct hmz_error *err)
{
    *out = (struct hmz_what_differs){0};
    return compare_things(merged, harmonic, 0, out, err);
}
