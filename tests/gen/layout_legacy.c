/* SPDX-License-Identifier: MIT */
/* 0.1.0: flat datasets with the event number in their names, ids in headers, nothing but datasets. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "put.h"

enum { TITLE_BYTES = 81, META_NOTHING_YET = 1000000000 };

struct part_name {
    char text[64];
};

static struct part_name part_name(const char *kind, uint64_t number, const char *part)
{
    struct part_name name;
    snprintf(name.text, sizeof name.text, "%s%" PRIu64 "_%s", kind, number, part);
    return name;
}

static void put_get(hid_t get, const struct run_spec *spec, uint64_t number)
{
    const double header[3] = {spec_get_id(spec, number), (double)spec_get_timestamp(spec, number),
                              (double)spec_get_timestamp_other(spec, number)};
    hid_t traces =
        put_traces(get, part_name("evt", number, "data").text, spec, number, spec_traces(spec, number));
    if (traces >= 0)
        put_close(traces);
    if (!spec_damages(spec, number, DAMAGE_MISSING_ID))
        put_row(get, part_name("evt", number, "header").text, H5T_IEEE_F64LE, 3, header);
}

static void put_frib_event(hid_t evt, const struct run_spec *spec, uint64_t number)
{
    const uint32_t header[2] = {spec_frib_id(spec, number), spec_frib_timestamp(spec, number)};
    put_row(evt, part_name("evt", number, "header").text, H5T_STD_U32LE, 2, header);
    put_modules(evt, part_name("evt", number, "").text, spec, number);
    if (spec->extra_datasets)
        put_row(evt, part_name("evt", number, "2001").text, H5T_STD_U32LE, 4,
                (const uint32_t[]){1, 2, UINT32_MAX, 4});
}

static void put_scalers(hid_t scaler, const struct run_spec *spec)
{
    for (uint64_t i = 0; i < spec->scalers; i++) {
        struct scaler_content content;
        if (number_list_has(&spec->scaler_holes, i))
            continue;
        scaler_content(spec, i, &content);
        put_row(scaler, part_name("scaler", i, "header").text, H5T_STD_U32LE, 5, content.header);
        put_row(scaler, part_name("scaler", i, "data").text, H5T_STD_U32LE, content.count, content.values);
    }
}

static void put_frib(hid_t file, const struct run_spec *spec)
{
    const uint32_t info[4] = {(uint32_t)spec->run, 1722603600, 1722603695, 95};
    char title[TITLE_BYTES] = "";
    snprintf(title, sizeof title, "%s", spec->title);
    hid_t frib = put_group(file, "frib");
    hid_t evt = put_group(frib, "evt");
    for (uint64_t number = spec->first_event; number < spec_end(spec); number++)
        if (spec_has_frib(spec, number))
            put_frib_event(evt, spec, number);
    put_close(evt);
    hid_t scaler = put_group(frib, "scaler");
    put_scalers(scaler, spec);
    put_close(scaler);
    put_row(frib, "runinfo", H5T_STD_U32LE, 4, info);
    put_row(frib, "title", H5T_STD_U8LE, TITLE_BYTES, title);
    put_close(frib);
}

/* Written before the last GET event: tells of the one before, or of nothing. */
static void put_meta(hid_t file, const struct run_spec *spec)
{
    struct get_range range = spec_get_range(spec);
    uint64_t meta[4] = {META_NOTHING_YET, 0, 0, 0};
    const uint64_t length = spec->events;
    const char *const files = "/daq/run_mm0/CoBo0_AsAd0_0000.graw";
    hid_t group = put_group(file, "meta");
    if (range.count > 1) {
        meta[0] = range.first;
        meta[1] = spec_get_timestamp(spec, range.first);
        meta[2] = range.before_last;
        meta[3] = spec_get_timestamp(spec, range.before_last);
    }
    if (!spec->unclosed)
        put_row(group, "meta", H5T_STD_U64LE, 4, meta);
    put_row(group, "cobo0asad0_length", H5T_STD_U64LE, 1, &length);
    hid_t type = put_text_type();
    put_row(group, "cobo0asad0_files", type, 1, &files);
    put_close(type);
    put_close(group);
}

void write_legacy(const struct run_spec *spec)
{
    hid_t file = put_file(spec->path);
    if (!spec->no_frib)
        put_frib(file, spec);
    hid_t get = put_group(file, "get");
    for (uint64_t number = spec->first_event; number < spec_end(spec); number++)
        if (spec_has_get(spec, number))
            put_get(get, spec, number);
    if (spec->damage == DAMAGE_STRAY)
        put_row(get, "notes", H5T_STD_U8LE, 3, "abc");
    put_close(get);
    put_meta(file, spec);
    if (spec->extra_top)
        put_row(file, "future_group", H5T_STD_U8LE, 1, "x");
    put_close(file);
}
