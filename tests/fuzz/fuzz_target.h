/* SPDX-License-Identifier: MIT */
/* The one function of a fuzz target, as libFuzzer calls it (https://llvm.org/docs/LibFuzzer.html): any bytes,
 * result 0; what must not happen ends the process. */
#ifndef HMZ_FUZZ_TARGET_H
#define HMZ_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Set where an input is refused, so that whoever replays inputs knows. Each target has one. */
extern bool hmz_fuzz_refused;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
