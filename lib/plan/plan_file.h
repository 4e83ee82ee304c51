/* SPDX-License-Identifier: MIT */
/* The plan as a file of the state folder, for the workers and the later steps. */
#ifndef HMZ_PLAN_FILE_H
#define HMZ_PLAN_FILE_H

#include "buffer.h"
#include "folder.h"
#include "hmz_error.h"
#include "plan.h"
#include "run_folders.h"

/* An event by its original numbers, in this and other files of the state folder: 12 bytes. */
void hmz_event_id_put(struct hmz_buffer *to, const struct hmz_event_id *id);
struct hmz_event_id hmz_event_id_get(struct hmz_cursor *from);

/* Sets `id` from all the rest. */
HMZ_MUST_CHECK int hmz_plan_identify(struct hmz_plan *self, struct hmz_error *err);

/* In front of a plan file; another number with each change of its format. */
#define HMZ_PLAN_MAGIC "HMZPLN6"

/* A plan file has only the names of the merged runs. `folders` are those they lie in on the machine
 * that loads the plan. */
HMZ_MUST_CHECK int hmz_plan_save(const struct hmz_plan *self, struct hmz_file_at at, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_plan_load(struct hmz_file_at at, const struct hmz_run_folders *folders,
                                 struct hmz_plan **plan_out, struct hmz_error *err);

#endif
