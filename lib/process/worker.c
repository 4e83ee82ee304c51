/* SPDX-License-Identifier: MIT */
#include "worker.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "bytes.h"
#include "posix_io.h"
#include "wire.h"

enum { WATCH_MS = 500, PROGRESS_NS = 100000000 };
enum { STALL_BYTES = 1 << 30 }; /* an event takes some MB; a whole task hundreds at most */

struct hmz_worker {
    uint32_t stall_seconds;
    atomic_uint_fast64_t ticks;
    uint64_t events, bytes; /* not yet told */
    int64_t told_ns;
    struct hmz_wire_record at_event; /* sent whenever libhdf5 is let at an event */
};

static int64_t now_ns(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0)
        return 0;
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The task and the watch both send, one after the other: a record may be longer than what a pipe takes at
 * once. */
static pthread_mutex_t sending = PTHREAD_MUTEX_INITIALIZER;

static void send_record(const struct hmz_wire_record *record)
{
    struct hmz_error ignored;
    pthread_mutex_lock(&sending);
    /* A parent that does not read any more is gone, and the watch ends this process. */
    hmz_ignore(hmz_io_write_stream(HMZ_WORKER_REPORT_FD, record, sizeof *record, &ignored));
    pthread_mutex_unlock(&sending);
}

/* The most memory that this process ever had; 0: not known. */
static uint64_t peak_bytes(void)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) != 0)
        return 0;
#ifdef __APPLE__
    return (uint64_t)used.ru_maxrss;
#else
    return (uint64_t)used.ru_maxrss * 1024;
#endif
}

/* Ends the process; `record` says why. */
static void end_stalled(const struct hmz_worker *self, struct hmz_wire_record *record)
{
    record->magic = HMZ_WIRE_MAGIC;
    record->kind = HMZ_WIRE_RESULT;
    if (self->at_event.error.text[0])
        hmz_context(&record->error, "%s", self->at_event.error.text); /* whoever wrote it is in the loop */
    send_record(record);
    _exit(1);
}

/* What was used up when the task last moved; 0: not known, and not judged by. */
struct mark {
    uint64_t ticks, bytes;
    int64_t cpu_ns;
};

static void check_progress(const struct hmz_worker *self, struct mark *mark)
{
    struct hmz_wire_record record = {0};
    const struct mark now = {.ticks = atomic_load(&self->ticks),
                             .bytes = peak_bytes(),
                             .cpu_ns = now_ns(CLOCK_PROCESS_CPUTIME_ID)};
    if (now.ticks != mark->ticks) {
        *mark = now;
    } else if (mark->cpu_ns > 0 && now.cpu_ns - mark->cpu_ns > (int64_t)self->stall_seconds * 1000000000) {
        hmz_fail_reach(&record.error, HMZ_E_FAILED, HMZ_REACH_RUN,
                       "no progress for %u s: libhdf5 seems to loop on a damaged file", self->stall_seconds);
        end_stalled(self, &record);
    } else if (mark->bytes > 0 && now.bytes > mark->bytes && now.bytes - mark->bytes > STALL_BYTES) {
        hmz_fail_reach(&record.error, HMZ_E_FAILED, HMZ_REACH_RUN,
                       "no progress, but %s more of memory: libhdf5 seems to loop on a damaged file",
                       hmz_bytes_text(now.bytes - mark->bytes).text);
        end_stalled(self, &record);
    }
}

static void *watch(void *data)
{
    struct hmz_worker *self = data;
    struct mark mark = {.ticks = UINT64_MAX};
    for (;;) {
        struct pollfd lifeline = {.fd = HMZ_WORKER_LIFELINE_FD, .events = POLLIN};
        int ready = poll(&lifeline, 1, WATCH_MS);
        if (ready > 0 || (ready < 0 && errno != EINTR))
            _exit(1); /* nothing is ever sent: readable means that the parent is gone */
        check_progress(self, &mark);
    }
    return NULL;
}

int hmz_worker_begin(uint32_t stall_seconds, struct hmz_worker **worker_out, struct hmz_error *err)
{
    struct hmz_worker *self = calloc(1, sizeof *self);
    if (!self)
        return hmz_fail_nomem(err, "a worker");
    self->stall_seconds = stall_seconds;
    self->at_event = (struct hmz_wire_record){.magic = HMZ_WIRE_MAGIC, .kind = HMZ_WIRE_EVENT};
    signal(SIGPIPE, SIG_IGN);
#ifdef __linux__
    /* The kernel is there even when this process is stopped; the watch below, for a parent that went before.
     */
    hmz_ignore(prctl(PR_SET_PDEATHSIG, SIGKILL));
#endif
    pthread_t thread;
    int error_number = pthread_create(&thread, NULL, watch, self);
    if (error_number) {
        free(self);
        return hmz_fail_errno(err, error_number, "cannot start the watch of a worker");
    }
    pthread_detach(thread);
    *worker_out = self;
    return HMZ_OK;
}

static void on_tick(void *data, uint64_t events, uint64_t bytes)
{
    struct hmz_worker *self = data;
    atomic_fetch_add(&self->ticks, 1);
    self->events += events;
    self->bytes += bytes;
    int64_t now = now_ns(CLOCK_MONOTONIC);
    if (now - self->told_ns < PROGRESS_NS)
        return;
    const struct hmz_wire_record record = {
        .magic = HMZ_WIRE_MAGIC, .kind = HMZ_WIRE_PROGRESS, .events = self->events, .bytes = self->bytes};
    send_record(&record);
    self->events = self->bytes = 0;
    self->told_ns = now;
}

static void on_event(void *data, int32_t run, uint64_t event)
{
    struct hmz_worker *self = data;
    snprintf(self->at_event.error.text, sizeof self->at_event.error.text,
             "merged run %" PRId32 ", event %" PRIu64, run, event);
    send_record(&self->at_event);
}

struct hmz_tick hmz_worker_tick(struct hmz_worker *self)
{
    return (struct hmz_tick){.call = on_tick, .at_event = on_event, .data = self};
}

void hmz_worker_report(struct hmz_worker *self, int status, const struct hmz_error *err)
{
    struct hmz_wire_record record = {
        .magic = HMZ_WIRE_MAGIC, .kind = HMZ_WIRE_RESULT, .events = self->events, .bytes = self->bytes};
    if (status != HMZ_OK)
        record.error = *err;
    send_record(&record);
}
