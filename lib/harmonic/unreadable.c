/* SPDX-License-Identifier: MIT */
#include "unreadable.h"

#include <stdlib.h>
#include <string.h>

#include "list.h"
#include "plan_file.h"
#include "sealed_file.h"

static const char magic[] = HMZ_UNREADABLE_MAGIC;

void hmz_unreadable_release(struct hmz_unreadable *self)
{
    for (size_t i = 0; i < self->count; i++)
        free(self->items[i].reason);
    free(self->items);
    *self = (struct hmz_unreadable){0};
}

/* The first item that is not before `id`. */
static size_t position(const struct hmz_unreadable *self, const struct hmz_event_id *id)
{
    size_t low = 0;
    size_t high = self->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (hmz_event_id_compare(&self->items[middle].id, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool hmz_unreadable_has(const struct hmz_unreadable *self, const struct hmz_event_id *id)
{
    size_t i = position(self, id);
    return i < self->count && hmz_event_id_compare(&self->items[i].id, id) == 0;
}

int hmz_unreadable_add(struct hmz_unreadable *self, const struct hmz_event_id *id, const char *reason,
                       struct hmz_error *err)
{
    size_t i = position(self, id);
    char *text = strdup(reason);
    if (!text || !hmz_list_add(&self->items, &self->count, sizeof *self->items)) {
        free(text);
        return hmz_fail_nomem(err, "the list of unreadable events");
    }
    struct hmz_unreadable_event *item = &self->items[i];
    memmove(item + 1, item, (self->count - 1 - i) * sizeof *item);
    *item = (struct hmz_unreadable_event){.id = *id, .reason = text};
    return HMZ_OK;
}

int hmz_unreadable_save(const struct hmz_unreadable *self, struct hmz_file_at at, struct hmz_error *err)
{
    struct hmz_buffer content = {0};
    hmz_buffer_put_u64(&content, self->count);
    for (size_t i = 0; i < self->count; i++) {
        hmz_event_id_put(&content, &self->items[i].id);
        hmz_buffer_put_text(&content, self->items[i].reason);
    }
    int status = hmz_sealed_save(at, magic, &content, err);
    hmz_buffer_release(&content);
    return status;
}

static int take_items(struct hmz_unreadable *self, struct hmz_cursor *from, struct hmz_error *err)
{
    uint64_t count = hmz_cursor_u64(from);
    int status = HMZ_OK;
    for (uint64_t i = 0; status == HMZ_OK && i < count && !from->failed; i++) {
        const struct hmz_event_id id = hmz_event_id_get(from);
        char *reason = hmz_cursor_text(from);
        if (reason)
            status = hmz_unreadable_add(self, &id, reason, err);
        free(reason);
    }
    return status;
}

int hmz_unreadable_load(struct hmz_unreadable *self_out, struct hmz_file_at at, struct hmz_error *err)
{
    uint8_t *bytes;
    struct hmz_cursor cursor;
    *self_out = (struct hmz_unreadable){0};
    int status = hmz_sealed_load(at, magic, &bytes, &cursor, err);
    if (status != HMZ_OK)
        return status == HMZ_END ? HMZ_OK : status;
    status = take_items(self_out, &cursor, err);
    free(bytes);
    if (status == HMZ_OK && (cursor.failed || cursor.at != cursor.end))
        status = hmz_sealed_broken(at, err);
    if (status != HMZ_OK)
        hmz_unreadable_release(self_out);
    return status;
}
