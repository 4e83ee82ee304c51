/* SPDX-License-Identifier: MIT */
/* What the layouts of 0.2.0 and later share. Two passes, as the merger writes: all FRIB parts first, then all
 * GET parts. */
#include <inttypes.h>
#include <stdio.h>

#include "put.h"

static void put_frib_group(hid_t event, const struct run_spec *spec, uint64_t number)
{
    hid_t frib = put_group(event, "frib_physics");
    put_u32(frib, "id", spec_frib_id(spec, number));
    put_u32(frib, "timestamp", spec_frib_timestamp(spec, number));
    put_modules(frib, "", spec, number);
    if (spec->extra_datasets)
        put_extra_datasets(frib, spec->extra_exotic);
    if (spec->extra_attributes)
        put_extra_attributes(frib);
    put_close(frib);
}

static hid_t put_event(hid_t events, uint64_t number)
{
    char name[32];
    snprintf(name, sizeof name, "event_%" PRIu64, number);
    if (H5Lexists(events, name, H5P_DEFAULT) > 0)
        return H5Gopen2(events, name, H5P_DEFAULT);
    return put_group(events, name);
}

static void put_readout(hid_t scalers, const struct run_spec *spec, uint64_t i)
{
    static const char *const names[] = {"start_offset", "stop_offset", "timestamp"};
    struct scaler_content content;
    char name[32];
    snprintf(name, sizeof name, "event_%" PRIu64, i);
    if (spec->damage == DAMAGE_SCALER && spec->damaged_event == i) {
        hid_t type = put_text_type();
        put_row(scalers, name, type, 1, &(const char *){"no number"});
        put_close(type);
        return;
    }
    scaler_content(spec, i, &content);
    hid_t readout = put_dataset_open(scalers, name, H5T_STD_U32LE, 1, &content.count, content.values);
    for (size_t k = 0; k < 3; k++)
        put_u32(readout, names[k], content.header[k]);
    put_u32(readout, "incremental", content.header[4]);
    put_close(readout);
}

static void put_scalers_group(hid_t file, const struct run_spec *spec, const char *version)
{
    hid_t scalers = put_group(file, "scalers");
    uint32_t last = spec->scalers && !spec->unclosed ? (uint32_t)spec->scalers - 1 : 0;
    put_u32(scalers, "min_event", 0);
    put_u32(scalers, "max_event", last);
    put_text(scalers, "version", version);
    for (uint64_t i = 0; i < spec->scalers; i++)
        if (!number_list_has(&spec->scaler_holes, i))
            put_readout(scalers, spec, i);
    put_close(scalers);
}

static void put_events_attributes(hid_t events, const struct run_spec *spec, const char *version)
{
    struct get_range range = spec_get_range(spec);
    bool closed = !spec->unclosed && range.count > 0;
    bool frib = !spec->no_frib;
    put_u64(events, "min_event", closed ? range.first : 0);
    put_u64(events, "max_event", closed ? range.last : 0);
    put_u64(events, "min_get_ts", closed ? spec_get_timestamp(spec, range.first) : 0);
    put_u64(events, "max_get_ts", closed ? spec_get_timestamp(spec, range.last) : 0);
    put_u32(events, "frib_run", frib ? (uint32_t)spec->run : 0);
    put_u32(events, "frib_start", frib ? 1722603600 : 0);
    put_u32(events, "frib_stop", frib ? 1722603695 : 0);
    put_u32(events, "frib_time", frib ? 95 : 0);
    put_text(events, "version", version);
    if (spec->extra_top)
        put_u32(events, "future_attribute", 1);
}

static void put_strays(hid_t events, const struct run_spec *spec)
{
    if (spec->damage == DAMAGE_STRAY)
        put_row(events, "notes", H5T_STD_U8LE, 3, "abc");
    if (spec->damage == DAMAGE_NAME)
        put_close(put_group(events, "event_007"));
}

static void put_frib_pass(hid_t events, const struct run_spec *spec)
{
    for (uint64_t number = spec->first_event; number < spec_end(spec); number++) {
        bool empty = spec_has_event(spec, number) && number_list_has(&spec->empty_events, number);
        if (!spec_has_frib(spec, number) && !empty)
            continue;
        hid_t event = put_event(events, number);
        if (!empty)
            put_frib_group(event, spec, number);
        put_close(event);
    }
}

void put_modern_run(const struct run_spec *spec,
                    void (*put_get)(hid_t event, const struct run_spec *spec, uint64_t number))
{
    hid_t file = put_file(spec->path);
    hid_t events = put_group(file, "events");
    put_events_attributes(events, spec, spec->version);
    put_frib_pass(events, spec);
    put_scalers_group(file, spec, spec->version);
    for (uint64_t number = spec->first_event; number < spec_end(spec); number++) {
        if (!spec_has_get(spec, number))
            continue;
        hid_t event = put_event(events, number);
        put_get(event, spec, number);
        if (spec->extra_attributes)
            put_extra_attributes(event);
        put_close(event);
    }
    put_strays(events, spec);
    put_close(events);
    if (spec->extra_top)
        put_row(file, "future_group", H5T_STD_U8LE, 1, "x");
    put_close(file);
}
