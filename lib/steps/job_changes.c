/* SPDX-License-Identifier: MIT */
/* What became of the merged runs since a set was begun, or made, of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "job.h"
#include "job_pieces.h"
#include "path.h"
#include "run_ranges.h"

/* ---- words ---- */

struct time_text {
    char text[48];
};

enum { NS_PER_SECOND = 1000000000 };

/* "2026-02-18 09:30:00 UTC"; `fine`: with its fraction of a second. */
static struct time_text say_time(int64_t ns, bool fine)
{
    struct time_text out = {"?"};
    struct tm parts;
    int64_t fraction = (ns % NS_PER_SECOND + NS_PER_SECOND) % NS_PER_SECOND;
    time_t seconds = (time_t)((ns - fraction) / NS_PER_SECOND);
    char tail[24] = " UTC";
    if (fine)
        snprintf(tail, sizeof tail, ".%09d UTC", (int)fraction);
    if (!gmtime_r(&seconds, &parts) || strftime(out.text, 24, "%Y-%m-%d %H:%M:%S", &parts) == 0)
        return out;
    size_t used = strlen(out.text);
    snprintf(out.text + used, sizeof out.text - used, "%s", tail);
    return out;
}

/* What changed in the same way is told in one line, however many merged runs it is. */
struct changes {
    const struct hmz_job *job;
    struct hmz_job_changes count;
    struct hmz_run_ranges retimed, added, gone, left_out;
    const struct hmz_manifest_input *before, *now; /* the first whose time alone changed */
    const struct hmz_manifest_input *first_gone;
};

static void add(struct hmz_run_ranges *ranges, int32_t run)
{
    hmz_run_ranges_add(ranges, run, (int64_t)run + 1);
}

/* "merged run 57", "merged runs 57, 60 to 62". The caller frees it. */
static char *name_runs(struct hmz_run_ranges *ranges)
{
    char *list = NULL;
    struct hmz_error ignored;
    if (hmz_run_ranges_take_text(ranges, &list, &ignored) != HMZ_OK)
        return NULL;
    char *text = hmz_text_new("merged run%s %s", ranges->count == 1 ? "" : "s", list);
    free(list);
    return text;
}

static void tell_retimed(struct changes *self)
{
    bool fine =
        self->before->identity.mtime_ns / NS_PER_SECOND == self->now->identity.mtime_ns / NS_PER_SECOND;
    const struct time_text before = say_time(self->before->identity.mtime_ns, fine);
    const struct time_text now = say_time(self->now->identity.mtime_ns, fine);
    char *runs = name_runs(&self->retimed);
    if (self->retimed.count == 1)
        hmz_job_note(self->job->options, HMZ_NOTE_ERROR,
                     "merged run %d: its time changed (%s before, %s now), its length did not",
                     self->now->run, before.text, now.text);
    else
        hmz_job_note(self->job->options, HMZ_NOTE_ERROR,
                     "%s: their times changed (run %d: %s before, %s now), their lengths did not",
                     runs ? runs : "merged runs", self->now->run, before.text, now.text);
    free(runs);
}

static void tell_gone(struct changes *self)
{
    char *runs = name_runs(&self->gone);
    if (self->gone.count == 1)
        hmz_job_note(self->job->options, HMZ_NOTE_ERROR,
                     "merged run %d is gone: it is in the set, but %s is not in %s", self->first_gone->run,
                     self->first_gone->file, self->job->config->merger.text);
    else
        hmz_job_note(self->job->options, HMZ_NOTE_ERROR, "%s are gone: they are in the set, but not in %s",
                     runs ? runs : "merged runs", self->job->config->merger.text);
    free(runs);
}

static void tell_others(const struct changes *self, struct hmz_run_ranges *ranges, const char *of_one,
                        const char *of_many)
{
    char *runs = name_runs(ranges);
    hmz_job_note(self->job->options, HMZ_NOTE_ERROR, "%s %s", runs ? runs : "merged runs",
                 ranges->count == 1 ? of_one : of_many);
    free(runs);
}

