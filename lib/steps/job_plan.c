/* SPDX-License-Identifier: MIT */
/* Which merged runs there are, and the plan made from their indexes: for the real job, for its dry run, and
 * for the comparison afterwards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "job_pieces.h"
#include "path.h"
#include "plan_new.h"

static int find_runs(struct hmz_job *self, struct hmz_error *err)
{
    const struct hmz_config *config = self->config;
    const struct hmz_run_set_options options = {.folders = &config->merger, .selection = &config->selection};
    return hmz_run_set_new(&options, &self->runs, err);
}

static int fill_manifest_inputs(struct hmz_job *self, struct hmz_error *err)
{
    for (size_t i = 0; i < self->runs->count; i++) {
        const struct hmz_run_file *file = &self->runs->runs[i];
        struct hmz_manifest_input *input = hmz_manifest_add_input(&self->manifest);
        if (!input)
            return hmz_fail_nomem(err, "the manifest");
        *input = (struct hmz_manifest_input){.run = file->run,
                                             .file = strdup(file->name),
                                             .folder = strdup(self->config->merger.paths[file->folder]),
                                             .identity = file->identity};
        if (!input->file || !input->folder)
            return hmz_fail_nomem(err, "the manifest");
    }
    return HMZ_OK;
}

/* Where the merged runs are gone, the set may be all that is left of them. */
static int tell_of_set(const struct hmz_job *self, struct hmz_error *err)
{
    struct hmz_manifest set;
    struct hmz_error ignored; /* the message is about the merged runs */
    const char *folder = self->config->harmonic_path;
    char so_far[HMZ_ERROR_TEXT_BYTES];
    struct hmz_folder opened;
    snprintf(so_far, sizeof so_far, "%s", err->text);
    if (hmz_folder_open(&opened, folder, &ignored) != HMZ_OK)
        return HMZ_E_USAGE;
    if (hmz_manifest_load(&set, hmz_file_in(&opened, HMZ_MANIFEST_NAME), &ignored) == HMZ_OK) {
        hmz_ignore(hmz_fail(
            err, HMZ_E_USAGE,
            "%s. %s holds a complete harmonic set of %zu merged run%s; `verify --checksums` checks it "
            "without them",
            so_far, folder, set.input_count, set.input_count == 1 ? "" : "s"));
        hmz_manifest_release(&set);
    }
    hmz_folder_close(&opened);
    return HMZ_E_USAGE;
}

int hmz_job_list_runs(struct hmz_job *self, struct hmz_error *err)
{
    int status = find_runs(self, err);
    if (status == HMZ_E_USAGE)
        return tell_of_set(self, err);
    return status == HMZ_OK ? fill_manifest_inputs(self, err) : status;
}

int hmz_job_make_plan(struct hmz_job *self, const struct hmz_settings *settings, struct hmz_error *err)
{
    size_t count = self->runs->count;
    struct hmz_plan_input *inputs = calloc(count + 1, sizeof *inputs);
    int status = inputs ? HMZ_OK : hmz_fail_nomem(err, "a plan");
    for (size_t i = 0; status == HMZ_OK && i < count; i++)
        inputs[i] = (struct hmz_plan_input){.run = self->runs->runs[i].run, .path = self->runs->runs[i].path};
    const struct hmz_plan_request request = {.inputs = inputs,
                                             .input_count = count,
                                             .settings = settings,
                                             .state = &self->state,
                                             .stop = self->options->stop};
    if (status == HMZ_OK)
        status = hmz_plan_new(&request, &self->plan, err);
    free(inputs);
    if (status == HMZ_OK && self->plan->event_count == 0 && self->report.skipped > 0)
        status =
            hmz_fail(err, HMZ_E_DAMAGED, "every event of the range is damaged: nothing is left to write");
    if (status != HMZ_OK)
        return status;
    status = hmz_report_take_plan(&self->report, self->plan, err);
    if (status != HMZ_OK) { /* without its numbers it cannot be shown */
        hmz_plan_free(self->plan);
        self->plan = NULL;
    }
    return status;
}
