/* SPDX-License-Identifier: MIT */
#include "h5_dataset.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "h5_element.h"
#include "h5_error.h"
#include "h5_scope.h"
#include "h5_type.h"

static_assert((int)HMZ_RANK_LIMIT == (int)H5S_MAX_RANK,
              "a dataset may have as many dimensions as HDF5 allows");

int hmz_h5_space_dims(hid_t space, uint64_t *dims_out, int *rank_out, struct hmz_error *err)
{
    hsize_t dims[HMZ_RANK_LIMIT];
    hsize_t limits[HMZ_RANK_LIMIT];
    *rank_out = H5Sget_simple_extent_dims(space, dims, limits);
    if (*rank_out < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "shape cannot be read");
    for (int i = 0; i < *rank_out; i++)
        dims_out[i] = dims[i];
    for (int i = 0; i < *rank_out; i++)
        if (dims_out[i] > limits[i])
            return hmz_fail(err, HMZ_E_DAMAGED, "shape %s cannot be: dimension %d is at most %" PRIu64,
                            hmz_shape_text(dims_out, *rank_out).text, i, (uint64_t)limits[i]);
    return HMZ_OK;
}

hid_t hmz_h5_space_new(const uint64_t *dims, int rank)
{
    hsize_t there[HMZ_RANK_LIMIT];
    for (int i = 0; i < rank; i++)
        there[i] = dims[i];
    return rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, there, NULL);
}

static int describe_space(hid_t dataset, struct hmz_h5_dataset *out, uint64_t *count_out,
                          struct hmz_error *err)
{
    HMZ_H5_SCOPED space = H5Dget_space(dataset);
    if (space < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "shape cannot be read");
    out->rank = 0;
    *count_out = 0;
    out->null = H5Sget_simple_extent_type(space) == H5S_NULL;
    if (out->null)
        return HMZ_OK;
    int status = hmz_h5_space_dims(space, out->dims, &out->rank, err);
    if (status != HMZ_OK)
        return status;
    *count_out = 1;
    for (int i = 0; i < out->rank; i++)
        if (__builtin_mul_overflow(*count_out, out->dims[i], count_out) || *count_out > INT64_MAX)
            return hmz_fail(err, HMZ_E_DAMAGED, "shape %s cannot be",
                            hmz_shape_text(out->dims, out->rank).text);
    return HMZ_OK;
}

static int describe_type(hid_t dataset, struct hmz_h5_dataset *out, uint64_t *width_out,
                         struct hmz_error *err)
{
    HMZ_H5_SCOPED type = H5Dget_type(dataset);
    if (type < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "type cannot be read");
    H5T_class_t kind = H5Tget_class(type);
    *width_out = H5Tget_size(type);
    out->element = hmz_element_of(type);
    if (kind == H5T_INTEGER || kind == H5T_FLOAT) {
        out->storage = HMZ_STORAGE_READ;
        return out->element == HMZ_ELEMENT_OTHER ? hmz_h5_type_check(type, err) : HMZ_OK;
    }
    if (H5Tdetect_class(type, H5T_REFERENCE) > 0)
        return hmz_fail(err, HMZ_E_DAMAGED, "the dataset holds references into its own file");
    out->storage = HMZ_STORAGE_OBJECT;
    return hmz_h5_type_check(type, err);
}

/* Its type counts all the same: what cannot be carried over cannot be without elements either. */
static void describe_null(struct hmz_h5_dataset *out)
{
    out->storage = HMZ_STORAGE_OBJECT;
    out->bytes = 0;
    out->offset = 0;
}

/* The file keeps the length of contiguous numbers beside their shape and type. Where they differ, one of the
 * three is damaged. */
static int check_length(hid_t dataset, const struct hmz_h5_dataset *found, struct hmz_error *err)
{
    hsize_t stored = H5Dget_storage_size(dataset);
    if (stored == found->bytes)
        return HMZ_OK;
    return hmz_fail(err, HMZ_E_DAMAGED, "shape %s and type take %s bytes, %s are stored",
                    hmz_shape_text(found->dims, found->rank).text, hmz_count_text(found->bytes).text,
                    hmz_count_text(stored).text);
}

/* ---- filters ---- */

/* Filters that users meet; libhdf5 has no name for one that is not installed. Source: registry of filters of
 * The HDF Group. */
static const struct known_filter {
    H5Z_filter_t number;
    const char *name;
} known_filters[] = {
    {H5Z_FILTER_DEFLATE, "deflate (gzip)"},
    {H5Z_FILTER_SZIP, "szip"},
    {305, "lzo"},
    {307, "bzip2"},
    {32000, "lzf"},
    {32001, "blosc"},
    {32004, "lz4"},
    {32008, "bitshuffle"},
    {32013, "zfp"},
    {32015, "zstd"},
    {32017, "sz"},
    {32024, "sz3"},
    {32026, "blosc2"},
};

