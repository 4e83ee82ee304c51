/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "find.h"
#include "outputs.h"
#include "say.h"
#include "strict_number.h"

static int take_number(const char *what, const char *text, uint64_t limit, uint64_t *out,
                       struct hmz_error *err)
{
    if (hmz_number_parse_integer(text, strlen(text), limit, out) != HMZ_NUMBER_FINE)
        return hmz_fail(err, HMZ_E_USAGE, "find: \"%s\" is not %s number", text, what);
    return HMZ_OK;
}

static int take_words(const struct hmz_opts *opts, struct hmz_event_id *wanted, struct hmz_error *err)
{
    uint64_t run = 0;
    int status = take_number("a run", opts->args[0], INT32_MAX, &run, err);
    wanted->run = (int32_t)run;
    return status == HMZ_OK ? take_number("an event", opts->args[1], UINT64_MAX, &wanted->event, err)
                            : status;
}

static void print_found(const struct hmz_opts *opts, const struct hmz_found_event *found)
{
    if (opts->json)
        printf("{\"file\": \"%s\", \"harmonic_run\": %zu, \"harmonic_event\": %" PRIu64 "}\n", found->file,
               found->harmonic_run, found->harmonic_event);
    else
        hmz_say(stdout, "%s event_%" PRIu64 "\n", found->file, found->harmonic_event);
}

/* With the reason, where it was left out. */
static int tell_nowhere(const struct hmz_find_request *request, struct hmz_error *err)
{
    const struct hmz_manifest *set = request->manifest;
    const struct hmz_event_id *wanted = &request->wanted;
    for (size_t i = 0; i < set->skipped_count; i++) {
        const struct hmz_skipped *skipped = &set->skipped[i];
        if (skipped->run == wanted->run && skipped->kind == HMZ_SKIPPED_EVENT &&
            skipped->number == wanted->event)
            return hmz_fail(err, HMZ_E_FAILED,
                            "event %" PRIu64 " of merged run %d was left out as damaged: %s", wanted->event,
                            wanted->run, skipped->reason);
    }
    for (size_t i = 0; i < set->skipped_count; i++)
        if (set->skipped[i].run == wanted->run && set->skipped[i].kind == HMZ_SKIPPED_RUN)
            return hmz_fail(err, HMZ_E_FAILED,
                            "%s holds no event %" PRIu64 " of merged run %d, which is damaged: %s",
                            request->harmonic_path, wanted->event, wanted->run, set->skipped[i].reason);
    for (size_t i = 0; i < set->input_count; i++)
        if (set->inputs[i].run == wanted->run)
            return hmz_fail(err, HMZ_E_FAILED, "%s holds no event %" PRIu64 " of merged run %d",
                            request->harmonic_path, wanted->event, wanted->run);
    return hmz_fail(err, HMZ_E_FAILED,
                    "%s holds no event %" PRIu64 " of merged run %d: that run is not in the set",
                    request->harmonic_path, wanted->event, wanted->run);
}

int hmz_cmd_find(const struct hmz_command_input *input, struct hmz_error *err)
{
    struct hmz_found_event found;
    struct hmz_manifest set = {0};
    const struct hmz_pool_options pool = {.program = input->program,
                                          .jobs = 1,
                                          .stall_seconds = input->opts->stall_seconds,
                                          .policy = HMZ_POOL_STOP_AT_FAILURE,
                                          .stop = input->stop};
    struct hmz_find_request request = {
        .harmonic_path = input->config->harmonic_path, .manifest = &set, .pool = &pool};
    int status = take_words(input->opts, &request.wanted, err);
    if (status == HMZ_OK)
        status = hmz_outputs_load_manifest(&set, request.harmonic_path, err);
    if (status == HMZ_OK)
        status = hmz_find(&request, &found, err);
    if (status == HMZ_OK)
        print_found(input->opts, &found);
    else if (status == HMZ_END)
        status = tell_nowhere(&request, err);
    hmz_manifest_release(&set);
    return status;
}
