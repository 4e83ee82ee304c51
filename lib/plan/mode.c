/* SPDX-License-Identifier: MIT */
#include "mode.h"

#include <string.h>

static const struct hmz_mode_facts facts[HMZ_MODE_COUNT] = {
    [HMZ_MODE_COPY] = {.name = "copy", .holds_data = true},
    [HMZ_MODE_LINK] = {.name = "link"},
};

const struct hmz_mode_facts *hmz_mode_facts(enum hmz_mode mode)
{
    return &facts[mode];
}

bool hmz_mode_by_name(const char *name, enum hmz_mode *mode_out)
{
    for (int mode = 0; mode < HMZ_MODE_COUNT; mode++) {
        if (strcmp(name, facts[mode].name) == 0) {
            *mode_out = (enum hmz_mode)mode;
            return true;
        }
    }
    return false;
}
