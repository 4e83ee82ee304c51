/* SPDX-License-Identifier: MIT */
/* What fuzz targets for files share: bytes as a file that has a path but no place on a disk, and the checksum
 * behind which the interesting bytes lie. */
#ifndef HMZ_FUZZ_FILE_H
#define HMZ_FUZZ_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"
#include "folder.h"
#include "hmz_error.h"

struct hmz_fuzz_file {
    int fd;
    char path[64];         /* of the open file, for whoever opens it by name */
    struct hmz_file_at at; /* the same in the folder of this process, where a link is not enough */
};

/* A folder of this process, in memory where there is some; it goes with the process. */
const struct hmz_folder *hmz_fuzz_folder(void);

/* A new file that holds `data`; ends the process if the system has none to give. */
struct hmz_fuzz_file hmz_fuzz_file_new(const void *data, size_t size);
void hmz_fuzz_file_close(struct hmz_fuzz_file *self);

/* The first `length` bytes of the input, or fewer where it has no more. */
struct hmz_cursor hmz_fuzz_take(struct hmz_cursor *input, uint64_t length);

/* A refusal says why, in one line, with the status that it returns. */
void hmz_fuzz_check_refused(int status, const struct hmz_error *err);

#endif
