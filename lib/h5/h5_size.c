/* SPDX-License-Identifier: MIT */
#include "h5_size.h"

#include <stdbool.h>
#include <string.h>

#include "h5_compat.h"
#include "h5_error.h"
#include "h5_scope.h"

enum {
    MESSAGE_BYTES = 16,   /* prefix of a message, and of an attribute in it */
    SPACE_BYTES = 8,      /* a shape, … */
    DIMENSION_BYTES = 16, /* … and each dimension with its limit */
    ENCODED_BYTES = 2,    /* what H5Tencode() puts in front */
    REFERENCE_BYTES = 16, /* to a text in the global heap, … */
    HEAP_PREFIX = 16,     /* … where this is in front of it */
    TEXTS_LOOKED_AT = 1 << 20,
};

static uint64_t round_up(uint64_t bytes)
{
    return (bytes + 7) / 8 * 8;
}

static uint64_t type_bytes(hid_t type)
{
    size_t bytes = 0;
    if (H5Tencode(type, NULL, &bytes) < 0)
        H5Eclear2(H5E_DEFAULT);
    return bytes > ENCODED_BYTES ? round_up(bytes - ENCODED_BYTES) : 0;
}

static uint64_t texts_bytes(char *const *texts, uint64_t count)
{
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < count; i++)
        bytes += REFERENCE_BYTES + (texts[i] ? HEAP_PREFIX + round_up(strlen(texts[i])) : 0);
    return bytes;
}

uint64_t hmz_h5_size_of_attr(const char *name, hid_t type, hid_t space, const void *value)
{
    hssize_t found = H5Sget_simple_extent_npoints(space);
    int rank = H5Sget_simple_extent_ndims(space);
    uint64_t count = found < 0 ? 0 : (uint64_t)found;
    uint64_t bytes = MESSAGE_BYTES + round_up(strlen(name) + 1) + type_bytes(type) + SPACE_BYTES +
                     (rank < 0 ? 0 : (uint64_t)rank * DIMENSION_BYTES);
    if (H5Tis_variable_str(type) > 0)
        return bytes + texts_bytes(value, value ? count : 0);
    return bytes + round_up(count * H5Tget_size(type));
}

static int add_texts(hid_t dataset, uint64_t *bytes, struct hmz_error *err)
{
    HMZ_H5_SCOPED type = H5Dget_type(dataset);
    HMZ_H5_SCOPED space = H5Dget_space(dataset);
    hsize_t texts = 0;
    hssize_t count = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    if (type < 0 || count < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "its type cannot be read");
    bool has_texts = H5Tis_variable_str(type) > 0 || H5Tdetect_class(type, H5T_VLEN) > 0;
    if (!has_texts || count == 0 || count > TEXTS_LOOKED_AT / REFERENCE_BYTES)
        return HMZ_OK;
    if (H5Dvlen_get_buf_size(dataset, type, space, &texts) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "its texts cannot be read");
    *bytes += round_up(texts) + (uint64_t)count * HEAP_PREFIX;
    return HMZ_OK;
}

int hmz_h5_size_add_object(hid_t object, uint64_t *bytes, struct hmz_error *err)
{
    hmz_h5_native_info info;
    if (hmz_h5_native_info_get(object, &info) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "its header cannot be looked at");
    *bytes += info.hdr.space.total - info.hdr.space.free + info.meta_size.obj.index_size +
              info.meta_size.obj.heap_size + info.meta_size.attr.index_size + info.meta_size.attr.heap_size;
    return H5Iget_type(object) == H5I_DATASET ? add_texts(object, bytes, err) : HMZ_OK;
}
