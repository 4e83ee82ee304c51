/* SPDX-License-Identifier: MIT */
#include "bar.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bytes.h"
#include "posix_io.h"

enum {
    PIECE_BYTES = 96,
    BAR_LEAST = 4, /* inside the brackets */
    BAR_MOST = 40,
    LINE_BYTES = HMZ_BAR_COLUMNS_MAX + 1,
};

/* The pieces in the order in which they stand on the line. The bar comes after the stage. */
enum piece { STAGE, PERCENT, COUNT, RATE, LEFT, PIECES };

struct pieces {
    char text[PIECES][PIECE_BYTES]; /* with the spaces before it; empty where there is nothing to say */
    size_t length[PIECES];          /* the most it takes in this stage: the bar must not change its width */
    bool shown[PIECES];
};

static void write_stage(struct pieces *pieces, const struct hmz_progress *progress)
{
    snprintf(pieces->text[STAGE], PIECE_BYTES, "%s", progress->stage);
}

static void write_percent(struct pieces *pieces, const struct hmz_progress_view *view)
{
    /* Rounded down: 100 % is said when all is done. */
    if (view->has_fraction)
        snprintf(pieces->text[PERCENT], PIECE_BYTES, " %3d %%", (int)(view->fraction * 100));
}

static void write_count(struct pieces *pieces, const struct hmz_progress *progress)
{
    char *text = pieces->text[COUNT];
    struct hmz_number_text total = hmz_count_text(progress->total_events);
    if (progress->total_events > 0) {
        snprintf(text, PIECE_BYTES, "  %s of %s events", hmz_count_text(progress->done_events).text,
                 total.text);
        pieces->length[COUNT] = strlen("   of  events") + 2 * strlen(total.text);
    } else if (progress->total_bytes > 0) {
        snprintf(text, PIECE_BYTES, "  %s of %s", hmz_bytes_text(progress->done_bytes).text,
                 hmz_bytes_text(progress->total_bytes).text);
        pieces->length[COUNT] = strlen("  999 bytes of 9.99 GB");
    } else {
        snprintf(text, PIECE_BYTES, "  %s events", hmz_count_text(progress->done_events).text);
    }
}

/* A rate as a whole number: none of ours comes near 2^63. */
static uint64_t whole(double value)
{
    return value < 9e18 ? (uint64_t)(value + 0.5) : UINT64_C(9000000000000000000);
}

static void write_rate(struct pieces *pieces, const struct hmz_progress *progress,
                       const struct hmz_progress_view *view)
{
    char *text = pieces->text[RATE];
    if (!view->has_rate)
        return;
    if (progress->total_bytes > 0 || progress->done_bytes > 0)
        snprintf(text, PIECE_BYTES, "  %s/s", hmz_bytes_text(whole(view->bytes_per_s)).text);
    else
        snprintf(text, PIECE_BYTES, "  %s events/s", hmz_count_text(whole(view->events_per_s)).text);
    pieces->length[RATE] = strlen("  1.02 GB/s");
}

static void write_left(struct pieces *pieces, const struct hmz_progress_view *view)
{
    if (!view->has_left)
        return;
    /* Below a minute in whole seconds: a prediction has no tenths. */
    if (view->left_s < 59.5)
        snprintf(pieces->text[LEFT], PIECE_BYTES, "  %" PRIu64 " s left", whole(view->left_s));
    else
        snprintf(pieces->text[LEFT], PIECE_BYTES, "  %s left",
                 hmz_duration_text((double)whole(view->left_s)).text);
    pieces->length[LEFT] = strlen("  59 min 59 s left");
}

static void write_pieces(struct pieces *pieces, const struct hmz_progress *progress)
{
    struct hmz_progress_view view = hmz_progress_view(progress);
    memset(pieces, 0, sizeof *pieces);
    write_stage(pieces, progress);
    write_percent(pieces, &view);
    write_count(pieces, progress);
    write_rate(pieces, progress, &view);
    write_left(pieces, &view);
    for (int i = 0; i < PIECES; i++) {
        size_t length = strlen(pieces->text[i]);
        if (pieces->length[i] < length)
            pieces->length[i] = length;
    }
}

