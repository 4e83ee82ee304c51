/* SPDX-License-Identifier: MIT */
#include "file_hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "hash.h"
#include "posix_io.h"

enum { BUFFER_BYTES = 512 << 10 };

static int take_bytes(int fd, uint64_t length, const struct hmz_tick *tick, XXH3_state_t *state,
                      uint8_t *buffer, struct hmz_error *err)
{
    for (uint64_t offset = 0; offset < length;) {
        size_t step = length - offset < BUFFER_BYTES ? (size_t)(length - offset) : BUFFER_BYTES;
        int status = hmz_io_read_at(fd, buffer, step, offset, err);
        if (status != HMZ_OK)
            return status;
        XXH3_128bits_update(state, buffer, step);
        offset += step;
        hmz_tick(tick, 0, step);
    }
    return HMZ_OK;
}

int hmz_file_hash_take(int fd, uint64_t length, const struct hmz_tick *tick, struct hmz_file_hash *hash_out,
                       struct hmz_error *err)
{
    XXH3_state_t *state = XXH3_createState();
    uint8_t *buffer = malloc(BUFFER_BYTES);
    int status = state && buffer ? HMZ_OK : hmz_fail_nomem(err, "a buffer");
    if (status == HMZ_OK) {
        XXH3_128bits_reset(state);
        status = take_bytes(fd, length, tick, state, buffer, err);
        XXH128_hash_t hash = XXH3_128bits_digest(state);
        *hash_out = (struct hmz_file_hash){.high = hash.high64, .low = hash.low64};
    }
    free(buffer);
    XXH3_freeState(state);
    return status;
}

struct hmz_hash_text hmz_file_hash_text(struct hmz_file_hash hash)
{
    struct hmz_hash_text out;
    snprintf(out.text, sizeof out.text, "%016" PRIx64 "%016" PRIx64, hash.high, hash.low);
    return out;
}
