/* SPDX-License-Identifier: MIT */
#include "h5_memory.h"

#include "h5_error.h"

enum { FREE_LIST_BYTES = 1 << 20, FREE_LISTS_BYTES = 8 << 20 };

/* An entry takes about ten times the memory that it takes in the file, so each megabyte here is ten megabytes
 * of the process. Measured with 20,000 to 280,000 members: beyond the names nothing is gained, below them
 * libhdf5 reads and writes all of them again for each member (three times the time). 16 bytes:
 * "event_1234567", its NUL, rounded up as the heap of names does. */
enum { CACHE_LEAST_BYTES = 2 << 20, CACHE_MOST_BYTES = 96 << 20, NAME_BYTES = 16 };

int hmz_h5_limit_free_lists(struct hmz_error *err)
{
    if (H5set_free_list_limits(FREE_LISTS_BYTES, FREE_LIST_BYTES, FREE_LISTS_BYTES, FREE_LIST_BYTES,
                               FREE_LISTS_BYTES, FREE_LIST_BYTES) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot limit the memory of libhdf5");
    return HMZ_OK;
}

uint64_t hmz_h5_cache_bytes(uint64_t member_count)
{
    uint64_t names =
        member_count < CACHE_MOST_BYTES / NAME_BYTES ? member_count * NAME_BYTES : CACHE_MOST_BYTES;
    return CACHE_LEAST_BYTES + names;
}

/* A cache of one size, that neither grows nor shrinks. */
static void fix_size(H5AC_cache_config_t *config, uint64_t member_count)
{
    config->set_initial_size = 1;
    config->initial_size = config->min_size = config->max_size = (size_t)hmz_h5_cache_bytes(member_count);
    config->incr_mode = H5C_incr__off;
    config->flash_incr_mode = H5C_flash_incr__off;
    config->decr_mode = H5C_decr__off;
}

int hmz_h5_limit_cache(hid_t access, uint64_t member_count, struct hmz_error *err)
{
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    if (H5Pget_mdc_config(access, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot read the settings of the metadata cache");
    fix_size(&config, member_count);
    if (H5Pset_mdc_config(access, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot set the size of the metadata cache");
    return HMZ_OK;
}

int hmz_h5_limit_open_cache(hid_t file, uint64_t member_count, struct hmz_error *err)
{
    H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
    if (H5Fget_mdc_config(file, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot read the settings of the metadata cache");
    fix_size(&config, member_count);
    if (H5Fset_mdc_config(file, &config) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot set the size of the metadata cache");
    return HMZ_OK;
}