/* Marks what fits into `room` characters, the most telling first, and returns the room that is left. */
static size_t choose_pieces(struct pieces *pieces, size_t room)
{
    static const enum piece by_worth[] = {PERCENT, STAGE, LEFT, COUNT, RATE};
    for (size_t i = 0; i < PIECES; i++) {
        enum piece piece = by_worth[i];
        pieces->shown[piece] = pieces->text[piece][0] && pieces->length[piece] <= room;
        if (pieces->shown[piece])
            room -= pieces->length[piece];
    }
    return room;
}

static size_t append(char *line, size_t used, const char *text)
{
    size_t length = strlen(text);
    if (used + length >= LINE_BYTES)
        return used;
    memcpy(line + used, text, length + 1);
    return used + length;
}

static size_t append_bar(char *line, size_t used, size_t inside, double fraction)
{
    char bar[BAR_MOST + 1];
    size_t filled = (size_t)(fraction * (double)inside);
    memset(bar, '=', filled);
    memset(bar + filled, ' ', inside - filled);
    if (filled < inside)
        bar[filled] = '>';
    bar[inside] = '\0';
    used = append(line, used, "  [");
    used = append(line, used, bar);
    return append(line, used, "]");
}

static void write_terminal_line(char *line, const struct hmz_progress *progress, size_t room)
{
    static const size_t around_bar = 4; /* two spaces, two brackets */
    struct pieces pieces;
    write_pieces(&pieces, progress);
    size_t spare = choose_pieces(&pieces, room);
    size_t used = 0;
    line[0] = '\0';
    for (int i = 0; i < PIECES; i++) {
        if (pieces.shown[i])
            used = append(line, used, pieces.text[i]);
        if (i == STAGE && pieces.shown[PERCENT] && spare >= around_bar + BAR_LEAST) {
            size_t inside = spare - around_bar;
            used = append_bar(line, used, inside < BAR_MOST ? inside : BAR_MOST,
                              hmz_progress_view(progress).fraction);
        }
    }
}

static void write_log_line(char *line, const struct hmz_progress *progress)
{
    struct pieces pieces;
    write_pieces(&pieces, progress);
    size_t used = 0;
    line[0] = '\0';
    for (int i = 0; i < PIECES; i++)
        used = append(line, used, pieces.text[i]);
}

static void put(const struct hmz_bar *self, const char *text)
{
    struct hmz_error err;
    /* Best effort: see the header. */
    hmz_ignore(hmz_io_write_stream(self->fd, text, strlen(text), &err));
}

void hmz_bar_start(struct hmz_bar *self, int fd, enum hmz_bar_mode mode, uint32_t columns, uint64_t now_ns)
{
    *self = (struct hmz_bar){.fd = fd, .mode = mode, .drawn_ns = now_ns};
    hmz_bar_resize(self, columns);
}

void hmz_bar_resize(struct hmz_bar *self, uint32_t columns)
{
    if (columns == 0)
        columns = HMZ_BAR_COLUMNS;
    self->columns = columns < HMZ_BAR_COLUMNS_MAX ? columns : HMZ_BAR_COLUMNS_MAX;
}

static bool is_due(struct hmz_bar *self, uint64_t now_ns)
{
    uint64_t pause_ns = self->mode == HMZ_BAR_TERMINAL ? HMZ_BAR_DRAW_NS : HMZ_BAR_LINE_NS;
    if (self->mode == HMZ_BAR_QUIET)
        return false;
    if (self->mode == HMZ_BAR_TERMINAL && !self->drawn)
        return true;
    /* A clock that was put back must not silence the bar until it has caught up. */
    if (now_ns < self->drawn_ns)
        self->drawn_ns = now_ns;
    return now_ns - self->drawn_ns >= pause_ns;
}

void hmz_bar_draw(struct hmz_bar *self, const struct hmz_progress *progress, uint64_t now_ns)
{
    char line[LINE_BYTES];
    char out[LINE_BYTES + 16];
    if (!is_due(self, now_ns))
        return;
    self->drawn = true;
    self->drawn_ns = now_ns;
    if (self->mode == HMZ_BAR_LINES) {
        write_log_line(line, progress);
        snprintf(out, sizeof out, "%s\n", line);
    } else {
        /* One column stays free: many terminals wrap when the last one is written. */
        write_terminal_line(line, progress, self->columns - 1);
        snprintf(out, sizeof out, "\r%s\033[K", line);
        self->shown = true;
    }
    put(self, out);
}

void hmz_bar_clear(struct hmz_bar *self)
{
    if (self->shown)
        put(self, "\r\033[K");
    self->shown = false;
}
