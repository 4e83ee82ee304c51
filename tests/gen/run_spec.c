/* SPDX-License-Identifier: MIT */
#include "run_spec.h"

#include "content.h"

bool number_list_has(const struct number_list *self, uint64_t number)
{
    if (self->all)
        return true;
    for (size_t i = 0; i < self->count; i++)
        if (self->items[i] == number)
            return true;
    return false;
}

uint64_t spec_end(const struct run_spec *spec)
{
    return spec->first_event + spec->events + spec->frib_tail;
}

bool spec_has_event(const struct run_spec *spec, uint64_t number)
{
    return number >= spec->first_event && number < spec_end(spec) && !number_list_has(&spec->holes, number);
}

bool spec_has_get(const struct run_spec *spec, uint64_t number)
{
    return spec_has_event(spec, number) && number < spec->first_event + spec->events &&
           !number_list_has(&spec->frib_only, number) && !number_list_has(&spec->empty_events, number);
}

bool spec_has_frib(const struct run_spec *spec, uint64_t number)
{
    return spec_has_event(spec, number) && !spec->no_frib && !number_list_has(&spec->get_only, number) &&
           !number_list_has(&spec->empty_events, number);
}

uint64_t spec_traces(const struct run_spec *spec, uint64_t number)
{
    uint64_t range = spec->traces_most - spec->traces_least + 1;
    if (number_list_has(&spec->zero_rows, number))
        return 0;
    return spec->traces_least + content_random(spec->seed, number, 1) % range;
}

uint64_t spec_silicon(const struct run_spec *spec, uint64_t number, unsigned detector)
{
    return content_random(spec->seed, number, 10 + detector) % (spec->silicon_most + 1);
}

uint16_t spec_coincidence(const struct run_spec *spec, uint64_t number)
{
    if (number_list_has(&spec->coincidence_high, number))
        return 7;
    return (uint16_t)(spec->coincidence >= 0 ? spec->coincidence : (int)(number % 4));
}

bool spec_damages(const struct run_spec *spec, uint64_t number, enum damage damage)
{
    return spec->damage == damage && spec->damaged_event == number;
}

uint32_t spec_get_id(const struct run_spec *spec, uint64_t number)
{
    return (uint32_t)(17 + 1000 * (uint32_t)spec->run + 3 * number);
}

uint64_t spec_get_timestamp(const struct run_spec *spec, uint64_t number)
{
    return 79187493530u + (uint64_t)spec->run * 1000000000u + number * 120398u;
}

uint64_t spec_get_timestamp_other(const struct run_spec *spec, uint64_t number)
{
    return spec_get_timestamp(spec, number) / 2 + 9;
}

uint32_t spec_frib_id(const struct run_spec *spec, uint64_t number)
{
    return (uint32_t)(500 + 7 * (uint32_t)spec->run + number);
}

uint32_t spec_frib_timestamp(const struct run_spec *spec, uint64_t number)
{
    return (uint32_t)(3000001000u + (uint32_t)spec->run + 7 * number);
}

struct get_range spec_get_range(const struct run_spec *spec)
{
    struct get_range range = {0};
    for (uint64_t number = spec->first_event; number < spec_end(spec); number++) {
        if (!spec_has_get(spec, number))
            continue;
        if (range.count++ == 0)
            range.first = number;
        range.before_last = range.last;
        range.last = number;
    }
    return range;
}
