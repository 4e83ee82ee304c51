/* SPDX-License-Identifier: MIT */
/* Runs tasks in worker processes, as many at once as asked for.
 *
 * A worker is this very program started again with the hidden command `worker` and the words of one task: no
 * state of the parent goes along, no HDF5 file is open in two processes, and a crash inside libhdf5 takes one
 * task with it. What a worker does not report did not happen.
 *
 * The parent must have no HDF5 file open and no other children. */
#ifndef HMZ_POOL_H
#define HMZ_POOL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

enum { HMZ_POOL_WORDS_LAST = 7 };

struct hmz_pool_task {
    const char *words[HMZ_POOL_WORDS_LAST + 1]; /* NULL terminated, borrowed: "scan", "55", … */
    char name[64];                              /* for messages: "merged run 55" */
    struct hmz_error result;                    /* out: status HMZ_OK, or what went wrong */
    bool lost;                                  /* out: the worker crashed or reported nothing */
};

enum hmz_pool_policy {
    HMZ_POOL_KEEP_GOING,      /* every task is done, whatever becomes of the others */
    HMZ_POOL_STOP_AT_FAILURE, /* tasks at work are finished, no new ones begun: those have HMZ_E_INTERRUPTED
                               */
};

struct hmz_pool_options {
    const char *program; /* path of this very program */
    uint32_t jobs;       /* worker processes at once, at least 1 */
    uint32_t stall_seconds;
    enum hmz_pool_policy policy;
    const volatile sig_atomic_t *stop; /* becomes non-zero when a signal wants us to end; may be NULL */
    /* Called about ten times a second and with every progress; may be NULL. */
    void (*progress)(void *data, uint64_t events, uint64_t bytes);
    void *progress_data;
};

/* Runs all tasks. HMZ_OK: every task has a result (which may be a failure). HMZ_E_INTERRUPTED: *stop was set,
 * all workers are gone. HMZ_E_FAILED: workers cannot be started. */
HMZ_MUST_CHECK int hmz_pool_run(const struct hmz_pool_options *options, struct hmz_pool_task *tasks,
                                size_t task_count, struct hmz_error *err);

#endif
