/* SPDX-License-Identifier: MIT */
#include "differences.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sealed_file.h"

static const char magic[] = "HMZDIF1";

static void add(struct hmz_differences *self, const struct hmz_difference_context *context, const char *what)
{
    self->count++;
    if (self->kept == HMZ_DIFFERENCES_KEPT)
        return;
    struct hmz_difference *item = &self->items[self->kept];
    char *file = context->file ? strdup(context->file) : NULL;
    *item = (struct hmz_difference){.context = *context, .what = strdup(what)};
    item->context.file = file;
    self->kept++;
    if (!item->what || (context->file && !file))
        self->failed = true;
}

void hmz_differences_add(struct hmz_differences *self, const struct hmz_difference_context *context,
                         const char *format, ...)
{
    char text[HMZ_ERROR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add(self, context, text);
}

int hmz_differences_check(const struct hmz_differences *self, struct hmz_error *err)
{
    return self->failed ? hmz_fail_nomem(err, "the list of differences") : HMZ_OK;
}

void hmz_differences_release(struct hmz_differences *self)
{
    for (size_t i = 0; i < self->kept; i++) {
        free((char *)self->items[i].context.file);
        free(self->items[i].what);
    }
    *self = (struct hmz_differences){0};
}

int hmz_differences_save(const struct hmz_differences *self, struct hmz_file_at at, struct hmz_error *err)
{
    struct hmz_buffer content = {0};
    hmz_buffer_put_u64(&content, self->count);
    hmz_buffer_put_u64(&content, self->kept);
    for (size_t i = 0; i < self->kept; i++) {
        const struct hmz_difference *item = &self->items[i];
        hmz_buffer_put_u32(&content, (uint32_t)item->context.run);
        hmz_buffer_put_u8(&content, item->context.has_event);
        hmz_buffer_put_u64(&content, item->context.event);
        hmz_buffer_put_u8(&content, item->context.file != NULL);
        hmz_buffer_put_text(&content, item->context.file ? item->context.file : "");
        hmz_buffer_put_text(&content, item->what);
    }
    int status = hmz_sealed_save(at, magic, &content, err);
    hmz_buffer_release(&content);
    return status;
}

static void take_item(struct hmz_differences *self, struct hmz_cursor *from)
{
    struct hmz_difference_context context = {.run = (int32_t)hmz_cursor_u32(from)};
    context.has_event = hmz_cursor_u8(from) != 0;
    context.event = hmz_cursor_u64(from);
    bool has_file = hmz_cursor_u8(from) != 0;
    char *file = hmz_cursor_text(from);
    char *what = hmz_cursor_text(from);
    context.file = has_file ? file : NULL;
    if (file && what)
        add(self, &context, what);
    free(file);
    free(what);
}

int hmz_differences_load(struct hmz_differences *self, struct hmz_file_at at, struct hmz_error *err)
{
    uint8_t *bytes;
    struct hmz_cursor cursor;
    int status = hmz_sealed_load(at, magic, &bytes, &cursor, err);
    if (status != HMZ_OK)
        return status;
    uint64_t count = hmz_cursor_u64(&cursor);
    uint64_t kept = hmz_cursor_u64(&cursor);
    for (uint64_t i = 0; i < kept && !cursor.failed; i++)
        take_item(self, &cursor);
    self->count += count - kept;
    free(bytes);
    return cursor.failed || count < kept ? hmz_sealed_broken(at, err) : HMZ_OK;
}
