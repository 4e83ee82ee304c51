/* SPDX-License-Identifier: MIT */
#include "scalers_columns.h"

#include <stdio.h>

const struct hmz_parquet_column hmz_scalers_key_columns[HMZ_SCALERS_KEY_COLUMNS] = {
    {"run", HMZ_PARQUET_U32, "merged run", NULL},
    {"event", HMZ_PARQUET_U32, "number of the readout in that run", NULL},
};

const struct hmz_parquet_column hmz_scalers_header_columns[HMZ_SCALERS_HEADER_VALUES] = {
    {"start_offset", HMZ_PARQUET_U32, "begin of the interval, since the start of the run",
     "as FRIBDAQ wrote it (s)"},
    {"stop_offset", HMZ_PARQUET_U32, "end of the interval, since the start of the run",
     "as FRIBDAQ wrote it (s)"},
    {"timestamp", HMZ_PARQUET_U32, "time of the readout", "s since 1970-01-01 UTC"},
    {"incremental", HMZ_PARQUET_U32, "1: counts of this interval; 0: counts since the start of the run",
     NULL},
};

/* The first values of a readout, in their order: what the experiment wires to the VME scaler. */
static const struct {
    const char *name, *what;
} known_values[HMZ_SCALERS_KNOWN_VALUES] = {
    {"clock_free", "clock"},
    {"clock_live", "clock while the acquisition was live"},
    {"trig_free", "triggers"},
    {"trig_live", "triggers while the acquisition was live"},
    {"ic_sca", "ion chamber"},
    {"mesh_sca", "mesh"},
    {"si1_cfd", "silicon 1"},
    {"si2", "silicon 2"},
    {"sipm", "silicon photomultiplier"},
    {"ic_ds", "ion chamber, downscaled"},
    {"ic_cfd", "ion chamber, discriminator"},
};

struct hmz_scalers_name hmz_scalers_value_name(size_t i)
{
    struct hmz_scalers_name name;
    if (i < HMZ_SCALERS_KNOWN_VALUES) {
        snprintf(name.text, sizeof name.text, "%s", known_values[i].name);
        snprintf(name.meaning, sizeof name.meaning, "value %zu: %s", i, known_values[i].what);
    } else {
        snprintf(name.text, sizeof name.text, "scaler_%zu", i);
        snprintf(name.meaning, sizeof name.meaning, "value %zu", i);
    }
    return name;
}
