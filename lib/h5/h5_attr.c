/* SPDX-License-Identifier: MIT */
#include "h5_attr.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "h5_compat.h"
#include "h5_dataset.h"
#include "h5_element.h"
#include "h5_error.h"
#include "h5_newer.h"
#include "h5_scope.h"
#include "h5_size.h"
#include "h5_type.h"
#include "list.h"

/* Opens attribute `name`; a missing one and a broken one are different messages. */
static int open_attr(hid_t object, const char *name, hid_t *attr_out, struct hmz_error *err)
{
    *attr_out = H5Aopen(object, name, H5P_DEFAULT);
    if (*attr_out >= 0)
        return HMZ_OK;
    if (H5Aexists(object, name) == 0) {
        H5Eclear2(H5E_DEFAULT);
        return hmz_fail(err, HMZ_E_DAMAGED, "attribute %s is missing", name);
    }
    hmz_ignore(hmz_fail_h5(err, HMZ_E_DAMAGED, "attribute %s cannot be opened", name));
    return hmz_h5_judge_newer_object(object, ".", err);
}

static int check_single(hid_t attr, const char *name, struct hmz_error *err)
{
    HMZ_H5_SCOPED space = H5Aget_space(attr);
    hssize_t count = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    if (count != 1)
        return hmz_fail(err, HMZ_E_DAMAGED, "attribute %s has %lld values, expected 1", name,
                        (long long)count);
    return HMZ_OK;
}

/* The same for a known width, without the cost of a dataspace: five times an event, this counts. */
static int check_single_width(hid_t attr, const char *name, size_t width, struct hmz_error *err)
{
    return H5Aget_storage_size(attr) == width ? HMZ_OK : check_single(attr, name, err);
}

/* An integer attribute as 64 bits; *negative_out tells how to read them, false on failure. */
static int read_integer(hid_t object, const char *name, uint64_t *bits_out, bool *negative_out,
                        struct hmz_error *err)
{
    *negative_out = false;
    HMZ_H5_SCOPED attr = -1;
    int status = open_attr(object, name, &attr, err);
    if (status != HMZ_OK)
        return status;
    HMZ_H5_SCOPED type = H5Aget_type(attr);
    if (type < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "attribute %s: type cannot be read", name);
    status = check_single_width(attr, name, H5Tget_size(type), err);
    if (status == HMZ_OK)
        status = hmz_h5_type_check(type, err);
    if (status != HMZ_OK)
        return status;
    if (H5Tget_class(type) != H5T_INTEGER || hmz_element_of(type) == HMZ_ELEMENT_OTHER)
        return hmz_fail(err, HMZ_E_DAMAGED,
                        "attribute %s holds %s, expected an integer of 1, 2, 4 or 8 bytes", name,
                        hmz_element_describe(type).text);
    bool has_sign = H5Tget_sign(type) == H5T_SGN_2;
    if (H5Aread(attr, has_sign ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64, bits_out) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "attribute %s cannot be read", name);
    *negative_out = has_sign && (int64_t)*bits_out < 0;
    return HMZ_OK;
}

static int out_of_range(const char *name, uint64_t bits, bool negative, const char *expected,
                        struct hmz_error *err)
{
    if (negative)
        return hmz_fail(err, HMZ_E_DAMAGED, "attribute %s is %" PRId64 ", expected %s", name, (int64_t)bits,
                        expected);
    return hmz_fail(err, HMZ_E_DAMAGED, "attribute %s is %" PRIu64 ", expected %s", name, bits, expected);
}

int hmz_h5_attr_read_u64(hid_t object, const char *name, uint64_t *value_out, struct hmz_error *err)
{
    bool negative;
    int status = read_integer(object, name, value_out, &negative, err);
    if (status == HMZ_OK && negative)
        return out_of_range(name, *value_out, negative, "0 to 2^64-1", err);
    return status;
}

int hmz_h5_attr_read_u32(hid_t object, const char *name, uint32_t *value_out, struct hmz_error *err)
{
    uint64_t bits;
    bool negative;
    int status = read_integer(object, name, &bits, &negative, err);
    if (status == HMZ_OK && (negative || bits > UINT32_MAX))
        return out_of_range(name, bits, negative, "0 to 2^32-1", err);
    if (status == HMZ_OK)
        *value_out = (uint32_t)bits;
    return status;
}

