/* SPDX-License-Identifier: MIT */
#include "bytes.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct hmz_number_text hmz_bytes_text(uint64_t bytes)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB", "PB", "EB"};
    struct hmz_number_text out;
    if (bytes < 1000) {
        snprintf(out.text, sizeof out.text, "%" PRIu64 " bytes", bytes);
        return out;
    }
    double value = (double)bytes / 1e3;
    size_t unit = 0;
    while (value >= 999.5 && unit + 1 < sizeof units / sizeof *units) {
        value /= 1e3;
        unit++;
    }
    int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    snprintf(out.text, sizeof out.text, "%.*f %s", decimals, value, units[unit]);
    return out;
}

struct hmz_number_text hmz_count_text(uint64_t count)
{
    char digits[HMZ_NUMBER_TEXT_BYTES];
    struct hmz_number_text out;
    int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
    char *to = out.text;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            *to++ = ',';
        *to++ = digits[i];
    }
    *to = '\0';
    return out;
}

struct hmz_number_text hmz_percent_text(double percent)
{
    struct hmz_number_text out;
    int decimals = 4;
    if (!(percent > 0.00005)) /* what four places can show; no number is none of more */
        decimals = 0;
    else if (percent >= 0.0095)
        decimals = percent >= 9.5 ? 0 : percent >= 0.95 ? 1 : percent >= 0.095 ? 2 : 3;
    if (!(percent > 0))
        percent = 0;
    snprintf(out.text, sizeof out.text, "%.*f %%", decimals, percent < 1e9 ? percent : 1e9);
    return out;
}

struct hmz_number_text hmz_duration_text(double seconds)
{
    struct hmz_number_text out;
    if (!(seconds >= 0))
        seconds = 0;
    if (seconds < 59.95) {
        snprintf(out.text, sizeof out.text, "%.1f s", seconds);
        return out;
    }
    uint64_t whole = seconds < 1e15 ? (uint64_t)(seconds + 0.5) : (uint64_t)1e15;
    if (whole < 3600)
        snprintf(out.text, sizeof out.text, "%" PRIu64 " min %02" PRIu64 " s", whole / 60, whole % 60);
    else
        snprintf(out.text, sizeof out.text, "%" PRIu64 " h %02" PRIu64 " min", whole / 3600,
                 whole % 3600 / 60);
    return out;
}
