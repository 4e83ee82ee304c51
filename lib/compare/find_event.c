/* SPDX-License-Identifier: MIT */
#include "find_event.h"

#include <hdf5.h>
#include <inttypes.h>
#include <stdio.h>

#include "footprint.h"
#include "h5_attr.h"
#include "h5_driver.h"
#include "h5_error.h"
#include "h5_memory.h"
#include "h5_scope.h"

static int read_id(hid_t events, uint64_t number, struct hmz_event_id *place_out, struct hmz_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "event_%" PRIu64, number);
    HMZ_H5_SCOPED event = H5Gopen2(events, name, H5P_DEFAULT);
    if (event < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "events/%s: cannot be opened", name);
    int status = hmz_h5_attr_read_i32(event, "orig_run", &place_out->run, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_read_u64(event, "orig_event", &place_out->event, err);
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "events/%s", name);
}

static int search(hid_t events, uint64_t count, const struct hmz_event_id *wanted, uint64_t *number_out,
                  struct hmz_error *err)
{
    uint64_t low = 0;
    uint64_t high = count;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct hmz_event_id there;
        int status = read_id(events, middle, &there, err);
        if (status != HMZ_OK)
            return status;
        int order = hmz_event_id_compare(&there, wanted);
        if (order == 0) {
            *number_out = middle;
            return HMZ_OK;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return HMZ_END;
}

int hmz_find_event(int fd, uint64_t event_count, const struct hmz_event_id *wanted, uint64_t *event_out,
                   struct hmz_error *err)
{
    HMZ_H5_SCOPED access = -1;
    struct hmz_h5_file driver_file = {.fd = fd};
    int status = hmz_h5_driver_fapl(&driver_file, &access, err);
    if (status == HMZ_OK)
        status = hmz_h5_limit_cache(access, hmz_footprint_name_heap(event_count), err);
    if (status != HMZ_OK)
        return status;
    HMZ_H5_SCOPED file = H5Fopen("harmonic run", H5F_ACC_RDONLY, access);
    HMZ_H5_SCOPED events = file < 0 ? -1 : H5Gopen2(file, "events", H5P_DEFAULT);
    status = events < 0 ? hmz_fail_h5(err, HMZ_E_DAMAGED, "cannot be opened as a harmonic run")
                        : search(events, event_count, wanted, event_out, err);
    return hmz_h5_settle_reads(&driver_file, status, HMZ_REACH_RUN, err);
}
