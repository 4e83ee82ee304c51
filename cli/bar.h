/* SPDX-License-Identifier: MIT */
/* Draws progress: a bar on a terminal, redrawn in place at most five times a second; elsewhere a line every
 * thirty seconds; nothing where quiet. The clock and the width are given by the caller. */
#ifndef HMZ_BAR_H
#define HMZ_BAR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "progress.h"

enum hmz_bar_style { HMZ_BAR_QUIET, HMZ_BAR_TERMINAL, HMZ_BAR_LINES };

struct hmz_bar {
    FILE *to; /* borrowed */
    enum hmz_bar_style style;
    int64_t drawn_ns; /* last */
    bool shown;       /* a bar is on the line of the cursor */
};

void hmz_bar_begin(struct hmz_bar *self, FILE *to, enum hmz_bar_style style, int64_t now_ns);

/* Draws where it is time to. `width`: columns of the terminal, 0 where unknown (then 80). */
void hmz_bar_update(struct hmz_bar *self, const struct hmz_progress *progress, unsigned width,
                    int64_t now_ns);

/* Takes the bar off the screen, so that something else can be printed; the next update draws it again. */
void hmz_bar_clear(struct hmz_bar *self);

#endif
