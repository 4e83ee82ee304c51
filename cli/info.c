/* SPDX-License-Identifier: MIT */
#include "info.h"

#include <stdlib.h>

static int known_runs(const struct hmz_manifest *set, struct hmz_run_set **runs_out, struct hmz_error *err)
{
    int32_t *numbers = calloc(set->input_count + 1, sizeof *numbers);
    if (!numbers)
        return hmz_fail_nomem(err, "the list of runs");
    for (size_t i = 0; i < set->input_count; i++)
        numbers[i] = set->inputs[i].run;
    int status = hmz_run_set_of_known(numbers, set->input_count, &set->config.selection, runs_out, err);
    free(numbers);
    return status;
}

int hmz_info_open(struct hmz_info *self, const char *harmonic_path, const struct hmz_manifest *set,
                  const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    *self = (struct hmz_info){0};
    int status = known_runs(set, &self->runs, err);
    if (status == HMZ_OK)
        status = hmz_report_of_set(&self->report, harmonic_path, set, stop, err);
    self->summary = (struct hmz_summary){.harmonic_path = harmonic_path,
                                         .settings = &set->config.settings,
                                         .selection = &set->config.selection,
                                         .runs = self->runs,
                                         .report = &self->report,
                                         .is_cut = true,
                                         .wanted_files = set->config.settings.harmonic_count,
                                         .seconds = -1};
    return status;
}

void hmz_info_close(struct hmz_info *self)
{
    hmz_report_release(&self->report);
    hmz_run_set_free(self->runs);
}
