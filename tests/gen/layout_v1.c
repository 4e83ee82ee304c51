/* SPDX-License-Identifier: MIT */
/* 0.2.0 and 1.0: GET data as one dataset with its ids. Two passes, as the merger writes: all FRIB parts
 * first. */
#include "put.h"

static void put_get(hid_t event, const struct run_spec *spec, uint64_t number)
{
    hid_t traces = put_traces(event, "get_traces", spec, number, spec_traces(spec, number));
    if (traces < 0)
        return;
    if (!spec_damages(spec, number, DAMAGE_MISSING_ID))
        put_u32(traces, "id", spec_get_id(spec, number));
    put_u64(traces, "timestamp", spec_get_timestamp(spec, number));
    put_u64(traces, "timestamp_other", spec_get_timestamp_other(spec, number));
    if (spec->extra_attributes)
        put_extra_attributes(traces);
    put_close(traces);
}

void write_v1(const struct run_spec *spec)
{
    put_modern_run(spec, put_get);
}
