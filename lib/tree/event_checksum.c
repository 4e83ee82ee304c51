/* SPDX-License-Identifier: MIT */
#include "event_checksum.h"

#include <stdlib.h>
#include <string.h>

#include "h5_compat.h"
#include "h5_error.h"
#include "h5_scope.h"
#include "hash.h"
#include "list.h"

struct path {
    char *text;
    hmz_h5_object_info object;
};

struct paths {
    struct path *items;
    size_t count;
};

/* A dataset with two names counts once, under the first. */
static bool is_known(const struct paths *self, hid_t object, const hmz_h5_object_info *info)
{
    if (info->rc < 2)
        return false;
    for (size_t i = 0; i < self->count; i++)
        if (hmz_h5_same_object(object, info, &self->items[i].object))
            return true;
    return false;
}

static herr_t collect(hid_t group, const char *name, const hmz_h5_link_info *info, void *data)
{
    struct paths *self = data;
    if (info->type != H5L_TYPE_HARD || strcmp(name, "get/pads") == 0)
        return 0;
    HMZ_H5_SCOPED object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0 || H5Iget_type(object) != H5I_DATASET)
        return object < 0 ? -1 : 0;
    struct path found = {0};
    if (hmz_h5_object_address_get(object, &found.object) < 0)
        return -1;
    if (is_known(self, object, &found.object))
        return 0;
    struct path *item = hmz_list_add(&self->items, &self->count, sizeof *self->items);
    if (!item)
        return -1;
    *item = found;
    item->text = strdup(name);
    return item->text ? 0 : -1;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(((const struct path *)a)->text, ((const struct path *)b)->text);
}

static int add_dataset(hid_t event, const char *path, XXH3_state_t *hash, struct hmz_error *err)
{
    HMZ_H5_SCOPED dataset = H5Dopen2(event, path, H5P_DEFAULT);
    HMZ_H5_SCOPED type = dataset < 0 ? -1 : H5Dget_type(dataset);
    HMZ_H5_SCOPED space = dataset < 0 ? -1 : H5Dget_space(dataset);
    hssize_t count = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    if (type < 0 || count < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "%s: cannot be opened", path);
    if (count == 0 || H5Tdetect_class(type, H5T_VLEN) > 0 || H5Tis_variable_str(type) > 0)
        return HMZ_OK;
    size_t length;
    if (__builtin_mul_overflow((size_t)count, H5Tget_size(type), &length))
        return hmz_fail(err, HMZ_E_DAMAGED, "%s: more than 2^64 bytes", path);
    void *bytes = malloc(length);
    if (!bytes)
        return hmz_fail_nomem(err, path);
    int status = HMZ_OK;
    if (H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes) < 0)
        status = hmz_fail_h5(err, HMZ_E_DAMAGED, "%s: cannot be read", path);
    else
        XXH3_64bits_update(hash, bytes, length);
    free(bytes);
    return status;
}

int hmz_event_checksum(hid_t event, uint64_t *checksum_out, struct hmz_error *err)
{
    struct paths paths = {0};
    int status = HMZ_OK;
    XXH3_state_t *hash = XXH3_createState();
    if (!hash)
        return hmz_fail_nomem(err, "a checksum");
    XXH3_64bits_reset(hash);
    if (hmz_h5_link_visit(event, H5_INDEX_NAME, H5_ITER_INC, collect, &paths) < 0)
        status = hmz_fail_h5(err, HMZ_E_DAMAGED, "members cannot be listed");
    if (paths.count)
        qsort(paths.items, paths.count, sizeof *paths.items, by_bytes);
    for (size_t i = 0; status == HMZ_OK && i < paths.count; i++)
        status = add_dataset(event, paths.items[i].text, hash, err);
    *checksum_out = XXH3_64bits_digest(hash);
    for (size_t i = 0; i < paths.count; i++)
        free(paths.items[i].text);
    free(paths.items);
    XXH3_freeState(hash);
    return status;
}
