/* SPDX-License-Identifier: MIT */
#include "pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "posix_io.h"
#include "stop.h"
#include "wire.h"
#include "worker.h"

#ifdef __APPLE__
extern char **environ; /* POSIX has it, unistd.h of macOS does not declare it */
#endif

enum { POLL_MS = 100, MIN_PIPE_FD = 10, JOBS_LAST = 256 };

struct running {
    pid_t pid;
    size_t task;
    int report_fd;   /* records from the worker */
    int lifeline_fd; /* closing it ends the worker */
    struct hmz_wire_record record;
    size_t record_used;
    bool reported;
    char where[64]; /* where in a merged run the worker is, or empty */
};

struct pool {
    const struct hmz_pool_options *options;
    struct hmz_pool_task *tasks;
    size_t task_count;
    size_t next;
    struct running running[JOBS_LAST];
    size_t running_count;
    bool failed; /* a task failed and the policy is to stop */
};

/* ---- starting ---- */

/* Both ends above the numbers that a child gets its own under, and closed on exec. */
static int make_pipe(int ends[2], struct hmz_error *err)
{
    int low[2];
    if (pipe(low) != 0)
        return hmz_fail_errno(err, errno, "cannot make a pipe");
    ends[0] = fcntl(low[0], F_DUPFD_CLOEXEC, MIN_PIPE_FD);
    ends[1] = fcntl(low[1], F_DUPFD_CLOEXEC, MIN_PIPE_FD);
    int error_number = errno;
    close(low[0]); /* nothing was written */
    close(low[1]);
    if (ends[0] >= 0 && ends[1] >= 0)
        return HMZ_OK;
    if (ends[0] >= 0)
        close(ends[0]);
    return hmz_fail_errno(err, error_number, "cannot make a pipe");
}

/* What a terminal or a batch system sends to all processes of a job is the parent's to answer: a worker that
 * died of it first would look like one that failed. */
static int hold_signals(posix_spawnattr_t *attributes)
{
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    int error_number = posix_spawnattr_setsigmask(attributes, &held);
    return error_number ? error_number : posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK);
}

