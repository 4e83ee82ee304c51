/* SPDX-License-Identifier: MIT */
/* The child's side of a pool (pool.h): tells the parent of progress and of the result, and ends the process
 * when the parent is gone or when nothing moves any more.
 *
 *     hmz_worker_begin(stall_seconds, &worker, err)
 *     … the task, with hmz_worker_tick() as its tick …
 *     hmz_worker_report(worker, status, &task_err)
 *
 * A thread watches: standard input is a pipe whose other end only the parent holds, so its end means that the
 * parent is gone, however it went (Linux also kills the process then); and a task that burns processor time
 * for `stall_seconds`, or takes a GiB of memory, without a tick is a loop inside libhdf5. A process that
 * waits for a disk burns none and is left alone. */
#ifndef HMZ_WORKER_H
#define HMZ_WORKER_H

#include <stdint.h>

#include "hmz_error.h"
#include "tick.h"

enum { HMZ_WORKER_LIFELINE_FD = 0, HMZ_WORKER_REPORT_FD = 3 };

struct hmz_worker;

HMZ_MUST_CHECK int hmz_worker_begin(uint32_t stall_seconds, struct hmz_worker **worker_out,
                                    struct hmz_error *err);

struct hmz_tick hmz_worker_tick(struct hmz_worker *self);

/* Sends the result. A failure to send is the parent's to notice. */
void hmz_worker_report(struct hmz_worker *self, int status, const struct hmz_error *err);

#endif
