/* SPDX-License-Identifier: MIT */
/* The summary of a complete set, as `info` prints it. */
#ifndef HMZ_INFO_H
#define HMZ_INFO_H

#include <signal.h>

#include "summary.h"

struct hmz_info { /* all zero: closed */
    struct hmz_run_set *runs;
    struct hmz_report report;
    struct hmz_summary summary;
};

/* `set` and `harmonic_path` are borrowed until the end. What hmz_report_of_set() fails with. */
HMZ_MUST_CHECK int hmz_info_open(struct hmz_info *self, const char *harmonic_path,
                                 const struct hmz_manifest *set, const volatile sig_atomic_t *stop,
                                 struct hmz_error *err);
void hmz_info_close(struct hmz_info *self);

#endif
