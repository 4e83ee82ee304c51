/* SPDX-License-Identifier: MIT */
#include "written.h"

#include <stdlib.h>

#include "plan_file.h"
#include "sealed_file.h"

static const char magic[] = HMZ_WRITTEN_MAGIC;

void hmz_written_release(struct hmz_written *self)
{
    free(self->checksums);
    *self = (struct hmz_written){0};
}

int hmz_written_save(const struct hmz_written *self, struct hmz_file_at at, struct hmz_error *err)
{
    struct hmz_buffer content = {0};
    hmz_buffer_put_u64(&content, self->plan_id);
    hmz_buffer_put_u64(&content, self->file_bytes);
    hmz_buffer_put_u64(&content, self->hash.high);
    hmz_buffer_put_u64(&content, self->hash.low);
    hmz_event_id_put(&content, &self->first);
    hmz_event_id_put(&content, &self->last);
    hmz_buffer_put_u64(&content, self->event_count);
    for (uint64_t i = 0; i < self->event_count; i++)
        hmz_buffer_put_u64(&content, self->checksums[i]);
    int status = hmz_sealed_save(at, magic, &content, err);
    hmz_buffer_release(&content);
    return status;
}

static int read_checksums(struct hmz_written *self, struct hmz_cursor *cursor, struct hmz_file_at at,
                          struct hmz_error *err)
{
    if (cursor->failed || self->event_count != (uint64_t)(cursor->end - cursor->at) / 8)
        return hmz_sealed_broken(at, err);
    self->checksums = malloc(self->event_count ? self->event_count * sizeof *self->checksums : 1);
    if (!self->checksums)
        return hmz_fail_nomem(err, "checksums");
    for (uint64_t i = 0; i < self->event_count; i++)
        self->checksums[i] = hmz_cursor_u64(cursor);
    return HMZ_OK;
}

int hmz_written_load(struct hmz_written *self_out, struct hmz_file_at at, struct hmz_error *err)
{
    uint8_t *bytes;
    struct hmz_cursor cursor;
    int status = hmz_sealed_load(at, magic, &bytes, &cursor, err);
    if (status != HMZ_OK)
        return status;
    *self_out = (struct hmz_written){.plan_id = hmz_cursor_u64(&cursor)};
    self_out->file_bytes = hmz_cursor_u64(&cursor);
    self_out->hash.high = hmz_cursor_u64(&cursor);
    self_out->hash.low = hmz_cursor_u64(&cursor);
    self_out->first = hmz_event_id_get(&cursor);
    self_out->last = hmz_event_id_get(&cursor);
    self_out->event_count = hmz_cursor_u64(&cursor);
    status = read_checksums(self_out, &cursor, at, err);
    free(bytes);
    return status;
}
