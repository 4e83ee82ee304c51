/* SPDX-License-Identifier: MIT */
#include "find.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "pool.h"

/* The index in manifest->outputs of the only harmonic run that may hold the event; output_count where there
 * is none. */
static size_t find_output(const struct hmz_manifest *manifest, const struct hmz_event_id *wanted)
{
    size_t i = 0;
    while (i < manifest->output_count && (manifest->outputs[i].events == 0 ||
                                          hmz_event_id_compare(wanted, &manifest->outputs[i].first) < 0 ||
                                          hmz_event_id_compare(wanted, &manifest->outputs[i].last) > 0))
        i++;
    return i;
}

static int search_in_worker(struct hmz_job *job, const struct hmz_manifest_output *output,
                            const struct hmz_event_id *wanted, uint64_t *event_out, struct hmz_error *err)
{
    char *path = hmz_path_join(job->config->harmonic_path, output->file);
    if (!path)
        return hmz_fail_nomem(err, "a path");
    char count[24];
    char run[16];
    char event[24];
    snprintf(count, sizeof count, "%" PRIu64, output->events);
    snprintf(run, sizeof run, "%" PRId32, wanted->run);
    snprintf(event, sizeof event, "%" PRIu64, wanted->event);
    const struct hmz_pool_options options = hmz_job_pool_options(job, HMZ_POOL_STOP_AT_FAILURE);
    struct hmz_pool_task task = {.words = {"find", path, count, run, event}};
    int status = hmz_pool_run(&options, &task, 1, err);
    if (status == HMZ_OK && task.result.status != HMZ_OK) {
        *err = task.result;
        bool named = strncmp(err->text, path, strlen(path)) == 0;
        status = named ? err->status : hmz_context(err, "%s", path);
    }
    *event_out = task.answer;
    free(path);
    return status;
}

int hmz_find(struct hmz_job *job, const struct hmz_event_id *wanted, struct hmz_found_event *found_out,
             struct hmz_error *err)
{
    int status = hmz_outputs_load_manifest(&job->manifest, job->config->harmonic_path, err);
    if (status != HMZ_OK)
        return status;
    size_t i = find_output(&job->manifest, wanted);
    if (i == job->manifest.output_count)
        return HMZ_END;
    const struct hmz_manifest_output *output = &job->manifest.outputs[i];
    status = search_in_worker(job, output, wanted, &found_out->harmonic_event, err);
    if (status != HMZ_OK)
        return status;
    found_out->file = output->file;
    if (!hmz_outputs_run_number(output->file, &found_out->harmonic_run))
        found_out->harmonic_run = i;
    return found_out->harmonic_event == HMZ_FIND_NOWHERE ? HMZ_END : HMZ_OK;
}
