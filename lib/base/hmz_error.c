/* SPDX-License-Identifier: MIT */
#include "hmz_error.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* Macros for the analyser alone, see the header. */
#undef hmz_fail
#undef hmz_fail_reach
#undef hmz_fail_errno
#undef hmz_fail_write
#undef hmz_fail_nomem
#undef hmz_context

/* Marks a message that did not fit, so that nobody takes the cut text for the whole. */
static void mark_cut(struct hmz_error *err, int wanted)
{
    static const char mark[] = "\xe2\x80\xa6";
    size_t at = HMZ_ERROR_TEXT_BYTES - sizeof mark;
    if (wanted < HMZ_ERROR_TEXT_BYTES)
        return;
    for (int i = 0; i < 3 && (err->text[at] & 0xc0) == 0x80; i++)
        at--; /* not in the middle of a character */
    memcpy(err->text + at, mark, sizeof mark);
}

static void write_text(struct hmz_error *err, int status, int reach, const char *format, va_list args)
{
    err->status = status;
    err->reach = reach;
    err->at_path = 0;
    mark_cut(err, vsnprintf(err->text, sizeof err->text, format, args));
}

int hmz_fail(struct hmz_error *err, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_text(err, status, HMZ_REACH_JOB, format, args);
    va_end(args);
    return status;
}

int hmz_fail_reach(struct hmz_error *err, int status, int reach, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_text(err, status, reach, format, args);
    va_end(args);
    return status;
}

static int status_of_errno(int error_number)
{
    return error_number == ENOMEM ? HMZ_E_NOMEM : HMZ_E_FAILED;
}

static int add_reason(struct hmz_error *err, int error_number, const char *hint)
{
    size_t used = strlen(err->text);
    int more = snprintf(err->text + used, sizeof err->text - used, ": %s%s", strerror(error_number), hint);
    mark_cut(err, (int)used + more);
    return err->status;
}

int hmz_fail_errno(struct hmz_error *err, int error_number, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_text(err, status_of_errno(error_number), HMZ_REACH_JOB, format, args);
    va_end(args);
    return add_reason(err, error_number, "");
}

/* The file system has a limit, or this process: RLIMIT_FSIZE, whose signal main() ignores. */
static void describe_file_limit(char *text, size_t room)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        snprintf(text, room, " (this process may write %llu bytes into a file: ulimit -f, or a batch system)",
                 (unsigned long long)limit.rlim_cur);
}

int hmz_fail_write(struct hmz_error *err, int error_number, const char *format, ...)
{
    bool full = error_number == ENOSPC || error_number == EDQUOT;
    va_list args;
    va_start(args, format);
    write_text(err, full ? HMZ_E_SPACE : status_of_errno(error_number), HMZ_REACH_JOB, format, args);
    va_end(args);
    char limit[96] = "";
    if (error_number == EFBIG)
        describe_file_limit(limit, sizeof limit);
    return add_reason(err, error_number,
                      error_number == EDQUOT ? " (quotas are not seen beforehand)" : limit);
}

static void put_in_front(struct hmz_error *err, const char *between, const char *format, va_list args)
{
    char context[HMZ_ERROR_TEXT_BYTES];
    char cause[HMZ_ERROR_TEXT_BYTES];
    vsnprintf(context, sizeof context, format, args);
    memcpy(cause, err->text, sizeof cause);
    mark_cut(err, snprintf(err->text, sizeof err->text, "%s%s%s", context, between, cause));
}

int hmz_context(struct hmz_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_in_front(err, ": ", format, args);
    va_end(args);
    err->at_path = 0;
    return err->status;
}

int hmz_context_path(struct hmz_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put_in_front(err, err->at_path ? "/" : ": ", format, args);
    va_end(args);
    err->at_path = 1;
    return err->status;
}

int hmz_fail_nomem(struct hmz_error *err, const char *what)
{
    return hmz_fail(err, HMZ_E_NOMEM, "out of memory for %s", what);
}
