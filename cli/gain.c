/* SPDX-License-Identifier: MIT */
#include "gain.h"

#include <stdlib.h>

#include "share.h"

static const uint32_t usual[HMZ_GAINS_LAST] = {8, 16, 32};

static int share(const struct hmz_report *report, struct hmz_share_file *files, struct hmz_gain *gain)
{
    struct hmz_error ignored; /* no memory for a word of the summary is no failure */
    for (size_t i = 0; i < report->run_count; i++)
        files[i] = (struct hmz_share_file){report->runs[i].index.identity.bytes,
                                           report->runs[i].index.payload_bytes};
    int status = hmz_share_fullest(files, report->run_count, gain->processes, &gain->merged, &ignored);
    for (size_t i = 0; i < report->file_count; i++)
        files[i] = (struct hmz_share_file){report->files[i].file_bytes, report->files[i].payload_bytes};
    if (status == HMZ_OK)
        status = hmz_share_fullest(files, report->file_count, gain->processes, &gain->harmonic, &ignored);
    return status;
}

int hmz_gain_of(const struct hmz_report *report, const struct hmz_settings *settings,
                struct hmz_gain gains_out[HMZ_GAINS_LAST])
{
    int wanted = settings->processes ? 1 : HMZ_GAINS_LAST;
    int count = 0;
    struct hmz_share_file *files = calloc(report->run_count + report->file_count + 1, sizeof *files);
    for (int i = 0; files && i < wanted; i++) {
        struct hmz_gain *gain = &gains_out[count];
        *gain = (struct hmz_gain){.processes = settings->processes ? settings->processes : usual[i]};
        if (share(report, files, gain) == HMZ_OK && gain->harmonic > 0)
            count++;
    }
    free(files);
    return count;
}
