/* SPDX-License-Identifier: MIT */
#include "find.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outputs.h"
#include "path.h"

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

static int search_in_worker(const struct hmz_find_request *request, const struct hmz_manifest_output *output,
                            uint64_t *event_out, struct hmz_error *err)
{
    char *path = hmz_path_join(request->harmonic_path, output->file);
    if (!path)
        return hmz_fail_nomem(err, "a path");
    char count[24];
    char run[16];
    char event[24];
    snprintf(count, sizeof count, "%" PRIu64, output->events);
    snprintf(run, sizeof run, "%" PRId32, request->wanted.run);
    snprintf(event, sizeof event, "%" PRIu64, request->wanted.event);
    struct hmz_pool_task task = {.words = {"find", path, count, run, event}};
    int status = hmz_pool_run(request->pool, &task, 1, err);
    if (status == HMZ_OK && task.result.status != HMZ_OK) {
        *err = task.result;
        bool named = strncmp(err->text, path, strlen(path)) == 0;
        status = named ? err->status : hmz_context(err, "%s", path);
    }
    *event_out = task.answer;
    free(path);
    return status;
}

int hmz_find(const struct hmz_find_request *request, struct hmz_found_event *found_out, struct hmz_error *err)
{
    const struct hmz_manifest *manifest = request->manifest;
    size_t i = find_output(manifest, &request->wanted);
    if (i == manifest->output_count)
        return HMZ_END;
    const struct hmz_manifest_output *output = &manifest->outputs[i];
    int status = search_in_worker(request, output, &found_out->harmonic_event, err);
    if (status != HMZ_OK)
        return status;
    found_out->file = output->file;
    if (!hmz_outputs_run_number(output->file, &found_out->harmonic_run))
        found_out->harmonic_run = i;
    return found_out->harmonic_event == HMZ_FIND_NOWHERE ? HMZ_END : HMZ_OK;
}
