/* SPDX-License-Identifier: MIT */
#include "sealed_file.h"

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "outfile.h"

enum { MAGIC_BYTES = 8, SEAL_BYTES = 8 };
static const size_t limit_bytes = (size_t)1 << 32;

int hmz_sealed_broken(struct hmz_file_at at, struct hmz_error *err)
{
    hmz_ignore(hmz_fail(err, HMZ_E_DAMAGED,
                        "cut off, changed, or of another version of the program; begin the set again with "
                        "--force"));
    return hmz_context_at(err, at);
}

static int write_all(struct hmz_outfile *file, const char *magic, const struct hmz_buffer *content,
                     struct hmz_error *err)
{
    struct hmz_buffer whole = {0};
    hmz_buffer_put(&whole, magic, MAGIC_BYTES);
    hmz_buffer_put(&whole, content->data, content->used);
    hmz_buffer_put_u64(&whole, whole.failed ? 0 : XXH3_64bits(whole.data, whole.used));
    int status = hmz_buffer_check(&whole, "a state file", err);
    if (status == HMZ_OK)
        status = hmz_outfile_write(file, whole.data, whole.used, err);
    hmz_buffer_release(&whole);
    return status;
}

int hmz_sealed_save(struct hmz_file_at at, const char *magic, struct hmz_buffer *content,
                    struct hmz_error *err)
{
    struct hmz_outfile file = HMZ_OUTFILE_CLOSED;
    int status = hmz_buffer_check(content, "a state file", err);
    if (status == HMZ_OK)
        status = hmz_outfile_create_own(&file, hmz_file_in(at.folder, "%s.part", at.name), err);
    if (status == HMZ_OK)
        status = write_all(&file, magic, content, err);
    if (status == HMZ_OK)
        status = hmz_outfile_commit(&file, at, err);
    hmz_outfile_discard(&file);
    return status;
}

int hmz_sealed_load(struct hmz_file_at at, const char *magic, uint8_t **bytes_out,
                    struct hmz_cursor *cursor_out, struct hmz_error *err)
{
    uint8_t *bytes;
    size_t length;
    int status = hmz_file_read(at, limit_bytes, &bytes, &length, err);
    if (status != HMZ_OK)
        return status;
    bool whole = length >= MAGIC_BYTES + SEAL_BYTES && memcmp(bytes, magic, MAGIC_BYTES) == 0;
    if (whole) {
        struct hmz_cursor seal = hmz_cursor_over(bytes + length - SEAL_BYTES, SEAL_BYTES);
        whole = hmz_cursor_u64(&seal) == XXH3_64bits(bytes, length - SEAL_BYTES);
    }
    if (!whole) {
        free(bytes);
        return hmz_sealed_broken(at, err);
    }
    *bytes_out = bytes;
    *cursor_out = hmz_cursor_over(bytes + MAGIC_BYTES, length - MAGIC_BYTES - SEAL_BYTES);
    return HMZ_OK;
}
