/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "find_event.h"
#include "manifest.h"
#include "path.h"
#include "strict_number.h"

static int load_manifest(const char *harmonic_path, struct hmz_manifest *manifest, struct hmz_error *err)
{
    char *path = hmz_path_join(harmonic_path, HMZ_MANIFEST_NAME);
    int status = path ? hmz_manifest_load(manifest, path, err) : hmz_fail_nomem(err, "a path");
    free(path);
    if (status == HMZ_END)
        status = hmz_fail(err, HMZ_E_FAILED,
                          "%s: the manifest is missing: this set is not complete; run the same command again",
                          harmonic_path);
    return status;
}

static int take_words(const struct hmz_opts *opts, struct hmz_plan_place *wanted, struct hmz_error *err)
{
    uint64_t run;
    if (hmz_number_parse_u64(opts->args[0], &run) != HMZ_NUMBER_OK || run > INT32_MAX)
        return hmz_fail(err, HMZ_E_USAGE, "find: \"%s\" is not a run number", opts->args[0]);
    if (hmz_number_parse_u64(opts->args[1], &wanted->event) != HMZ_NUMBER_OK)
        return hmz_fail(err, HMZ_E_USAGE, "find: \"%s\" is not an event number", opts->args[1]);
    wanted->run = (int32_t)run;
    return HMZ_OK;
}

static void print_found(const struct hmz_opts *opts, const struct hmz_manifest *manifest,
                        const struct hmz_found_event *found)
{
    const char *file = manifest->outputs[found->output].file;
    if (opts->json)
        printf("{\"file\": \"%s\", \"harmonic_run\": %zu, \"harmonic_event\": %" PRIu64 "}\n", file,
               found->harmonic_run, found->harmonic_event);
    else
        printf("%s event_%" PRIu64 "\n", file, found->harmonic_event);
}

int hmz_cmd_find(const struct hmz_command_input *input, struct hmz_error *err)
{
    struct hmz_manifest manifest;
    struct hmz_found_event found;
    struct hmz_plan_place wanted;
    const char *folder = input->config->harmonic_path;
    int status = take_words(input->opts, &wanted, err);
    if (status == HMZ_OK)
        status = load_manifest(folder, &manifest, err);
    if (status != HMZ_OK)
        return status;
    status = hmz_find_event(&manifest, folder, &wanted, &found, err);
    if (status == HMZ_OK)
        print_found(input->opts, &manifest, &found);
    else if (status == HMZ_END)
        status = hmz_fail(err, HMZ_E_FAILED, "%s holds no event %" PRIu64 " of merged run %d", folder,
                          wanted.event, wanted.run);
    hmz_manifest_release(&manifest);
    return status;
}
