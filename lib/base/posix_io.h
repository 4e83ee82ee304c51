/* SPDX-License-Identifier: MIT */
/* Reads and writes that finish: short counts are continued, EINTR is retried a few times and then is a
 * failure like any other, so that no loop here can last for ever. Messages carry no context: the caller
 * knows the file and puts it in front. */
#ifndef HMZ_POSIX_IO_H
#define HMZ_POSIX_IO_H

#include <dirent.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "hmz_error.h"

/* Consecutive EINTR that are retried. Signals that come in faster than this are not ours. */
enum { HMZ_IO_EINTR_TRIES = 16 };

/* The bare forms, for callers with error conventions of their own: 0, or the errno. A read that meets the
 * end of the file stops there with 0 and fewer bytes in *got_out. */
int hmz_io_read_errno(int fd, void *data, size_t length, uint64_t offset, size_t *got_out);
int hmz_io_write_errno(int fd, const void *data, size_t length, uint64_t offset);

/* What comes in the place of an errno where a read came to nothing in another way. */
enum {
    HMZ_IO_BAD_SECTOR = -1, /* EIO twice at one sector, while the file can be read elsewhere: damage */
    HMZ_IO_NO_BYTES = -2,   /* the file ended before the length that fstat tells */
    HMZ_IO_BEYOND = -3,     /* for callers that are asked for an address that no file has: damage */
};

/* A read of data that cannot be had again: as hmz_io_read_errno(), but with a verdict. A disk or a share that
 * is away for a moment may answer any read with any errno, with EIO for everything, or with no bytes at all;
 * none of that says anything about the content. So 0, an errno, or one of the first two above. */
int hmz_io_read_judged(int fd, void *data, size_t length, uint64_t offset, size_t *got_out);

/* The reason in words, with what helps: "Stale file handle: is the disk or the share away?" Valid until the
 * next call. */
const char *hmz_io_reason(int error_number);

/* HMZ_E_DAMAGED for HMZ_IO_BAD_SECTOR and HMZ_IO_BEYOND, HMZ_E_NOMEM for ENOMEM, HMZ_E_FAILED for all others.
 * The message is followed by ": " and the reason. */
int hmz_io_fail_read(struct hmz_error *err, int error_number, const char *format, ...) HMZ_PRINTF(3, 4);

/* All `length` bytes from `offset` on. The end of the file within them is HMZ_E_DAMAGED. */
HMZ_MUST_CHECK int hmz_io_read_at(int fd, void *data, size_t length, uint64_t offset, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_io_write_at(int fd, const void *data, size_t length, uint64_t offset,
                                   struct hmz_error *err);

/* The same on a stream (pipe, terminal): write only. */
HMZ_MUST_CHECK int hmz_io_write_stream(int fd, const void *data, size_t length, struct hmz_error *err);

/* fsync, and close with its result; EINTR from close is success: the descriptor is gone (Linux,
 * POSIX.1-2024). */
HMZ_MUST_CHECK int hmz_io_sync(int fd, struct hmz_error *err);
HMZ_MUST_CHECK int hmz_io_close(int fd, struct hmz_error *err);

/* Length of an open file. */
HMZ_MUST_CHECK int hmz_io_length(int fd, uint64_t *length_out, struct hmz_error *err);

/* A whole small file as heap memory, with a NUL after it that `length_out` does not count; at most
 * `limit_bytes`. Places the path in front of messages. A file that is not there: HMZ_END. */
HMZ_MUST_CHECK int hmz_io_read_file(const char *path, size_t limit_bytes, uint8_t **data_out,
                                    size_t *length_out, struct hmz_error *err);

/* The same of an open file; messages carry no context. */
HMZ_MUST_CHECK int hmz_io_read_all(int fd, size_t limit_bytes, uint8_t **data_out, size_t *length_out,
                                   struct hmz_error *err);

/* openat(2) with O_CLOEXEC: the descriptor, or -1 and errno. */
int hmz_io_openat(int folder_fd, const char *path, int flags, mode_t mode);

/* open(2) with O_CLOEXEC; putss the path in front of messages. */
HMZ_MUST_CHECK int hmz_io_open(const char *path, int flags, mode_t mode, int *fd_out, struct hmz_error *err);

/* Opens a regular file to be read; symbolic links are followed. HMZ_END: it is not there; HMZ_E_DAMAGED: it
 * is something else, which nobody waits for. */
HMZ_MUST_CHECK int hmz_io_open_regular(const char *path, int *fd_out, struct hmz_error *err);

/* opendir(3): the open folder, or NULL and errno. */
DIR *hmz_io_open_folder(const char *path);

#endif
