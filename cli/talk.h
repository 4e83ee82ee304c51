/* SPDX-License-Identifier: MIT */
/* How the program talks while a job runs: progress on stderr, notes between. */
#ifndef HMZ_TALK_H
#define HMZ_TALK_H

#include <stdbool.h>

#include "bar.h"
#include "commands.h"
#include "job.h"
#include "progress.h"

struct hmz_talk {
    enum hmz_bar_mode mode;
    bool begun; /* a stage is on */
    struct hmz_progress progress;
    struct hmz_bar bar;
};

void hmz_talk_begin(struct hmz_talk *self, bool quiet);
void hmz_talk_end(struct hmz_talk *self); /* takes the bar away */

/* Options of a job as the command line wants them; `self` listens. */
struct hmz_job_options hmz_talk_job_options(struct hmz_talk *self, const struct hmz_command_input *input);

#endif