int hmz_h5_attr_read_i32(hid_t object, const char *name, int32_t *value_out, struct hmz_error *err)
{
    uint64_t bits;
    bool negative;
    int status = read_integer(object, name, &bits, &negative, err);
    if (status != HMZ_OK)
        return status;
    if (negative ? (int64_t)bits < INT32_MIN : bits > INT32_MAX)
        return out_of_range(name, bits, negative, "-2^31 to 2^31-1", err);
    *value_out = (int32_t)bits;
    return HMZ_OK;
}

static int take_text(const char *name, const char *from, size_t length, char *text, size_t capacity_bytes,
                     struct hmz_error *err)
{
    if (length >= capacity_bytes)
        return hmz_fail(err, HMZ_E_DAMAGED, "attribute %s: %zu bytes of text, at most %zu expected", name,
                        length, capacity_bytes - 1);
    memcpy(text, from, length);
    text[length] = '\0';
    return HMZ_OK;
}

static int read_variable_text(hid_t attr, const char *name, char *text, size_t capacity_bytes,
                              struct hmz_error *err)
{
    char *found = NULL;
    HMZ_H5_SCOPED memory_type = H5Aget_type(attr);
    if (memory_type < 0 || H5Aread(attr, memory_type, &found) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "attribute %s cannot be read", name);
    const char *from = found ? found : "";
    int status = take_text(name, from, strlen(from), text, capacity_bytes, err);
    if (found)
        H5free_memory(found);
    return status;
}

static int read_fixed_text(hid_t attr, hid_t type, const char *name, char *text, size_t capacity_bytes,
                           struct hmz_error *err)
{
    size_t length = H5Tget_size(type);
    if (length == 0 || length > HMZ_ERROR_TEXT_BYTES)
        return hmz_fail(err, HMZ_E_DAMAGED, "attribute %s: %zu bytes of text, at most %d expected", name,
                        length, HMZ_ERROR_TEXT_BYTES);
    char found[HMZ_ERROR_TEXT_BYTES + 1] = {0};
    if (H5Aread(attr, type, found) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "attribute %s cannot be read", name);
    return take_text(name, found, strlen(found), text, capacity_bytes, err);
}

int hmz_h5_attr_read_text(hid_t object, const char *name, char *text, size_t capacity_bytes,
                          struct hmz_error *err)
{
    HMZ_H5_SCOPED attr = -1;
    int status = open_attr(object, name, &attr, err);
    if (status == HMZ_OK)
        status = check_single(attr, name, err);
    if (status != HMZ_OK)
        return status;
    HMZ_H5_SCOPED type = H5Aget_type(attr);
    if (type < 0 || H5Tget_class(type) != H5T_STRING)
        return hmz_fail(err, HMZ_E_DAMAGED, "attribute %s is no text", name);
    if (H5Tis_variable_str(type) > 0)
        return read_variable_text(attr, name, text, capacity_bytes, err);
    return read_fixed_text(attr, type, name, text, capacity_bytes, err);
}

/* The type of the file is that of the memory, too: no conversion. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "harmonic runs are little endian, and so is this");

int hmz_h5_attr_write(hid_t object, const char *name, hid_t type, hid_t scalar, const void *value,
                      struct hmz_error *err)
{
    hid_t attr = H5Acreate2(object, name, type, scalar, H5P_DEFAULT, H5P_DEFAULT);
    if (attr < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot create attribute %s", name);
    herr_t written = H5Awrite(attr, type, value);
    herr_t closed = H5Aclose(attr);
    if (written < 0 || closed < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot write attribute %s", name);
    return HMZ_OK;
}

int hmz_h5_attr_write_text(hid_t object, const char *name, const char *text, struct hmz_error *err)
{
    HMZ_H5_SCOPED type = H5Tcopy(H5T_C_S1);
    HMZ_H5_SCOPED scalar = H5Screate(H5S_SCALAR);
    if (type < 0 || scalar < 0 || H5Tset_size(type, H5T_VARIABLE) < 0 || H5Tset_cset(type, H5T_CSET_UTF8) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot make the type of attribute %s", name);
    return hmz_h5_attr_write(object, name, type, scalar, &text, err);
}

/* ---- copying ---- */