/* 0, or the errno. */
static int spawn_with(const char *program, const char *const *argv, const int child_fds[2], pid_t *pid_out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error_number = posix_spawn_file_actions_init(&actions);
    if (error_number)
        return error_number;
    error_number = posix_spawnattr_init(&attributes);
    if (error_number) {
        posix_spawn_file_actions_destroy(&actions);
        return error_number;
    }
    error_number = hold_signals(&attributes);
    if (!error_number)
        error_number = posix_spawn_file_actions_adddup2(&actions, child_fds[0], HMZ_WORKER_LIFELINE_FD);
    if (!error_number)
        error_number = posix_spawn_file_actions_adddup2(&actions, child_fds[1], HMZ_WORKER_REPORT_FD);
    if (!error_number)
        error_number = posix_spawn(pid_out, program, &actions, &attributes, (char *const *)argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error_number;
}

static int spawn(struct pool *self, const struct hmz_pool_task *task, const int child_fds[2], pid_t *pid_out,
                 struct hmz_error *err)
{
    char stall[16];
    const char *argv[HMZ_POOL_WORDS_LAST + 4] = {"harmonizer", "worker", stall};
    snprintf(stall, sizeof stall, "%u", self->options->stall_seconds);
    for (size_t i = 0; task->words[i]; i++)
        argv[i + 3] = task->words[i];
    int error_number = spawn_with(self->options->program, argv, child_fds, pid_out);
    if (error_number)
        return hmz_fail_errno(err, error_number, "%s: cannot be started as a worker", self->options->program);
    return HMZ_OK;
}

static int start_task(struct pool *self, struct hmz_error *err)
{
    int lifeline[2];
    int report[2];
    int status = make_pipe(lifeline, err);
    if (status != HMZ_OK)
        return status;
    status = make_pipe(report, err);
    if (status != HMZ_OK) {
        close(lifeline[0]);
        close(lifeline[1]);
        return status;
    }
    struct running *worker = &self->running[self->running_count];
    *worker = (struct running){.task = self->next, .report_fd = report[0], .lifeline_fd = lifeline[1]};
    const int child_fds[2] = {lifeline[0], report[1]};
    status = spawn(self, &self->tasks[self->next], child_fds, &worker->pid, err);
    close(lifeline[0]); /* the child's ends */
    close(report[1]);
    if (status != HMZ_OK) {
        close(report[0]);
        close(lifeline[1]);
        return status;
    }
    self->next++;
    self->running_count++;
    return HMZ_OK;
}

/* ---- listening ---- */

static void tell(const struct pool *self, uint64_t events, uint64_t bytes)
{
    if (self->options->progress)
        self->options->progress(self->options->progress_data, events, bytes);
}

static void take_record(struct pool *self, struct running *worker)
{
    const struct hmz_wire_record *record = &worker->record;
    struct hmz_error *result = &self->tasks[worker->task].result;
    worker->record_used = 0;
    if (record->magic != HMZ_WIRE_MAGIC || worker->reported) {
        hmz_fail(result, HMZ_E_FAILED, "the worker sent what is no record");
        worker->reported = true;
        return;
    }
    tell(self, record->events, record->bytes);
    if (record->kind == HMZ_WIRE_EVENT)
        snprintf(worker->where, sizeof worker->where, "%.*s", (int)sizeof worker->where - 1,
                 record->error.text);
    if (record->kind == HMZ_WIRE_RESULT) {
        worker->reported = true;
        *result = record->error;
        result->text[sizeof result->text - 1] = '\0';
    }
}

/* False at the end of the pipe. */
static bool read_report(struct pool *self, struct running *worker)
{
    uint8_t *to = (uint8_t *)&worker->record + worker->record_used;
    ssize_t got = read(worker->report_fd, to, sizeof worker->record - worker->record_used);
    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    worker->record_used += (size_t)got;
    if (worker->record_used == sizeof worker->record)
        take_record(self, worker);
    return got > 0;
}

/* ---- ending ---- */

static int reap(const struct running *worker)
{
    int ended = 0;
    while (waitpid(worker->pid, &ended, 0) < 0 && errno == EINTR)
        ;
    return ended;
}

/* What a signal means for the user. A damaged file can crash libhdf5, but so can short memory or a disk that
 * fails under a mapped library: a crash is no proof of damage. */
static const char *meaning_of(int number)
{
    switch (number) {
    case SIGSEGV:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGABRT:
    case SIGTRAP:
        return "a damaged file can do that to libhdf5, and so can short memory";
    case SIGXCPU:
        return "the limit of processor time (ulimit -t, or of a batch system) is used up: raise it, and run "
               "the "
               "same command again";
    default:
        return "from outside: by hand, or for lack of memory; run the same command again";
    }
}

static void judge(struct hmz_pool_task *task, const struct running *worker, int ended)
{
    if (WIFSIGNALED(ended))
        hmz_fail_reach(&task->result, HMZ_E_FAILED, HMZ_REACH_RUN,
                       "its worker was ended by signal %d (%s): %s", WTERMSIG(ended),
                       strsignal(WTERMSIG(ended)), meaning_of(WTERMSIG(ended)));
    else if (!worker->reported)
        hmz_fail_reach(&task->result, HMZ_E_FAILED, HMZ_REACH_JOB,
                       "its worker ended with code %d and without a report", WEXITSTATUS(ended));
    else if (task->result.status == HMZ_OK && WEXITSTATUS(ended) != 0)
        hmz_fail_reach(&task->result, HMZ_E_FAILED, HMZ_REACH_JOB,
                       "its worker reported that all went well, but ended with code %d", WEXITSTATUS(ended));
    if (WIFSIGNALED(ended) && worker->where[0])
        hmz_context(&task->result, "%s", worker->where);
}

static void end_worker(struct pool *self, size_t i)
{
    struct running *worker = &self->running[i];
    struct hmz_pool_task *task = &self->tasks[worker->task];
    int ended = reap(worker);
    judge(task, worker, ended);
    task->lost = WIFSIGNALED(ended) || !worker->reported;
    if (task->result.status != HMZ_OK && self->options->policy == HMZ_POOL_STOP_AT_FAILURE)
        self->failed = true;
    close(worker->report_fd); /* only read */
    close(worker->lifeline_fd);
    self->running[i] = self->running[--self->running_count];
}

/* Whatever a worker has begun is a part file: it can be ended at any moment. */
static void end_all(struct pool *self)
{
    for (size_t i = 0; i < self->running_count; i++)
        kill(self->running[i].pid, SIGKILL);
    while (self->running_count > 0)
        end_worker(self, self->running_count - 1);
}

/* ---- the loop ---- */

static int start_all(struct pool *self, struct hmz_error *err)
{
    uint32_t jobs = self->options->jobs < JOBS_LAST ? self->options->jobs : JOBS_LAST;
    int status = HMZ_OK;
    while (status == HMZ_OK && !self->failed && self->running_count < jobs && self->next < self->task_count)
        status = start_task(self, err);
    return status;
}

static int poll_workers(struct pool *self, struct hmz_error *err)
{
    struct pollfd ready[JOBS_LAST];
    size_t count = self->running_count;
    for (size_t i = 0; i < count; i++)
        ready[i] = (struct pollfd){.fd = self->running[i].report_fd, .events = POLLIN};
    if (poll(ready, (nfds_t)count, POLL_MS) < 0 && errno != EINTR)
        return hmz_fail_errno(err, errno, "cannot wait for the workers");
    /* From the end: ending one moves the last into its place. */
    for (size_t i = count; i-- > 0;)
        if (ready[i].revents && !read_report(self, &self->running[i]))
            end_worker(self, i);
    tell(self, 0, 0);
    return HMZ_OK;
}

static void mark_undone(struct pool *self)
{
    for (size_t i = self->next; i < self->task_count; i++)
        hmz_fail(&self->tasks[i].result, HMZ_E_INTERRUPTED, "not begun");
}

int hmz_pool_run(const struct hmz_pool_options *options, struct hmz_pool_task *tasks, size_t task_count,
                 struct hmz_error *err)
{
    struct pool *self = calloc(1, sizeof *self);
    if (!self)
        return hmz_fail_nomem(err, "the workers");
    *self = (struct pool){.options = options, .tasks = tasks, .task_count = task_count};
    int status = HMZ_OK;
    while (status == HMZ_OK && (self->running_count > 0 || (self->next < task_count && !self->failed))) {
        status = hmz_stop_check(options->stop, err);
        if (status == HMZ_OK)
            status = start_all(self, err);
        if (status == HMZ_OK)
            status = poll_workers(self, err);
    }
    if (status != HMZ_OK)
        end_all(self);
    mark_undone(self);
    free(self);
    return status;
}
