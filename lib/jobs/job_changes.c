/* SPDX-License-Identifier: MIT */
/* What became of the merged runs since a plan was made of them. Both lists are in order of run. */
#include "job.h"

static bool is_same_file(const struct hmz_run_file *file, const struct hmz_plan_run *run)
{
    return file->bytes == run->identity.bytes && file->mtime_ns == run->identity.mtime_ns;
}

size_t hmz_job_tell_changes(const struct hmz_job *self, const struct hmz_plan *before, const char *since,
                            size_t *changed_out)
{
    const struct hmz_run_file *file = self->runs->runs;
    const struct hmz_run_file *files_end = file + self->runs->count;
    const struct hmz_plan_run *run = before->runs;
    const struct hmz_plan_run *runs_end = run + before->run_count;
    size_t changes = 0; /* new and gone ones too */
    *changed_out = 0;
    while (file < files_end || run < runs_end) {
        const char *what = NULL;
        int32_t number = run < runs_end ? run->run : INT32_MAX;
        if (file < files_end && (run == runs_end || file->run < number)) {
            what = "is new";
            number = (file++)->run;
        } else if (file == files_end || file->run > number) {
            what = "is gone";
            run++;
        } else {
            what = is_same_file(file++, run++) ? NULL : "changed";
            *changed_out += what != NULL;
        }
        if (what)
            hmz_job_note(self, HMZ_NOTE_ERROR, "merged run %d %s %s", number, what, since);
        changes += what != NULL;
    }
    return changes;
}
