/* SPDX-License-Identifier: MIT */
#include "bar.h"

#include <string.h>

#include "bytes.h"

enum { REDRAW_NS = 200000000, WIDTH_DEFAULT = 80, WIDTH_LEAST = 10, BAR_LEAST = 8, TEXT_BYTES = 256 };
static const int64_t line_ns = 30000000000;

void hmz_bar_begin(struct hmz_bar *self, FILE *to, enum hmz_bar_style style, int64_t now_ns)
{
    *self = (struct hmz_bar){.to = to, .style = style, .drawn_ns = now_ns};
}

struct line {
    char text[TEXT_BYTES];
};

/* Cuts what does not fit: a line is never longer than any terminal. */
static void append(struct line *line, const char *text)
{
    size_t used = strlen(line->text);
    const char *const parts[] = {used ? "  " : "", text};
    for (size_t i = 0; i < 2; i++) {
        size_t length = strlen(parts[i]);
        if (length > sizeof line->text - 1 - used)
            length = sizeof line->text - 1 - used;
        memcpy(line->text + used, parts[i], length);
        used += length;
    }
    line->text[used] = '\0';
}

/* "12,345 of 26,000 events  1.02 GB/s  3 min 07 s left" */
static struct line numbers_of(const struct hmz_progress *progress, int64_t now_ns)
{
    struct line line = {""};
    char text[TEXT_BYTES];
    if (progress->total_events > 0)
        snprintf(text, sizeof text, "%s of %s events", hmz_count_text(progress->events).text,
                 hmz_count_text(progress->total_events).text);
    else
        snprintf(text, sizeof text, "%s events", hmz_count_text(progress->events).text);
    append(&line, text);
    struct hmz_progress_rate rate = hmz_progress_rate(progress, now_ns);
    if (rate.bytes >= 1) {
        snprintf(text, sizeof text, "%s/s", hmz_bytes_text((uint64_t)rate.bytes).text);
        append(&line, text);
    }
    double left = hmz_progress_seconds_left(progress, now_ns);
    if (left >= 0) {
        snprintf(text, sizeof text, "%s left", hmz_duration_text(left).text);
        append(&line, text);
    }
    return line;
}

static struct line percent_of(double fraction)
{
    struct line line = {""};
    if (fraction >= 0)
        snprintf(line.text, sizeof line.text, "%3d %%", (int)(100 * fraction));
    return line;
}

/* "[=========>          ]" of `width` characters. */
static struct line bar_of(double fraction, size_t width)
{
    struct line line = {""};
    size_t inner = width < TEXT_BYTES - 4 ? width - 2 : TEXT_BYTES - 6;
    size_t done = (size_t)((double)inner * fraction);
    memset(line.text + 1, ' ', inner);
    memset(line.text + 1, '=', done);
    if (done < inner)
        line.text[1 + done] = '>';
    line.text[0] = '[';
    line.text[1 + inner] = ']';
    line.text[2 + inner] = '\0';
    return line;
}

enum { BAR_MOST = 40 };

/* What fits into the width goes in: the numbers first, then as much of a bar as there is room for. */
static struct line compose(const struct hmz_progress *progress, unsigned width, int64_t now_ns)
{
    struct line line = {""};
    double fraction = hmz_progress_fraction(progress);
    struct line numbers = numbers_of(progress, now_ns);
    struct line percent = percent_of(fraction);
    size_t room = (width ? width : WIDTH_DEFAULT) - 1; /* a full last column wraps on some terminals */
    size_t fixed = strlen(progress->stage) + 2 + strlen(percent.text) + 2 + strlen(numbers.text) + 2;
    append(&line, progress->stage);
    if (fraction >= 0 && room > fixed + BAR_LEAST)
        append(&line, bar_of(fraction, room - fixed < BAR_MOST ? room - fixed : BAR_MOST).text);
    if (fraction >= 0)
        append(&line, percent.text);
    append(&line, numbers.text);
    if (strlen(line.text) > room)
        line.text[room] = '\0';
    return line;
}

void hmz_bar_clear(struct hmz_bar *self)
{
    if (!self->shown)
        return;
    fputs("\r\033[K", self->to);
    fflush(self->to);
    self->shown = false;
    self->drawn_ns -= REDRAW_NS;
}

static void draw(struct hmz_bar *self, const struct hmz_progress *progress, unsigned width, int64_t now_ns)
{
    unsigned columns = width >= WIDTH_LEAST || width == 0 ? width : WIDTH_LEAST;
    fprintf(self->to, "\r%s\033[K", compose(progress, columns, now_ns).text);
    fflush(self->to);
    self->shown = true;
}

static void print_line(struct hmz_bar *self, const struct hmz_progress *progress, int64_t now_ns)
{
    struct line line = {""};
    append(&line, progress->stage);
    if (hmz_progress_fraction(progress) >= 0)
        append(&line, percent_of(hmz_progress_fraction(progress)).text);
    append(&line, numbers_of(progress, now_ns).text);
    fprintf(self->to, "%s\n", line.text);
    fflush(self->to);
}

void hmz_bar_update(struct hmz_bar *self, const struct hmz_progress *progress, unsigned width, int64_t now_ns)
{
    int64_t wait = self->style == HMZ_BAR_LINES ? line_ns : REDRAW_NS;
    if (self->style == HMZ_BAR_QUIET || now_ns - self->drawn_ns < wait)
        return;
    self->drawn_ns = now_ns;
    if (self->style == HMZ_BAR_LINES)
        print_line(self, progress, now_ns);
    else
        draw(self, progress, width, now_ns);
}
