/* SPDX-License-Identifier: MIT */
#include "h5_memory.h"

#include "h5_compat.h"
#include "h5_error.h"

enum { FREE_LIST_BYTES = 1 << 20, FREE_LISTS_BYTES = 8 << 20 };

/* What is no heap of names: small entries, that take about ten times the memory that they take in the file.
 * Measured with 20,000 to 280,000 members: with more than this nothing is gained. */
enum { OTHER_BYTES = 2 << 20 };

/* Of a heap; libhdf5 itself has no more. */
enum { NAMES_MOST_BYTES = 1 << 30 };

int hmz_h5_limit_free_lists(struct hmz_error *err)
{
    if (H5set_free_list_limits(FREE_LISTS_BYTES, FREE_LIST_BYTES, FREE_LISTS_BYTES, FREE_LIST_BYTES,
                               FREE_LISTS_BYTES, FREE_LIST_BYTES) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot limit the memory of libhdf5");
    return HMZ_OK;
}

/* A cache of one size, that neither grows nor shrinks. */
static H5AC_cache_config_t fixed(H5AC_cache_config_t config, uint64_t names_bytes)
{
    size_t names = names_bytes < NAMES_MOST_BYTES ? (size_t)names_bytes : NAMES_MOST_BYTES;
    config.set_initial_size = 1;
    config.initial_size = config.min_size = config.max_size = OTHER_BYTES + names;
    config.incr_mode = H5C_incr__off;
    config.flash_incr_mode = H5C_flash_incr__off;
    config.decr_mode = H5C_decr__off;
    return config;
}

int hmz_h5_limit_cache(hid_t access, uint64_t names_bytes, struct hmz_error *err)
{
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    if (H5Pget_mdc_config(access, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot read the settings of the metadata cache");
    config = fixed(config, names_bytes);
    if (H5Pset_mdc_config(access, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot set the size of the metadata cache");
    return HMZ_OK;
}

int hmz_h5_limit_cache_to(hid_t file, const hid_t *groups, size_t group_count, struct hmz_error *err)
{
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    uint64_t names_bytes = 0;
    for (size_t i = 0; i < group_count; i++) {
        uint64_t more = 0;
        if (groups[i] >= 0 && hmz_h5_names_bytes(groups[i], &more) < 0)
            return hmz_fail_h5(err, HMZ_E_DAMAGED, "how much the names of its events take cannot be told");
        names_bytes += more < NAMES_MOST_BYTES ? more : NAMES_MOST_BYTES;
    }
    if (H5Fget_mdc_config(file, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot read the settings of the metadata cache");
    config = fixed(config, names_bytes);
    if (H5Fset_mdc_config(file, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot set the size of the metadata cache");
    return HMZ_OK;
}
