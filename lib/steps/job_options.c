/* SPDX-License-Identifier: MIT */
#include "job_options.h"

#include <stdio.h>

void hmz_job_note(const struct hmz_job_options *self, enum hmz_note_kind kind, const char *format, ...)
{
    const struct hmz_job_listener *listener = &self->listener;
    char text[HMZ_ERROR_TEXT_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (listener->note)
        listener->note(listener->data, kind, text);
}

void hmz_job_stage(const struct hmz_job_options *self, const char *name, uint64_t events, uint64_t bytes)
{
    const struct hmz_job_listener *listener = &self->listener;
    if (listener->stage)
        listener->stage(listener->data, name, events, bytes);
}

static void on_progress(void *data, uint64_t events, uint64_t bytes)
{
    const struct hmz_job_listener *listener = data;
    if (listener->advance)
        listener->advance(listener->data, events, bytes);
}

struct hmz_pool_options hmz_job_pool_options(const struct hmz_job_options *self, enum hmz_pool_policy policy)
{
    return (struct hmz_pool_options){.program = self->program,
                                     .jobs = self->jobs,
                                     .stall_seconds = self->stall_seconds,
                                     .policy = policy,
                                     .stop = self->stop,
                                     .progress = on_progress,
                                     .progress_data = (void *)&self->listener};
}
