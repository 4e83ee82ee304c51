/* SPDX-License-Identifier: MIT */
/* Draws the progress of a stage (progress.h) to a file descriptor, as a rule that of stderr:
 *
 *     write  [=========>          ]  47 %  12,345 of 26,000 events  1.02 GB/s  3 min 07 s left
 *
 * On a terminal this is one line that is drawn over itself, at most five times a second, in plain ASCII, and
 * always shorter than the terminal is wide, so that it never wraps: what does not fit is left out, the bar
 * first; the percentage stays longest. Elsewhere (a log, a batch job) the same words without the bar
 * are one line every 30 s, the first after 30 s.
 *
 *     hmz_bar_start(&bar, fd, mode, columns, now_ns)
 *     hmz_bar_draw(&bar, &progress, now_ns)      as often as the caller likes; draws when it is time
 *     hmz_bar_clear(&bar)                        before any other line goes to the terminal, and at the end
 *
 * After hmz_bar_clear() the next hmz_bar_draw() that is due brings the line back. The module reads no clock;
 * the times are nanoseconds of any clock, and one that jumps delays or hastens one line at most. Writing is
 * best effort: a terminal that has gone must not end the job, so nothing here fails. */
#ifndef HMZ_BAR_H
#define HMZ_BAR_H

#include <stdbool.h>
#include <stdint.h>

#include "progress.h"

enum hmz_bar_mode {
    HMZ_BAR_QUIET,    /* nothing at all */
    HMZ_BAR_TERMINAL, /* one line that is redrawn */
    HMZ_BAR_LINES,    /* a line every 30 s */
};

enum {
    HMZ_BAR_DRAW_NS = 200000000,
    HMZ_BAR_COLUMNS = 80,      /* where the width is not known */
    HMZ_BAR_COLUMNS_MAX = 250, /* wider terminals are not filled */
};

#define HMZ_BAR_LINE_NS UINT64_C(30000000000)

struct hmz_bar {
    int fd; /* borrowed */
    enum hmz_bar_mode mode;
    uint32_t columns;
    uint64_t drawn_ns; /* the last drawing; before the first one: the start */
    bool drawn;
    bool shown; /* the cursor stands behind a drawn line */
};

/*   columns   width of the terminal in characters (TIOCGWINSZ); 0 is not known: 80. Not used elsewhere */
void hmz_bar_start(struct hmz_bar *self, int fd, enum hmz_bar_mode mode, uint32_t columns, uint64_t now_ns);

/* The terminal has another width from now on. */
void hmz_bar_resize(struct hmz_bar *self, uint32_t columns);

/* Draws if it is time to: on a terminal at once, then when 0.2 s have passed; elsewhere when 30 s have. */
void hmz_bar_draw(struct hmz_bar *self, const struct hmz_progress *progress, uint64_t now_ns);

/* Wipes the line off the terminal where one is shown; the cursor is at the start of an empty line. */
void hmz_bar_clear(struct hmz_bar *self);

#endif
