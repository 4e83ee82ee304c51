/* SPDX-License-Identifier: MIT */
/* Where does a link of a harmonic run lead, and is that the merged run it should lead to? */
#ifndef HMZ_COMPARE_LINK_H
#define HMZ_COMPARE_LINK_H

#include <hdf5.h>

#include "compare_value.h"
#include "h5_link.h"
#include "hmz_error.h"
#include "run_source.h"

/* The file that the last link led to: an answer that holds for all links of that text. */
struct hmz_link_file {
    char text[HMZ_H5_LINK_BYTES];
    int32_t run; /* the run that it is the file of, or should be */
    bool known;
};

struct hmz_link_question {
    hid_t event;      /* the open group event_N */
    const char *path; /* of the link in it */
    const struct hmz_run_source *source;
    const char *target; /* what it should lead to in the merged run, without the leading slash */
    const char *folder; /* harmonic_path, where relative paths begin */
};

/* what_out->text is "" where the link leads to its target in the merged run, or where an earlier link had the
 * same fault. `last` is all zero at first.
 *
 * Links are never followed by libhdf5: the path is resolved, and files are compared by device and inode. */
void hmz_compare_link(const struct hmz_link_question *question, struct hmz_link_file *last,
                      struct hmz_what_differs *what_out);

#endif