struct name_list {
    char **names;
    size_t count;
    const char *const *except;
};

static void name_list_release(struct name_list *self)
{
    for (size_t i = 0; i < self->count; i++)
        free(self->names[i]);
    free(self->names);
}

static bool is_excepted(const char *name, const char *const *except)
{
    for (; *except; except++)
        if (strcmp(name, *except) == 0)
            return true;
    return false;
}

static herr_t collect_name(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    struct name_list *list = data;
    (void)object;
    (void)info;
    if (is_excepted(name, list->except))
        return 0;
    char **item = hmz_list_add(&list->names, &list->count, sizeof *list->names);
    if (item)
        *item = strdup(name);
    return item && *item ? 0 : -1;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

enum { ATTRIBUTE_LIMIT_BYTES = 64 << 20 };

/* The file keeps the length of a text beside the place of its bytes. A text that libhdf5 hands over shorter
 * or longer is not that text. */
static int check_text_lengths(hid_t attr, const char *name, char *const *texts, size_t count,
                              struct hmz_error *err)
{
    HMZ_H5_SCOPED bytes = H5Tvlen_create(H5T_NATIVE_UCHAR);
    HMZ_H5_SCOPED space = H5Aget_space(attr);
    hvl_t *found = calloc(count, sizeof *found);
    int status = HMZ_OK;
    if (!found)
        return hmz_fail_nomem(err, "an attribute");
    if (bytes < 0 || space < 0 || H5Aread(attr, bytes, found) < 0)
        status = hmz_fail_h5(err, HMZ_E_DAMAGED, "attribute %s cannot be read", name);
    for (size_t i = 0; status == HMZ_OK && i < count; i++) {
        size_t length = texts[i] ? strlen(texts[i]) : 0;
        if (found[i].len != length && found[i].len != length + 1) /* some count the NUL */
            status = hmz_fail(err, HMZ_E_DAMAGED, "attribute %s: %zu bytes of text, expected %zu", name,
                              length, found[i].len);
    }
    hmz_h5_reclaim(bytes, space, H5P_DEFAULT, found);
    free(found);
    return status;
}

struct copied {
    const char *name;
    hid_t type, space;
    uint64_t bytes; /* out: what it takes */
};

/* Reads the value and writes it with the very same type on both sides, so that no conversion can touch it. */
static int copy_value(hid_t from, hid_t to, struct copied *copied, struct hmz_error *err)
{
    const char *name = copied->name;
    hid_t type = copied->type;
    hid_t space = copied->space;
    hssize_t count = H5Sget_simple_extent_npoints(space);
    size_t width = H5Tget_size(type);
    if (count < 0 || width == 0 || (uint64_t)count > ATTRIBUTE_LIMIT_BYTES / width)
        return hmz_fail(err, HMZ_E_DAMAGED, "attribute %s: %lld values of %zu bytes cannot be", name,
                        (long long)count, width);
    HMZ_H5_SCOPED attr = H5Acreate2(to, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (attr < 0) /* more than 64 KiB, for instance, which the old form of HDF5 has no place for */
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "attribute %s cannot be carried over", name);
    copied->bytes = hmz_h5_size_of_attr(name, type, space, NULL);
    if (count == 0)
        return HMZ_OK;
    void *value = calloc((size_t)count, width);
    if (!value)
        return hmz_fail_nomem(err, "an attribute");
    int status = HMZ_OK;
    if (H5Aread(from, type, value) < 0) {
        status = hmz_fail_h5(err, HMZ_E_DAMAGED, "attribute %s cannot be read", name);
    } else {
        if (H5Tis_variable_str(type) > 0)
            status = check_text_lengths(from, name, value, (size_t)count, err);
        if (status == HMZ_OK && H5Awrite(attr, type, value) < 0)
            status = hmz_fail_h5(err, HMZ_E_FAILED, "cannot write attribute %s", name);
        copied->bytes = hmz_h5_size_of_attr(name, type, space, value);
        if (H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tis_variable_str(type) > 0 ||
            H5Tdetect_class(type, H5T_STRING) > 0)
            hmz_h5_reclaim(type, space, H5P_DEFAULT, value);
    }
    free(value);
    return status;
}

/* Types and shapes that come from a file are written again in the encoding version of that file. Made anew,
 * they give the same bytes wherever they come from. */
static hid_t fresh_string(hid_t found)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    size_t size = H5Tis_variable_str(found) > 0 ? H5T_VARIABLE : H5Tget_size(found);
    if (type >= 0 && (H5Tset_size(type, size) < 0 || H5Tset_cset(type, H5Tget_cset(found)) < 0 ||
                      H5Tset_strpad(type, H5Tget_strpad(found)) < 0))
        hmz_h5_drop(&type);
    return type;
}