static void tell_left_out(struct changes *self)
{
    char *runs = name_runs(&self->left_out);
    bool one = self->left_out.count == 1;
    hmz_job_note(self->job->options, HMZ_NOTE_ERROR,
                 "%s %s in the set, but %s of the configuration leave%s %s out", runs ? runs : "merged runs",
                 one ? "is" : "are", hmz_run_selection_keys(&self->job->config->selection),
                 self->job->config->selection.range_count ? "" : "s", one ? "it" : "them");
    free(runs);
}

static void tell(struct changes *self)
{
    if (self->now)
        tell_retimed(self);
    if (self->count.left_out > 0)
        tell_left_out(self);
    if (self->count.gone > 0)
        tell_gone(self);
    if (self->count.added > 0)
        tell_others(self, &self->added, "is new: the set does not have it",
                    "are new: the set does not have them");
}

/* ---- the comparison ---- */

static bool is_there(const struct hmz_job *self, const char *file)
{
    char *path = hmz_run_folders_path(&self->config->merger, file);
    bool there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

static void take_lost(struct changes *self, const struct hmz_manifest_input *before)
{
    if (!hmz_run_selection_has(&self->job->config->selection, before->run) &&
        is_there(self->job, before->file)) {
        add(&self->left_out, before->run);
        self->count.left_out++;
    } else {
        add(&self->gone, before->run);
        if (self->count.gone++ == 0)
            self->first_gone = before;
    }
}

static void take_added(struct changes *self, const struct hmz_manifest_input *now)
{
    add(&self->added, now->run);
    self->count.added++;
}

static void take_both(struct changes *self, const struct hmz_manifest_input *before,
                      const struct hmz_manifest_input *now)
{
    if (hmz_file_identity_same(&before->identity, &now->identity))
        return;
    self->count.changed++;
    if (before->identity.bytes != now->identity.bytes) {
        hmz_job_note(self->job->options, HMZ_NOTE_ERROR,
                     "merged run %d: its length changed (%s bytes before, %s now)%s", now->run,
                     hmz_count_text(before->identity.bytes).text, hmz_count_text(now->identity.bytes).text,
                     before->identity.mtime_ns == now->identity.mtime_ns ? ", its time did not" : "");
        return;
    }
    add(&self->retimed, now->run);
    if (self->now)
        return;
    self->before = before;
    self->now = now;
}

/* Both lists are walked through together. */
struct hmz_job_changes hmz_job_tell_changes(const struct hmz_job *self,
                                            const struct hmz_manifest_input *before, size_t count)
{
    struct changes changes = {.job = self};
    const struct hmz_manifest_input *now = self->manifest.inputs;
    size_t now_count = self->manifest.input_count;
    for (size_t i = 0, k = 0; i < count || k < now_count;) {
        if (i == count || (k < now_count && now[k].run < before[i].run))
            take_added(&changes, &now[k++]);
        else if (k == now_count || before[i].run < now[k].run)
            take_lost(&changes, &before[i++]);
        else
            take_both(&changes, &before[i++], &now[k++]);
    }
    tell(&changes);
    return changes.count;
}

int hmz_job_tell_plan_changes(const struct hmz_job *self, const struct hmz_plan *before,
                              struct hmz_job_changes *out, struct hmz_error *err)
{
    struct hmz_manifest_input *inputs = calloc(before->run_count + 1, sizeof *inputs);
    if (!inputs)
        return hmz_fail_nomem(err, "the list of runs");
    for (size_t i = 0; i < before->run_count; i++)
        inputs[i] = (struct hmz_manifest_input){.run = before->runs[i].run,
                                                .file = (char *)hmz_path_name(before->runs[i].path),
                                                .identity = before->runs[i].identity};
    *out = hmz_job_tell_changes(self, inputs, before->run_count);
    free(inputs);
    return HMZ_OK;
}
