/* SPDX-License-Identifier: MIT */
#include "spyral.h"

#include <stdio.h>
#include <string.h>

enum hmz_spyral hmz_spyral_judge(const struct hmz_event *event)
{
    if (!(event->flags & HMZ_EVENT_HAS_FRIB))
        return HMZ_SPYRAL_READS;
    bool aside = event->flags & HMZ_EVENT_SET_ASIDE;
    const struct hmz_piece *samples =
        hmz_event_find_piece(event, aside ? HMZ_EVENT_SET_ASIDE_NAME "/1903" : HMZ_EVENT_FRIB_NAME "/1903");
    bool coincidence = event->flags & HMZ_EVENT_HAS_COINCIDENCE;
    if (!samples)
        return HMZ_SPYRAL_NO_1903;
    if (samples->rank > 0 && samples->dims[0] != HMZ_SPYRAL_1903_SAMPLES)
        return HMZ_SPYRAL_SAMPLES;
    if (coincidence && event->coincidence > HMZ_SPYRAL_COINCIDENCE_LAST)
        return HMZ_SPYRAL_COINCIDENCE;
    if (!coincidence)
        return HMZ_SPYRAL_NO_COINCIDENCE;
    bool matrix = samples->rank == 2 && samples->dims[1] == HMZ_SPYRAL_1903_COLUMNS &&
                  samples->storage != HMZ_STORAGE_OBJECT;
    return matrix ? HMZ_SPYRAL_READS : HMZ_SPYRAL_NO_MATRIX;
}

bool hmz_spyral_would_drop(const struct hmz_event *event)
{
    return (event->flags & HMZ_EVENT_HAS_COINCIDENCE) && event->coincidence == HMZ_SPYRAL_DROPPED &&
           hmz_spyral_judge(event) != HMZ_SPYRAL_READS;
}

uint64_t hmz_spyral_fatal(const struct hmz_spyral_counts *self)
{
    uint64_t events = 0;
    for (int verdict = HMZ_SPYRAL_READS + 1; verdict < HMZ_SPYRAL_VERDICTS; verdict++)
        events += self->events[verdict];
    return events;
}

const char *hmz_spyral_reason(enum hmz_spyral verdict)
{
    static const char *const reasons[HMZ_SPYRAL_VERDICTS] = {
        [HMZ_SPYRAL_NO_1903] = "no 1903",
        [HMZ_SPYRAL_SAMPLES] = "1903 of other than 2048 samples",
        [HMZ_SPYRAL_COINCIDENCE] = "977 above 3",
        [HMZ_SPYRAL_NO_COINCIDENCE] = "no value in 977",
        [HMZ_SPYRAL_NO_MATRIX] = "1903 no matrix of eight columns",
    };
    return reasons[verdict];
}

int hmz_spyral_set_aside(struct hmz_event *event, struct hmz_names *names, struct hmz_error *err)
{
    static const char group[] = HMZ_EVENT_FRIB_NAME "/";
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < event->piece_count; i++) {
        struct hmz_piece *piece = &event->pieces[i];
        struct hmz_source_path path;
        if (strncmp(piece->path, group, sizeof group - 1) != 0)
            continue;
        snprintf(path.text, sizeof path.text, "%s/%s", HMZ_EVENT_SET_ASIDE_NAME,
                 piece->path + sizeof group - 1);
        status = hmz_names_keep(names, path.text, &piece->path, err);
    }
    event->flags |= HMZ_EVENT_SET_ASIDE;
    return status == HMZ_OK ? hmz_event_finish(event, err) : status;
}
