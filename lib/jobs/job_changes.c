/* SPDX-License-Identifier: MIT */
/* What became of the merged runs since a set was begun, or made, of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bytes.h"
#include "job.h"
#include "path.h"

bool hmz_job_leaves_out(const struct hmz_config *config, int32_t run)
{
    bool out = run < config->min_run || run > config->max_run;
    for (size_t i = 0; !out && i < config->skip_count; i++)
        out = config->skip_runs[i] == run;
    return out;
}

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

static void tell_changed(const struct hmz_job *self, const struct hmz_manifest_input *before,
                         const struct hmz_manifest_input *now)
{
    bool fine = before->mtime_ns / NS_PER_SECOND == now->mtime_ns / NS_PER_SECOND;
    const struct time_text then_text = say_time(before->mtime_ns, fine);
    const struct time_text now_text = say_time(now->mtime_ns, fine);
    if (before->bytes == now->bytes)
        hmz_job_note(self, HMZ_NOTE_ERROR,
                     "merged run %d: its time changed (%s before, %s now), its length did not", now->run,
                     then_text.text, now_text.text);
    else
        hmz_job_note(self, HMZ_NOTE_ERROR, "merged run %d: its length changed (%s bytes before, %s now)%s",
                     now->run, hmz_count_text(before->bytes).text, hmz_count_text(now->bytes).text,
                     before->mtime_ns == now->mtime_ns ? ", its time did not" : "");
}

static bool is_there(const struct hmz_job *self, const char *file)
{
    char *path = hmz_path_join(self->config->merger_path, file);
    bool there = path && access(path, F_OK) == 0;
    free(path);
    return there;
}

static void tell_lost(const struct hmz_job *self, const struct hmz_manifest_input *before,
                      struct hmz_job_changes *out)
{
    if (hmz_job_leaves_out(self->config, before->run) && is_there(self, before->file)) {
        hmz_job_note(self, HMZ_NOTE_ERROR,
                     "merged run %d is in the set, but min_run, max_run and skip_runs of the configuration "
                     "leave it out",
                     before->run);
        out->left_out++;
    } else {
        hmz_job_note(self, HMZ_NOTE_ERROR, "merged run %d is gone: it is in the set, but %s is not in %s",
                     before->run, before->file, self->config->merger_path);
        out->gone++;
    }
}

/* ---- the comparison ---- */

static bool is_same(const struct hmz_manifest_input *a, const struct hmz_manifest_input *b)
{
    return a->bytes == b->bytes && a->mtime_ns == b->mtime_ns;
}

static void tell_added(const struct hmz_job *self, const struct hmz_manifest_input *now,
                       struct hmz_job_changes *out)
{
    hmz_job_note(self, HMZ_NOTE_ERROR, "merged run %d is new: the set does not have it", now->run);
    out->added++;
}

static void compare(const struct hmz_job *self, const struct hmz_manifest_input *before,
                    const struct hmz_manifest_input *now, struct hmz_job_changes *out)
{
    if (is_same(before, now))
        return;
    tell_changed(self, before, now);
    out->changed++;
}

/* Both lists are walked through together. */
struct hmz_job_changes hmz_job_tell_changes(const struct hmz_job *self,
                                            const struct hmz_manifest_input *before, size_t count)
{
    struct hmz_job_changes out = {0};
    const struct hmz_manifest_input *now = self->manifest.inputs;
    size_t now_count = self->manifest.input_count;
    for (size_t i = 0, k = 0; i < count || k < now_count;) {
        if (i == count || (k < now_count && now[k].run < before[i].run))
            tell_added(self, &now[k++], &out);
        else if (k == now_count || before[i].run < now[k].run)
            tell_lost(self, &before[i++], &out);
        else
            compare(self, &before[i++], &now[k++], &out);
    }
    return out;
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
                                                .bytes = before->runs[i].identity.bytes,
                                                .mtime_ns = before->runs[i].identity.mtime_ns};
    *out = hmz_job_tell_changes(self, inputs, before->run_count);
    free(inputs);
    return HMZ_OK;
}
