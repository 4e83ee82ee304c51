/* SPDX-License-Identifier: MIT */
/* Numbers as people mean them: decimal, strict, whatever the locale. Leading zeros are those of file names:
 * 0055 is 55, never octal. */
#ifndef HMZ_STRICT_NUMBER_H
#define HMZ_STRICT_NUMBER_H

#include <stdint.h>

enum hmz_number_result {
    HMZ_NUMBER_OK = 0,
    HMZ_NUMBER_BAD,       /* no number of this kind */
    HMZ_NUMBER_NEGATIVE,  /* a number, but below 0 */
    HMZ_NUMBER_TOO_LARGE, /* a number, but it does not fit */
};

/* A whole number: digits, with an optional sign. "55.5", "0x37", "1e3", "" and " 5" are bad. */
enum hmz_number_result hmz_number_parse_u64(const char *text, uint64_t *value_out);

/* A decimal number times 10^9, rounded to the nearest whole number: "0.1" gives 100,000,000. Takes what YAML
 * calls a float (10, 10.0, .5, 1e1, +2) but not its nan and inf. Exact: no floating point is involved. */
enum hmz_number_result hmz_number_parse_giga(const char *text, uint64_t *value_out);

#endif
