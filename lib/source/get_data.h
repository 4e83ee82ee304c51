/* SPDX-License-Identifier: MIT */
/* The GET part of an event, one function per form that mergers have written. A new form is a new file, a
 * line here, and a row in the table of run_grouped.c. Private to lib/source. */
#ifndef HMZ_GET_DATA_H
#define HMZ_GET_DATA_H

#include "run_reader_internal.h"

/* 0.2.0 and 1.0: `object` is the dataset get_traces, which holds the ids. */
HMZ_MUST_CHECK int hmz_get_v1_read(struct hmz_run_reader *self, const struct hmz_object *object,
                                   struct hmz_event *event, struct hmz_error *err);

/* 2.0: `object` is the group get, which holds the ids, `pads` and the silicon matrices. */
HMZ_MUST_CHECK int hmz_get_v2_read(struct hmz_run_reader *self, const struct hmz_object *object,
                                   struct hmz_event *event, struct hmz_error *err);

#endif
