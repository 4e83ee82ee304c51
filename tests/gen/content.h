/* SPDX-License-Identifier: MIT */
/* Plausible bytes, the same for the same arguments: pad matrices with a pedestal and a pulse, samples of the
 * auxiliary detectors. Fast: rows are cut from a block of noise that is made once. */
#ifndef HMZ_CONTENT_H
#define HMZ_CONTENT_H

#include <stdint.h>

enum { CONTENT_COLUMNS = 517 };

/* A random number that depends on nothing but its arguments. */
uint64_t content_random(uint64_t seed, uint64_t number, uint64_t purpose);

/* [rows][517], valid until the next call. */
const int16_t *content_traces(uint64_t seed, uint64_t number, uint64_t rows);

/* [rows][columns], valid until the next call. */
const uint16_t *content_samples(uint64_t seed, uint64_t number, uint64_t rows, uint64_t columns);

#endif
