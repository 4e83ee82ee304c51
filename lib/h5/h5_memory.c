/* SPDX-License-Identifier: MIT */
#include "h5_memory.h"

#include "h5_error.h"

enum { FREE_LIST_BYTES = 1 << 20, FREE_LISTS_BYTES = 8 << 20 };

/* Of the cache, what is no heap of names: small entries, that take about ten times the memory that they take
 * in the file. Measured with 20,000 to 280,000 members: with more than this nothing is gained. */
enum { OTHER_BYTES = 2 << 20 };

/* libhdf5 takes no larger cache. */
enum { CACHE_MOST_BYTES = 128 << 20 };

/* Of a heap that nobody gave a size; H5Pset_local_heap_size_hint(). */
enum { HEAP_FIRST_BYTES = 88 };

int hmz_h5_limit_free_lists(struct hmz_error *err)
{
    if (H5set_free_list_limits(FREE_LISTS_BYTES, FREE_LIST_BYTES, FREE_LISTS_BYTES, FREE_LIST_BYTES,
                               FREE_LISTS_BYTES, FREE_LIST_BYTES) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot limit the memory of libhdf5");
    return HMZ_OK;
}

uint64_t hmz_h5_heap_bytes(uint64_t names_bytes)
{
    uint64_t bytes = HEAP_FIRST_BYTES;
    while (bytes < names_bytes && bytes < CACHE_MOST_BYTES)
        bytes *= 2;
    return bytes;
}

/* A cache of one size, that neither grows nor shrinks. */
static void fix_size(H5AC_cache_config_t *config, uint64_t heap_bytes)
{
    uint64_t most = CACHE_MOST_BYTES - OTHER_BYTES;
    config->set_initial_size = 1;
    config->initial_size = config->min_size = config->max_size =
        OTHER_BYTES + (size_t)(heap_bytes < most ? heap_bytes : most);
    config->incr_mode = H5C_incr__off;
    config->flash_incr_mode = H5C_flash_incr__off;
    config->decr_mode = H5C_decr__off;
}

int hmz_h5_limit_cache(hid_t access, uint64_t heap_bytes, struct hmz_error *err)
{
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    if (H5Pget_mdc_config(access, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot read the settings of the metadata cache");
    fix_size(&config, heap_bytes);
    if (H5Pset_mdc_config(access, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot set the size of the metadata cache");
    return HMZ_OK;
}

int hmz_h5_limit_open_cache(hid_t file, uint64_t heap_bytes, struct hmz_error *err)
{
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    if (H5Fget_mdc_config(file, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot read the settings of the metadata cache");
    fix_size(&config, heap_bytes);
    if (H5Fset_mdc_config(file, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot set the size of the metadata cache");
    return HMZ_OK;
}
