/* SPDX-License-Identifier: MIT */
/* Where does a link of a harmonic run lead, and is that the merged run it should lead to? */
#ifndef HMZ_COMPARE_LINK_H
#define HMZ_COMPARE_LINK_H

#include <hdf5.h>

#include "compare_value.h"
#include "hmz_error.h"
#include "run_source.h"

enum { HMZ_LINK_BYTES = 8192 }; /* more than two paths */

/* The file that the last link led to: an answer that holds for all links of that text. */
struct hmz_link_file {
    char text[HMZ_LINK_BYTES];
    int32_t run; /* the run that it is the file of, or should be */
    bool known, good;
};

/* The link `path` of the open group `event`. what_out->text is "" where it leads to `target` in the merged run
 * that `source` is of, or where the same was told of an earlier link already.
 *
 *   folder  harmonic_path, where relative paths begin
 *   last    all zero at first
 *
 * Links are never followed by libhdf5: the path is looked at, and the file is told by device and inode. */
void hmz_compare_link(hid_t event, const char *path, const char *folder, const struct hmz_run_source *source,
                      const char *target, struct hmz_link_file *last, struct hmz_what_differs *what_out);

#endif
