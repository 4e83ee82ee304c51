/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "find.h"
#include "say.h"
#include "strict_number.h"
#include "talk.h"

static int take_number(const char *what, const char *text, uint64_t limit, uint64_t *out,
                       struct hmz_error *err)
{
    if (hmz_number_parse_integer(text, strlen(text), limit, out) != HMZ_NUMBER_FINE)
        return hmz_fail(err, HMZ_E_USAGE, "find: \"%s\" is not %s number", text, what);
    return HMZ_OK;
}

static int take_words(const struct hmz_opts *opts, struct hmz_plan_place *wanted, struct hmz_error *err)
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

int hmz_cmd_find(const struct hmz_command_input *input, struct hmz_error *err)
{
    struct hmz_found_event found;
    struct hmz_plan_place wanted;
    int status = take_words(input->opts, &wanted, err);
    if (status != HMZ_OK)
        return status;
    struct hmz_talk talk;
    hmz_talk_begin(&talk, input->opts->quiet);
    const struct hmz_job_options options = hmz_talk_job_options(&talk, input);
    struct hmz_job job = {.config = input->config, .options = &options, .state = HMZ_STATE_CLOSED};
    status = hmz_find(&job, &wanted, &found, err);
    if (status == HMZ_OK)
        print_found(input->opts, &found);
    else if (status == HMZ_END)
        status = hmz_fail(err, HMZ_E_FAILED, "%s holds no event %" PRIu64 " of merged run %d",
                          input->config->harmonic_path, wanted.event, wanted.run);
    hmz_talk_end(&talk);
    hmz_job_release(&job);
    return status;
}
