/* SPDX-License-Identifier: MIT */
/* A failure of libhdf5 as an hmz_error: its useful message is the innermost entry of its error stack. */
#ifndef HMZ_H5_ERROR_H
#define HMZ_H5_ERROR_H

#include "hmz_error.h"

/* Stops libhdf5 from printing to stderr by itself. Once per process, before anything else of lib/h5. */
void hmz_h5_silence(void);

/* "MESSAGE: innermost message of libhdf5"; empties the error stack. Returns `status`; HMZ_E_NOMEM for
 * HMZ_E_DAMAGED where libhdf5 could not have the memory it asked for. */
int hmz_fail_h5(struct hmz_error *err, int status, const char *format, ...) HMZ_PRINTF(3, 4);

#ifdef __clang_analyzer__
/* As in hmz_error.h. */
#define hmz_fail_h5(...) hmz_analyser_failure((hmz_fail_h5)(__VA_ARGS__))
#endif

#endif