static const char *filter_name(H5Z_filter_t number, const char *name_in_file)
{
    for (size_t i = 0; i < sizeof known_filters / sizeof *known_filters; i++)
        if (known_filters[i].number == number)
            return known_filters[i].name;
    return name_in_file[0] ? name_in_file : "of no known name";
}

/* Some builds of libhdf5 have a filter for one direction only. */
static bool can_decode(H5Z_filter_t number)
{
    unsigned flags = 0;
    bool there = H5Zfilter_avail(number) > 0 && H5Zget_filter_info(number, &flags) >= 0;
    H5Eclear2(H5E_DEFAULT); /* a search for a plugin that came to nothing */
    return there && (flags & H5Z_FILTER_CONFIG_DECODE_ENABLED);
}

/* A filter may have been left out of every chunk, by a program that wrote them without it. */
static bool is_used(hid_t dataset, int filter)
{
    hsize_t count = 0;
    HMZ_H5_SCOPED space = H5Dget_space(dataset);
    if (space < 0 || H5Dget_num_chunks(dataset, space, &count) < 0)
        return true;
    for (hsize_t i = 0; i < count; i++) {
        unsigned left_out = 0;
        if (H5Dget_chunk_info(dataset, space, i, NULL, &left_out, NULL, NULL) < 0 ||
            !(left_out & 1U << filter))
            return true;
    }
    return false;
}

static int check_filters(hid_t dataset, hid_t creation, struct hmz_error *err)
{
    enum { NAME_BYTES = 64 };
    int count = H5Pget_layout(creation) == H5D_CHUNKED ? H5Pget_nfilters(creation) : 0;
    if (count < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "filters cannot be read");
    for (int i = 0; i < count; i++) {
        char name[NAME_BYTES] = "";
        size_t values = 0;
        unsigned flags;
        H5Z_filter_t number =
            H5Pget_filter2(creation, (unsigned)i, &flags, &values, NULL, sizeof name, name, NULL);
        if (number < 0)
            return hmz_fail_h5(err, HMZ_E_DAMAGED, "filters cannot be read");
        if (!can_decode(number) && is_used(dataset, i))
            return hmz_fail_reach(
                err, HMZ_E_FAILED, HMZ_REACH_RUN,
                "needs the HDF5 filter %s (%d), which is not here: set HDF5_PLUGIN_PATH to the "
                "folder of its plugin, or rewrite the run with h5repack where it is installed",
                filter_name(number, name), number);
    }
    return HMZ_OK;
}

/* Only datasets without an address of their own come here: an address means contiguous, allocated, and in
 * this file (H5Dget_offset). */
static int check_indirect(hid_t dataset, struct hmz_error *err)
{
    HMZ_H5_SCOPED creation = H5Dget_create_plist(dataset);
    if (creation < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "storage cannot be read");
    if (H5Pget_layout(creation) == H5D_VIRTUAL)
        return hmz_fail(err, HMZ_E_DAMAGED, "the data are in other files (virtual dataset)");
    if (H5Pget_external_count(creation) > 0)
        return hmz_fail(err, HMZ_E_DAMAGED, "the data are in other files (external storage)");
    return H5Dget_storage_size(dataset) > 0 ? check_filters(dataset, creation, err) : HMZ_OK;
}

int hmz_h5_dataset_describe(hid_t dataset, struct hmz_h5_dataset *out, struct hmz_error *err)
{
    uint64_t count = 0;
    uint64_t width = 0;
    int status = describe_space(dataset, out, &count, err);
    if (status == HMZ_OK)
        status = describe_type(dataset, out, &width, err);
    if (status == HMZ_OK && out->null)
        describe_null(out);
    if (status != HMZ_OK || out->null)
        return status;
    if (__builtin_mul_overflow(count, width, &out->bytes) || out->bytes > INT64_MAX)
        return hmz_fail(err, HMZ_E_DAMAGED, "shape %s cannot be", hmz_shape_text(out->dims, out->rank).text);
    haddr_t offset = H5Dget_offset(dataset);
    out->offset = offset == HADDR_UNDEF ? 0 : offset;
    if (offset == HADDR_UNDEF) {
        H5Eclear2(H5E_DEFAULT);
        status = check_indirect(dataset, err);
    } else if (out->storage == HMZ_STORAGE_READ) {
        status = check_length(dataset, out, err);
        if (out->element != HMZ_ELEMENT_OTHER)
            out->storage = HMZ_STORAGE_RAW;
    }
    if (status == HMZ_OK && out->bytes == 0 && out->storage != HMZ_STORAGE_OBJECT)
        out->storage = HMZ_STORAGE_NONE;
    return status;
}
