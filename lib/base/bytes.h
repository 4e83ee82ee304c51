/* SPDX-License-Identifier: MIT */
/* Numbers as people read them. 1 GB is 10^9 bytes everywhere in this program. */
#ifndef HMZ_BYTES_H
#define HMZ_BYTES_H

#include <stdint.h>

enum { HMZ_NUMBER_TEXT_BYTES = 32 };

/* Text by value, so that several fit into one printf: hmz_bytes_text(n).text */
struct hmz_number_text {
    char text[HMZ_NUMBER_TEXT_BYTES];
};

/* "9.87 GB", "512 MB", "12.3 kB", "17 bytes": three significant digits, decimal units. */
struct hmz_number_text hmz_bytes_text(uint64_t bytes);

/* "4,212" */
struct hmz_number_text hmz_count_text(uint64_t count);

/* "200 %", "12 %", "1.2 %", "0.34 %", "0 %": for what is below 10 two significant digits, no more than four
 * places. Negative or no number: "0 %". */
struct hmz_number_text hmz_percent_text(double percent);

/* "1 h 02 min", "3 min 07 s", "12.3 s", "0.4 s" */
struct hmz_number_text hmz_duration_text(double seconds);

#endif
