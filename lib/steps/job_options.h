/* SPDX-License-Identifier: MIT */
/* How a job is to be done, and how it talks while it is. */
#ifndef HMZ_JOB_OPTIONS_H
#define HMZ_JOB_OPTIONS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "hmz_error.h"
#include "pool.h"

enum hmz_note_kind {
    HMZ_NOTE_WARNING, /* unusual, nothing lost */
    HMZ_NOTE_SKIPPED, /* left out, as --skip-bad allows */
    HMZ_NOTE_ERROR,   /* one of several reasons for the failure that follows */
};

/* How the job talks. All functions are called in the parent process only; each may be NULL. */
struct hmz_job_listener {
    void *data;
    /* A stage begins: "scan", "write", "verify". Totals of 0 are unknown. */
    void (*stage)(void *data, const char *name, uint64_t events, uint64_t bytes);
    void (*advance)(void *data, uint64_t events, uint64_t bytes);
    /* Done by an earlier try. */
    void (*keep)(void *data, uint64_t events, uint64_t bytes);
    void (*note)(void *data, enum hmz_note_kind kind, const char *text);
};

struct hmz_job_options {
    const char *program; /* path of this very program, for the workers */
    uint32_t jobs;
    uint32_t stall_seconds;
    const volatile sig_atomic_t *stop; /* non-zero: a signal wants us to end */
    bool force;
    bool discard_events; /* with force: events that no merged run has any more may go */
    bool skip_bad;
    uint32_t shard, shard_count; /* write: shard 1 to shard_count; 0 of 0: everything */
    struct hmz_job_listener listener;
};

/* To the listener. */
void hmz_job_note(const struct hmz_job_options *self, enum hmz_note_kind kind, const char *format, ...)
    HMZ_PRINTF(3, 4);
void hmz_job_stage(const struct hmz_job_options *self, const char *name, uint64_t events, uint64_t bytes);

/* Options of a pool whose progress goes to the listener. */
struct hmz_pool_options hmz_job_pool_options(const struct hmz_job_options *self, enum hmz_pool_policy policy);

#endif
