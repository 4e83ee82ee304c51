/* SPDX-License-Identifier: MIT */
#include "scalers_columns.h"

#include <stdio.h>

const char *const hmz_scalers_key_names[] = {"run", "event"};
const char *const hmz_scalers_header_names[] = {"start_offset", "stop_offset", "timestamp", "incremental"};

/* Names of the first values of a readout, in their order: what the experiment wires to the VME scaler. */
static const char *const known_values[HMZ_SCALERS_KNOWN_VALUES] = {
    "clock_free", "clock_live", "trig_free", "trig_live", "ic_sca", "mesh_sca",
    "si1_cfd",    "si2",        "sipm",      "ic_ds",     "ic_cfd"};

struct hmz_scalers_name hmz_scalers_value_name(size_t i)
{
    struct hmz_scalers_name name;
    if (i < HMZ_SCALERS_KNOWN_VALUES)
        snprintf(name.text, sizeof name.text, "%s", known_values[i]);
    else
        snprintf(name.text, sizeof name.text, "scaler_%zu", i);
    return name;
}
