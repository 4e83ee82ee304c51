/* SPDX-License-Identifier: MIT */
/* 2.0: GET data in a group with the pads and four silicon matrices. */
#include "content.h"
#include "put.h"

static const char *const silicon[] = {"si_upstream_front", "si_upstream_back", "si_downstream_front",
                                      "si_downstream_back"};

static void put_silicon(hid_t get, const struct run_spec *spec, uint64_t number)
{
    for (unsigned i = 0; i < sizeof silicon / sizeof *silicon; i++) {
        const hsize_t dims[2] = {spec_silicon(spec, number, i), CONTENT_COLUMNS};
        put_dataset(get, silicon[i], H5T_STD_I16LE, 2, dims,
                    content_traces(spec->seed + 20 + i, number, dims[0]));
    }
}

static void put_get(hid_t event, const struct run_spec *spec, uint64_t number)
{
    hid_t get = put_group(event, "get");
    if (!spec_damages(spec, number, DAMAGE_MISSING_ID))
        put_u32(get, "id", spec_get_id(spec, number));
    put_u64(get, "timestamp", spec_get_timestamp(spec, number));
    put_u64(get, "timestamp_other", spec_get_timestamp_other(spec, number));
    hid_t pads = put_traces(get, "pads", spec, number, spec_traces(spec, number));
    if (pads >= 0)
        put_close(pads);
    put_silicon(get, spec, number);
    if (spec->extra_datasets)
        put_extra_datasets(get, spec->extra_exotic);
    if (spec->extra_attributes)
        put_extra_attributes(get);
    put_close(get);
}

void write_v2(const struct run_spec *spec)
{
    put_modern_run(spec, put_get);
}
