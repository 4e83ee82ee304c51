/* SPDX-License-Identifier: MIT */
/* The shell script that submits the three steps to Slurm: what `slurm` runs and `slurm --print` shows. */
#ifndef HMZ_SLURM_SCRIPT_H
#define HMZ_SLURM_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { HMZ_SLURM_LEFT = 3 }; /* exit code of the script: it failed, and a job may be left in the queue */

struct hmz_slurm_script {
    const char *program; /* absolute, as `config` and `folder`; none holds a control character */
    const char *config;
    const char *folder; /* relative paths of the configuration start here */
    uint32_t shards;
    uint32_t jobs;             /* worker processes of each step; 0: as many as Slurm gives processors to it */
    const char *const *sbatch; /* options for sbatch, as given */
    int sbatch_count;
    bool force, discard_events, skip_bad;
};

/* Whatever the paths and options hold, the shell gets them as they are. */
void hmz_slurm_script_print(FILE *to, const struct hmz_slurm_script *self);

#endif
