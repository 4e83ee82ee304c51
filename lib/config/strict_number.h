/* SPDX-License-Identifier: MIT */
/* Numbers as people write them into a configuration or on a command line, taken whole or refused.
 *
 * Always decimal: leading zeros mean nothing (0055 is 55), and the locale is not asked. No blanks, no
 * underscores, no hexadecimal, octal or binary, no nan or inf, nothing after the number. A plus sign is
 * allowed; a minus sign too, but of the negative numbers only -0 is accepted.
 *
 * Exact: integer arithmetic from the first digit to the last, so 0.1 GB is 100000000 bytes and not one less.
 */
#ifndef HMZ_STRICT_NUMBER_H
#define HMZ_STRICT_NUMBER_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

/* What the text is. The caller words the message: it knows the place and what was expected. */
enum hmz_number_verdict {
    HMZ_NUMBER_FINE = 0,
    HMZ_NUMBER_MALFORMED, /* not a number of this kind, or more than a number */
    HMZ_NUMBER_NEGATIVE,  /* below 0 */
    HMZ_NUMBER_TOO_LARGE, /* above the limit, or above UINT64_MAX */
};

/* A whole number, `[+-]digits`: 55, 0055. Not 55.0, not 1e1.
 *
 *   text       `length` bytes, need not end in NUL
 *   limit      largest number accepted
 *   value_out  written only when fine */
HMZ_MUST_CHECK enum hmz_number_verdict hmz_number_parse_integer(const char *text, size_t length,
                                                                uint64_t limit, uint64_t *value_out);

/* A decimal number times 10^shift, rounded to the nearest whole number, a half upward.
 * Accepts what YAML calls a plain integer or float: 10, 10.0, 10., .5, 1e1, 2.5E-1.
 *
 *   text       `length` bytes, need not end in NUL
 *   shift      power of ten: 9 turns GB into bytes; 0 to 18
 *   value_out  written only when fine; can be 0 for a number above 0 */
HMZ_MUST_CHECK enum hmz_number_verdict hmz_number_parse_decimal(const char *text, size_t length, int shift,
                                                                uint64_t *value_out);

#endif
