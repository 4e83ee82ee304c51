/* SPDX-License-Identifier: MIT */
/* Small reads of a file that does not change, through a few pages kept in memory. libhdf5 reads the metadata
 * of one event in a dozen pieces of some hundred bytes that lie side by side: one system call then serves
 * several. It reads no more of the disk than the kernel does anyway: whole pages. */
#ifndef HMZ_READ_CACHE_H
#define HMZ_READ_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"

struct hmz_read_cache;

/* `fd` is borrowed. */
HMZ_MUST_CHECK int hmz_read_cache_new(int fd, struct hmz_read_cache **cache_out, struct hmz_error *err);
void hmz_read_cache_free(struct hmz_read_cache *self);

/* As hmz_io_read_judged(): 0 or what went wrong; at the end of the file fewer bytes in *got_out. */
int hmz_read_cache_read(struct hmz_read_cache *self, void *data, size_t length, uint64_t offset,
                        size_t *got_out);

#endif