static hid_t fresh_type(hid_t found)
{
    enum hmz_element element = hmz_element_of(found);
    if (element != HMZ_ELEMENT_OTHER)
        return H5Tcopy(hmz_element_type(element));
    /* A committed type belongs to its file: a copy of it is transient and has the same bits. */
    return H5Tget_class(found) == H5T_STRING ? fresh_string(found) : H5Tcopy(found);
}

static int fresh_space(hid_t found, hid_t *space_out, struct hmz_error *err)
{
    uint64_t dims[HMZ_RANK_LIMIT];
    int rank = 0;
    bool null = H5Sget_simple_extent_type(found) == H5S_NULL;
    int status = null ? HMZ_OK : hmz_h5_space_dims(found, dims, &rank, err);
    if (status != HMZ_OK)
        return status;
    *space_out = null ? H5Screate(H5S_NULL) : hmz_h5_space_new(dims, rank);
    return *space_out < 0 ? hmz_fail_h5(err, HMZ_E_DAMAGED, "shape cannot be made") : HMZ_OK;
}

static int holds_references(const char *name, struct hmz_error *err)
{
    return hmz_fail(err, HMZ_E_DAMAGED,
                    "attribute %s holds references into its own file, which lead nowhere in another one",
                    name);
}

static int copy_attr(hid_t from, hid_t to, const char *name, uint64_t *bytes, struct hmz_error *err)
{
    HMZ_H5_SCOPED attr = H5Aopen(from, name, H5P_DEFAULT);
    HMZ_H5_SCOPED found_type = attr < 0 ? -1 : H5Aget_type(attr);
    HMZ_H5_SCOPED found_space = attr < 0 ? -1 : H5Aget_space(attr);
    if (found_type < 0 || found_space < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "attribute %s cannot be opened", name);
    if (H5Tdetect_class(found_type, H5T_REFERENCE) > 0)
        return holds_references(name, err);
    HMZ_H5_SCOPED space = -1;
    int status = hmz_h5_type_check(found_type, err);
    if (status == HMZ_OK)
        status = fresh_space(found_space, &space, err);
    if (status != HMZ_OK)
        return hmz_context(err, "attribute %s", name);
    HMZ_H5_SCOPED type = fresh_type(found_type);
    if (type < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "attribute %s: type cannot be made", name);
    struct copied copied = {.name = name, .type = type, .space = space};
    status = copy_value(attr, to, &copied, err);
    *bytes += copied.bytes;
    return status;
}

static herr_t look_for_references(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    HMZ_H5_SCOPED attr = H5Aopen(object, name, H5P_DEFAULT);
    HMZ_H5_SCOPED type = attr < 0 ? -1 : H5Aget_type(attr);
    (void)info;
    if (type < 0)
        return -1;
    return H5Tdetect_class(type, H5T_REFERENCE) > 0 ? holds_references(name, data), 1 : 0;
}

int hmz_h5_attr_check_references(hid_t object, struct hmz_error *err)
{
    herr_t found = H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, look_for_references, err);
    if (found < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "attributes cannot be listed");
    return found > 0 ? err->status : HMZ_OK;
}

int hmz_h5_attr_copy_others(hid_t from, hid_t to, const char *const *except, uint64_t *bytes,
                            struct hmz_error *err)
{
    struct name_list list = {.except = except};
    int status = HMZ_OK;
    if (H5Aiterate2(from, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, collect_name, &list) < 0)
        status = hmz_fail_h5(err, HMZ_E_DAMAGED, "attributes cannot be listed");
    if (list.count)
        qsort(list.names, list.count, sizeof *list.names, by_bytes);
    for (size_t i = 0; status == HMZ_OK && i < list.count; i++)
        status = copy_attr(from, to, list.names[i], bytes, err);
    name_list_release(&list);
    return status;
}
