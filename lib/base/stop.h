/* SPDX-License-Identifier: MIT */
/* A flag that a signal handler sets, looked at wherever work can be given up: between two events, two files,
 * two answers of a worker. */
#ifndef HMZ_STOP_H
#define HMZ_STOP_H

#include <signal.h>

#include "hmz_error.h"

/* HMZ_E_INTERRUPTED where a signal wants us to end. `stop` may be NULL. */
HMZ_MUST_CHECK static inline int hmz_stop_check(const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    return stop && *stop ? hmz_fail(err, HMZ_E_INTERRUPTED, "interrupted") : HMZ_OK;
}

#endif
