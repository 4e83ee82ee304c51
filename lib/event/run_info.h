/* SPDX-License-Identifier: MIT */
/* What a merged run says of itself as a whole. */
#ifndef HMZ_RUN_INFO_H
#define HMZ_RUN_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"

/* Bits of hmz_run_info.present. */
enum hmz_run_info_field {
    HMZ_RUN_HAS_FRIB_INFO = 1 << 0,
    HMZ_RUN_HAS_GET_TIMES = 1 << 1,
    HMZ_RUN_HAS_TITLE = 1 << 2,
};

enum { HMZ_RUN_VERSION_BYTES = 128, HMZ_RUN_TITLE_BYTES = 256, HMZ_RUN_LEFT_OUT_BYTES = 512 };

struct hmz_run_info {
    enum hmz_layout layout;
    char version[HMZ_RUN_VERSION_BYTES]; /* events@version; "" in the flat layout, which names none */
    bool version_known;
    bool closed; /* its counters fit its members */
    uint32_t present;
    uint32_t frib_run, frib_start, frib_stop, frib_time; /* run number; seconds since 1970 twice; seconds */
    uint64_t min_get_ts, max_get_ts;                     /* GET clock ticks */
    char title[HMZ_RUN_TITLE_BYTES];                     /* UTF-8; 0.1.0 only */
    /* Names above the events that are not carried over: "a, b", or "". */
    char left_out[HMZ_RUN_LEFT_OUT_BYTES];
};

#endif
