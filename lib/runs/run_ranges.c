/* SPDX-License-Identifier: MIT */
#include "run_ranges.h"

#include <inttypes.h>
#include <stdio.h>

#include "bytes.h"
#include "path.h"

enum { RANGES_SHOWN = 20 };

static void end_range(struct hmz_run_ranges *self)
{
    uint64_t count = (uint64_t)(self->end - self->first);
    char text[64];
    const char *comma = self->shown > 0 ? ", " : "";
    int length;
    if (count == 0)
        return;
    self->count += count;
    if (self->shown == RANGES_SHOWN) {
        self->hidden_count += count;
        return;
    }
    if (count == 1)
        length = snprintf(text, sizeof text, "%s%" PRId64, comma, self->first);
    else
        length = snprintf(text, sizeof text, "%s%" PRId64 "%s%" PRId64, comma, self->first,
                          count == 2 ? ", " : " to ", self->end - 1);
    hmz_buffer_put(&self->text, text, (size_t)length);
    self->shown++;
}

void hmz_run_ranges_add(struct hmz_run_ranges *self, int64_t first, int64_t end)
{
    if (first >= end)
        return;
    if (first != self->end) {
        end_range(self);
        self->first = first;
    }
    self->end = end;
}

int hmz_run_ranges_take_text(struct hmz_run_ranges *self, char **text_out, struct hmz_error *err)
{
    end_range(self);
    int status = hmz_buffer_check(&self->text, "the lists of runs", err);
    const char *text = self->text.used ? (const char *)self->text.data : "";
    if (status == HMZ_OK && self->hidden_count)
        *text_out = hmz_text_new("%.*s and %s more", (int)self->text.used, text,
                                 hmz_count_text(self->hidden_count).text);
    else if (status == HMZ_OK)
        *text_out = hmz_text_new("%.*s", (int)self->text.used, text);
    hmz_run_ranges_release(self);
    return status == HMZ_OK && !*text_out ? hmz_fail_nomem(err, "the lists of runs") : status;
}

void hmz_run_ranges_release(struct hmz_run_ranges *self)
{
    hmz_buffer_release(&self->text);
}
