/* SPDX-License-Identifier: MIT */
/* Merged runs that may not be what their names say: warnings, which stop nothing. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "job_pieces.h"

enum { PAIRS_SHOWN = 5 };

/* ---- one file under two names ---- */

static int compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int by_file(const void *left, const void *right)
{
    const struct hmz_run_file *a = *(const struct hmz_run_file *const *)left;
    const struct hmz_run_file *b = *(const struct hmz_run_file *const *)right;
    int order = compare(a->device, b->device);
    order = order ? order : compare(a->inode, b->inode);
    return order ? order : compare((uint64_t)a->run, (uint64_t)b->run);
}

/* Length and time, too: where a file system has no numbers of its own for files, many have the same. */
static bool is_one_file(const struct hmz_run_file *a, const struct hmz_run_file *b)
{
    return a->device == b->device && a->inode == b->inode &&
           hmz_file_identity_same(&a->identity, &b->identity);
}

int hmz_job_warn_of_same_files(const struct hmz_job *self, struct hmz_error *err)
{
    size_t count = self->runs->count;
    size_t pairs = 0;
    const struct hmz_run_file **files = calloc(count + 1, sizeof *files);
    if (!files)
        return hmz_fail_nomem(err, "the list of runs");
    for (size_t i = 0; i < count; i++)
        files[i] = &self->runs->runs[i];
    qsort(files, count, sizeof *files, by_file);
    for (size_t i = 1; i < count; i++)
        if (is_one_file(files[i - 1], files[i]) && ++pairs <= PAIRS_SHOWN)
            hmz_job_note(
                self->options, HMZ_NOTE_WARNING,
                "merged runs %d and %d are one and the same file, under the names %s and %s: its events will "
                "be in the set twice",
                files[i - 1]->run, files[i]->run, files[i - 1]->name, files[i]->name);
    if (pairs > PAIRS_SHOWN)
        hmz_job_note(self->options, HMZ_NOTE_WARNING, "%zu more pairs of merged runs are one file each",
                     pairs - PAIRS_SHOWN);
    free(files);
    return HMZ_OK;
}

/* ---- the number that FRIBDAQ gave ---- */

/* 0 is what the merger leaves where it was told none. */
static uint32_t frib_run_of(const struct hmz_report_run *run)
{
    const struct hmz_run_info *info = &run->index.info;
    return !run->left_out && (info->present & HMZ_RUN_HAS_FRIB_INFO) ? info->frib_run : 0;
}

static int by_frib_run(const void *left, const void *right)
{
    const struct hmz_report_run *a = *(const struct hmz_report_run *const *)left;
    const struct hmz_report_run *b = *(const struct hmz_report_run *const *)right;
    int order = compare(frib_run_of(a), frib_run_of(b));
    return order ? order : compare((uint64_t)a->index.run, (uint64_t)b->index.run);
}

static void warn_of_other_numbers(const struct hmz_job *self)
{
    size_t count = 0;
    char pairs[PAIRS_SHOWN * 48] = "";
    for (size_t i = 0; i < self->report.run_count; i++) {
        const struct hmz_report_run *run = &self->report.runs[i];
        uint32_t frib_run = frib_run_of(run);
        if (frib_run == 0 || frib_run == (uint32_t)run->index.run || count++ >= PAIRS_SHOWN)
            continue;
        size_t used = strlen(pairs);
        snprintf(pairs + used, sizeof pairs - used,
                 used ? ", %d says %" PRIu32 : "%d says that it is run %" PRIu32, run->index.run, frib_run);
    }
    if (count > 0)
        hmz_job_note(
            self->options, HMZ_NOTE_WARNING,
            "merged run %s%s (frib_run, the number that FRIBDAQ gave): was the file renamed, or merged with "
            "the FRIB data of another run?",
            pairs, count > PAIRS_SHOWN ? " and more" : "");
}

static const struct hmz_run_file *file_of(const struct hmz_job *self, const struct hmz_report_run *run)
{
    for (size_t i = 0; i < self->runs->count; i++)
        if (self->runs->runs[i].run == run->index.run)
            return &self->runs->runs[i];
    return NULL;
}

/* Two files, or one that was told of as that. */
static bool are_two(const struct hmz_job *self, const struct hmz_report_run *a,
                    const struct hmz_report_run *b)
{
    const struct hmz_run_file *first = file_of(self, a);
    const struct hmz_run_file *second = file_of(self, b);
    return !first || !second || !is_one_file(first, second);
}

static void warn_of_pairs(const struct hmz_job *self, const struct hmz_report_run *const *runs, size_t count)
{
    size_t pairs = 0;
    for (size_t i = 1; i < count; i++)
        if (frib_run_of(runs[i]) != 0 && frib_run_of(runs[i - 1]) == frib_run_of(runs[i]) &&
            are_two(self, runs[i - 1], runs[i]) && ++pairs <= PAIRS_SHOWN)
            hmz_job_note(self->options, HMZ_NOTE_WARNING,
                         "merged runs %d and %d have the same frib_run, %" PRIu32
                         ": is one a copy of the other?",
                         runs[i - 1]->index.run, runs[i]->index.run, frib_run_of(runs[i]));
    if (pairs > PAIRS_SHOWN)
        hmz_job_note(self->options, HMZ_NOTE_WARNING, "%zu more pairs of merged runs have the same frib_run",
                     pairs - PAIRS_SHOWN);
}

int hmz_job_warn_of_numbers(const struct hmz_job *self, struct hmz_error *err)
{
    size_t count = self->report.run_count;
    const struct hmz_report_run **runs = calloc(count + 1, sizeof *runs);
    if (!runs)
        return hmz_fail_nomem(err, "the list of runs");
    for (size_t i = 0; i < count; i++)
        runs[i] = &self->report.runs[i];
    qsort(runs, count, sizeof *runs, by_frib_run);
    warn_of_other_numbers(self);
    warn_of_pairs(self, runs, count);
    free(runs);
    return HMZ_OK;
}
