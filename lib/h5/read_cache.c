/* SPDX-License-Identifier: MIT */
#include "read_cache.h"

#include <stdlib.h>
#include <string.h>

#include "posix_io.h"

/* A power of two of pages, each page of the file in its one slot. */
enum { PAGE_BYTES = 4096, PAGES = 64 };

static const uint64_t no_page = UINT64_MAX;

struct hmz_read_cache {
    int fd;
    uint64_t numbers[PAGES]; /* which page of the file is here */
    size_t lengths[PAGES];   /* less than a page at the end of the file */
    uint8_t bytes[PAGES][PAGE_BYTES];
};

int hmz_read_cache_new(int fd, struct hmz_read_cache **cache_out, struct hmz_error *err)
{
    struct hmz_read_cache *self = malloc(sizeof *self);
    if (!self)
        return hmz_fail_nomem(err, "a read cache");
    self->fd = fd;
    for (size_t i = 0; i < PAGES; i++)
        self->numbers[i] = no_page;
    *cache_out = self;
    return HMZ_OK;
}

void hmz_read_cache_free(struct hmz_read_cache *self)
{
    free(self);
}

static int load_page(struct hmz_read_cache *self, uint64_t number, size_t *place_out)
{
    size_t slot = (size_t)(number % PAGES);
    *place_out = slot;
    if (self->numbers[slot] == number)
        return 0;
    self->numbers[slot] = no_page; /* until it is whole */
    int error_number = hmz_io_read_judged(self->fd, self->bytes[slot], PAGE_BYTES, number * PAGE_BYTES,
                                          &self->lengths[slot]);
    if (error_number == 0)
        self->numbers[slot] = number;
    return error_number;
}

int hmz_read_cache_read(struct hmz_read_cache *self, void *data, size_t length, uint64_t offset,
                        size_t *got_out)
{
    uint8_t *to = data;
    if (length > PAGE_BYTES || offset > INT64_MAX - PAGE_BYTES)
        return hmz_io_read_judged(self->fd, data, length, offset, got_out);
    *got_out = 0;
    while (*got_out < length) {
        size_t slot;
        uint64_t at = offset + *got_out;
        int error_number = load_page(self, at / PAGE_BYTES, &slot);
        if (error_number)
            return error_number;
        size_t within = (size_t)(at % PAGE_BYTES);
        if (within >= self->lengths[slot])
            return 0; /* the end of the file */
        size_t count = self->lengths[slot] - within;
        if (count > length - *got_out)
            count = length - *got_out;
        memcpy(to + *got_out, self->bytes[slot] + within, count);
        *got_out += count;
    }
    return 0;
}
