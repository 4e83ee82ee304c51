/* SPDX-License-Identifier: MIT */
#include "settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct hmz_mode_facts facts[HMZ_MODE_COUNT] = {
    [HMZ_MODE_COPY] = {.name = "copy", .holds_data = true},
    [HMZ_MODE_LINK] = {.name = "link"},
};

static const char *const frib_names[HMZ_FRIB_COUNT] = {
    [HMZ_FRIB_SET_ASIDE] = "set_aside",
    [HMZ_FRIB_KEEP] = "keep",
};

const struct hmz_mode_facts *hmz_mode_facts(enum hmz_mode mode)
{
    return &facts[mode];
}

const char *hmz_frib_name(enum hmz_frib frib)
{
    return frib_names[frib];
}

bool hmz_mode_by_name(const char *name, enum hmz_mode *mode_out)
{
    int mode = 0;
    while (mode < HMZ_MODE_COUNT && strcmp(name, facts[mode].name) != 0)
        mode++;
    *mode_out = (enum hmz_mode)mode;
    return mode < HMZ_MODE_COUNT;
}

bool hmz_frib_by_name(const char *name, enum hmz_frib *frib_out)
{
    int frib = 0;
    while (frib < HMZ_FRIB_COUNT && strcmp(name, frib_names[frib]) != 0)
        frib++;
    *frib_out = (enum hmz_frib)frib;
    return frib < HMZ_FRIB_COUNT;
}

/* ---- what differs ---- */

/* "harmonic_count 5" or "harmonic_size_gb 0.25". */
static void say_size(const struct hmz_settings *settings, char text[48])
{
    if (settings->harmonic_count > 0)
        snprintf(text, 48, "harmonic_count %" PRIu64, settings->harmonic_count);
    else
        snprintf(text, 48, "harmonic_size_gb %.10g", (double)settings->target_bytes / 1e9);
}

static const char *say_processes(uint32_t processes, char text[48])
{
    snprintf(text, 48, "%" PRIu32, processes);
    return processes ? text : "none";
}

struct hmz_settings_text hmz_settings_compare(const struct hmz_settings *made,
                                              const struct hmz_settings *asked)
{
    struct hmz_settings_text out = {""};
    char then[48];
    char now[48];
    say_size(made, then);
    say_size(asked, now);
    if (made->mode != asked->mode)
        snprintf(out.text, sizeof out.text, "mode: %s, the configuration says %s", facts[made->mode].name,
                 facts[asked->mode].name);
    else if (made->frib != asked->frib)
        snprintf(out.text, sizeof out.text, "frib_for_spyral: %s, the configuration says %s",
                 frib_names[made->frib], frib_names[asked->frib]);
    else if (made->processes != asked->processes)
        snprintf(out.text, sizeof out.text, "processes %s, the configuration says %s",
                 say_processes(made->processes, then), say_processes(asked->processes, now));
    else if (made->target_bytes != asked->target_bytes || made->harmonic_count != asked->harmonic_count)
        snprintf(out.text, sizeof out.text, "%s, the configuration says %s", then,
                 (made->harmonic_count > 0) == (asked->harmonic_count > 0) ? strchr(now, ' ') + 1 : now);
    return out;
}
