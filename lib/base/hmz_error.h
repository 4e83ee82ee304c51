/* SPDX-License-Identifier: MIT */
/* What went wrong: a status for the program, a reach for the policy, a message for the human.
 *
 * Every function that can fail returns a status (HMZ_OK, HMZ_END or a negative HMZ_E_…) and takes a
 * `struct hmz_error *err` as its last parameter, which is written on failure only. Whoever detects the
 * fault writes the cause with hmz_fail(); each caller that knows more puts its context in front with
 * hmz_context(); `main` prints it once:
 *
 *     harmonizer: merged run 55: events/event_12/get_traces: 516 columns, expected 517
 *
 * The struct is fixed-size plain data: it needs no memory when memory is short and goes over a pipe as
 * it is. This module never prints. */
#ifndef HMZ_ERROR_H
#define HMZ_ERROR_H

#include <stdarg.h>
#include <stdint.h>

enum hmz_status {
    HMZ_OK = 0,
    HMZ_END = 1,            /* nothing left; not a failure */
    HMZ_E_FAILED = -1,      /* a system or library call failed, or a worker died: exit 1 */
    HMZ_E_NOMEM = -2,       /* no memory: exit 1 */
    HMZ_E_DAMAGED = -3,     /* a merged run or a state file is not what it should be: exit 1 */
    HMZ_E_CHANGED = -4,     /* a merged run is not the one that was scanned: exit 1 */
    HMZ_E_USAGE = -5,       /* command line, configuration, or outputs in the way: exit 2 */
    HMZ_E_SPACE = -6,       /* disk or quota full: exit 4 */
    HMZ_E_INTERRUPTED = -7, /* a signal asked us to stop: exit 128 + signal */
};

/* How much is lost by a failure. The callee states it, the policy (`--skip-bad` or stop) decides. */
enum hmz_reach {
    HMZ_REACH_JOB = 0, /* everything */
    HMZ_REACH_RUN,     /* one merged run */
    HMZ_REACH_EVENT,   /* one event or one scaler readout of a merged run */
};

enum { HMZ_ERROR_TEXT_BYTES = 1024 };

struct hmz_error {
    int32_t status;                  /* enum hmz_status */
    int32_t reach;                   /* enum hmz_reach */
    int32_t at_path;                 /* the text begins with a path that hmz_context_path() made */
    char text[HMZ_ERROR_TEXT_BYTES]; /* NUL terminated, no newline; cut with "…" where too long */
};

#define HMZ_MUST_CHECK                 __attribute__((warn_unused_result))
#define HMZ_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))

/* For the rare result that is not wanted: gcc ignores a cast to void. Say why beside the call. */
static inline void hmz_ignore(int result)
{
    (void)result;
}

/* Writes status and message (reach: the whole job) and returns `status`. */
int hmz_fail(struct hmz_error *err, int status, const char *format, ...) HMZ_PRINTF(3, 4);

/* The same with a reach. */
int hmz_fail_reach(struct hmz_error *err, int status, int reach, const char *format, ...) HMZ_PRINTF(4, 5);

/* For a failed system call: the message is followed by ": " and the text of `error_number`. The status is
 * HMZ_E_NOMEM for ENOMEM, HMZ_E_FAILED for all others. Returns the status. */
int hmz_fail_errno(struct hmz_error *err, int error_number, const char *format, ...) HMZ_PRINTF(3, 4);

/* For one that was to change what is on disk: ENOSPC and EDQUOT are HMZ_E_SPACE here, and for EDQUOT the
 * message says that quotas are not seen beforehand. From a read they are a failure like any other: nothing
 * that the user could free would help. */
int hmz_fail_write(struct hmz_error *err, int error_number, const char *format, ...) HMZ_PRINTF(3, 4);

/* Puts "context: " in front of the message and returns the status. */
int hmz_context(struct hmz_error *err, const char *format, ...) HMZ_PRINTF(2, 3);

/* For places that are parts of one path, said from the inside to the outside: "pads", "get", then
 * "events/event_3" give "events/event_3/get/pads: message". Returns the status. */
int hmz_context_path(struct hmz_error *err, const char *format, ...) HMZ_PRINTF(2, 3);

/* Out of memory while making room for `what`. */
int hmz_fail_nomem(struct hmz_error *err, const char *what);

#ifdef __clang_analyzer__
/* The analyser of test.sh sees one source file at a time: this tells it that a reported failure is never
 * HMZ_OK, or it would follow paths on which a failed call left its out-parameter unwritten. */
static inline int hmz_analyser_failure(int status)
{
    if (status >= HMZ_OK)
        __builtin_unreachable();
    return status;
}
#define hmz_fail(...)       hmz_analyser_failure((hmz_fail)(__VA_ARGS__))
#define hmz_fail_reach(...) hmz_analyser_failure((hmz_fail_reach)(__VA_ARGS__))
#define hmz_fail_errno(...) hmz_analyser_failure((hmz_fail_errno)(__VA_ARGS__))
#define hmz_fail_write(...) hmz_analyser_failure((hmz_fail_write)(__VA_ARGS__))
#define hmz_fail_nomem(...) hmz_analyser_failure((hmz_fail_nomem)(__VA_ARGS__))
#define hmz_context(...)    hmz_analyser_failure((hmz_context)(__VA_ARGS__))
#endif

#endif
