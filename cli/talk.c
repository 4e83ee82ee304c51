/* SPDX-License-Identifier: MIT */
#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "say.h"

static uint64_t now_ns(void)
{
    struct timespec now;
    if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
        return 0;
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static unsigned terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static void on_stage(void *data, const char *name, uint64_t events, uint64_t bytes)
{
    struct hmz_talk *self = data;
    uint64_t now = now_ns();
    hmz_progress_start(&self->progress, name, events, bytes, now);
    if (!self->begun)
        hmz_bar_start(&self->bar, STDERR_FILENO, self->mode, terminal_width(), now);
    self->begun = true;
}

static void on_advance(void *data, uint64_t events, uint64_t bytes)
{
    struct hmz_talk *self = data;
    uint64_t now = now_ns();
    if (!self->begun)
        return;
    hmz_progress_add(&self->progress, events, bytes);
    hmz_progress_tick(&self->progress, now);
    hmz_bar_resize(&self->bar, terminal_width());
    hmz_bar_draw(&self->bar, &self->progress, now);
}

static void on_keep(void *data, uint64_t events, uint64_t bytes)
{
    struct hmz_talk *self = data;
    if (self->begun)
        hmz_progress_keep(&self->progress, events, bytes);
}

/* Warnings, skipped events and errors are printed with --quiet too. */
static void on_note(void *data, enum hmz_note_kind kind, const char *text)
{
    static const char *const words[] = {
        [HMZ_NOTE_WARNING] = "warning: ", [HMZ_NOTE_SKIPPED] = "skipped: ", [HMZ_NOTE_ERROR] = ""};
    struct hmz_talk *self = data;
    if (self->begun)
        hmz_bar_clear(&self->bar);
    hmz_say(stderr, "harmonizer: %s%s\n", words[kind], text);
}

void hmz_talk_begin(struct hmz_talk *self, bool quiet)
{
    const char *terminal = getenv("TERM");
    bool redraws = isatty(STDERR_FILENO) && terminal && strcmp(terminal, "dumb") != 0;
    enum hmz_bar_mode mode = redraws ? HMZ_BAR_TERMINAL : HMZ_BAR_LINES;
    *self = (struct hmz_talk){.mode = quiet ? HMZ_BAR_QUIET : mode};
}

void hmz_talk_end(struct hmz_talk *self)
{
    if (self->begun)
        hmz_bar_clear(&self->bar);
    self->begun = false;
}

struct hmz_job_options hmz_talk_job_options(struct hmz_talk *self, const struct hmz_command_input *input)
{
    return (struct hmz_job_options){
        .program = input->program,
        .jobs = input->opts->jobs,
        .stall_seconds = input->opts->stall_seconds,
        .stop = input->stop,
        .force = input->opts->force,
        .discard_events = input->opts->discard_events,
        .skip_bad = input->opts->skip_bad,
        .shard = input->opts->shard,
        .shard_count = input->opts->shard_count,
        .listener =
            {.data = self, .stage = on_stage, .advance = on_advance, .keep = on_keep, .note = on_note},
    };
}
