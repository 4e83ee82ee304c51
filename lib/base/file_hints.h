/* SPDX-License-Identifier: MIT */
/* What only helps: where a system or file system does not have these, or fails in whatever way, they do
 * nothing, and nobody waits for them. */
#ifndef HMZ_FILE_HINTS_H
#define HMZ_FILE_HINTS_H

#include <stdbool.h>
#include <stdint.h>

#include "hmz_error.h"

/* Reserves blocks for a file that will have about `bytes`; its length stays. A full disk or quota shows here:
 * HMZ_E_SPACE, and nothing else does. Never writes into blocks (as posix_fallocate may). */
HMZ_MUST_CHECK int hmz_file_preallocate(int fd, uint64_t bytes, struct hmz_error *err);

/* Gives back what is reserved beyond the end of a file of this length. */
void hmz_file_trim(int fd, uint64_t length);

/* Begins to write this range to the disk, so that the fsync at the end finds little to do. */
void hmz_file_start_writeback(int fd, uint64_t offset, uint64_t bytes);

/* What is free for us on the file system of an open file or folder. False where it does not tell, or tells
 * nonsense: some say 0 for everything. */
bool hmz_file_free_bytes(int fd, uint64_t *bytes_out);

#endif
