/* SPDX-License-Identifier: MIT */
/* What a worker process tells its parent: fixed-size records over a pipe. Both ends are the same binary. */
#ifndef HMZ_WIRE_H
#define HMZ_WIRE_H

#include <stdint.h>

#include "hmz_error.h"

enum hmz_wire_kind {
    HMZ_WIRE_PROGRESS = 1, /* events and bytes since the last record */
    HMZ_WIRE_EVENT = 3,  /* `error.text`: "merged run 55, event 1042", in front of what ends the worker now */
    HMZ_WIRE_RESULT = 2, /* the last record: `error`, of status HMZ_OK where all went well */
};

#define HMZ_WIRE_MAGIC 0x485a4d31u

struct hmz_wire_record {
    uint32_t magic;
    uint32_t kind;
    uint64_t events;
    uint64_t bytes;
    struct hmz_error error;
};

#endif
