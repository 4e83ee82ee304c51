/* SPDX-License-Identifier: MIT */
/* Any bytes as an index file. Every part of one carries a checksum, so bytes as they come are refused at once
 * (the first byte of the input is 'R': the rest is the file). Behind the checksums ('P') the input is the
 * parts of an index,
 *
 *     length and count of the events, length and count of the readouts      4 × u32
 *     events, readouts, trailer up to its tables of blocks                  bytes
 *
 * from which a file with the right tables and checksums is made. */
#include "fuzz_target.h"

#include <assert.h>

#include "fuzz_file.h"
#include "hash.h"
#include "index_format.h"
#include "walk_index.h"

struct block {
    struct hmz_cursor bytes;
    uint32_t length, count;
};

static void put_rest(struct hmz_buffer *to, const struct hmz_cursor *from)
{
    hmz_buffer_put(to, from->at, (size_t)(from->end - from->at));
}

/* A table of one block, which is put into the file. */
static void put_block(struct hmz_buffer *file, struct hmz_buffer *trailer, const struct block *block)
{
    size_t length = (size_t)(block->bytes.end - block->bytes.at);
    hmz_buffer_put_u64(trailer, 1);
    hmz_buffer_put_u64(trailer, file->used);
    hmz_buffer_put_u32(trailer, (uint32_t)length);
    hmz_buffer_put_u32(trailer, block->count);
    hmz_buffer_put_u64(trailer, XXH3_64bits(block->bytes.at, length));
    put_rest(file, &block->bytes);
}

static void put_parts(struct hmz_buffer *file, struct hmz_cursor *input)
{
    struct block blocks[2] = {0};
    struct hmz_buffer trailer = {0};
    for (int i = 0; i < 2; i++) {
        blocks[i].length = hmz_cursor_u32(input);
        blocks[i].count = hmz_cursor_u32(input);
    }
    for (int i = 0; i < 2; i++)
        blocks[i].bytes = hmz_fuzz_take(input, blocks[i].length);
    hmz_buffer_put(file, "HMZINDX", 8);
    hmz_buffer_put_u32(file, HMZ_INDEX_FORMAT);
    put_rest(&trailer, input);
    put_block(file, &trailer, &blocks[0]);
    put_block(file, &trailer, &blocks[1]);
    uint64_t at = file->used;
    hmz_buffer_put(file, trailer.data, trailer.used);
    hmz_buffer_put_u64(file, at);
    hmz_buffer_put_u64(file, trailer.used);
    hmz_buffer_put_u64(file, XXH3_64bits(trailer.data, trailer.used));
    hmz_buffer_release(&trailer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hmz_cursor input = hmz_cursor_over(data, size);
    struct hmz_buffer bytes = {0};
    if (hmz_cursor_u8(&input) == 'R')
        put_rest(&bytes, &input);
    else
        put_parts(&bytes, &input);
    assert(!bytes.failed);
    struct hmz_fuzz_file file = hmz_fuzz_file_new(bytes.data, bytes.used);
    struct hmz_index *index = NULL;
    struct hmz_error err;
    int status = hmz_index_open(file.at, &index, &err);
    if (status == HMZ_OK)
        status = hmz_walk_index(index, UINT64_MAX, &err);
    if (status != HMZ_OK)
        hmz_fuzz_check_refused(status, &err);
    hmz_index_close(index);
    hmz_fuzz_file_close(&file);
    hmz_buffer_release(&bytes);
    return 0;
}
