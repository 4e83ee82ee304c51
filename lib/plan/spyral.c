/* SPDX-License-Identifier: MIT */
#include "spyral.h"

#include <stddef.h>

bool hmz_spyral_reads(const struct hmz_event *event)
{
    if (!(event->flags & HMZ_EVENT_HAS_FRIB))
        return true;
    const struct hmz_piece *samples = hmz_event_find_piece(event, "frib_physics/1903");
    return (event->flags & HMZ_EVENT_HAS_COINCIDENCE) && event->coincidence <= HMZ_SPYRAL_COINCIDENCE_LAST &&
           samples && samples->dims[0] == HMZ_SPYRAL_1903_SAMPLES;
}
