/* SPDX-License-Identifier: MIT */
/* Is the set what it should be? Prints the differences to standard output. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "bytes.h"
#include "commands.h"
#include "job.h"
#include "json_text.h"
#include "say.h"
#include "scratch.h"
#include "talk.h"
#include "verify.h"

/* ---- text ---- */

static void print_differences(const struct hmz_differences *differences)
{
    for (size_t i = 0; i < differences->kept; i++) {
        const struct hmz_difference *item = &differences->items[i];
        if (item->context.file)
            hmz_say(stdout, "%s: ", item->context.file);
        if (item->context.file && item->context.has_event)
            hmz_say(stdout, "merged run %d, event %" PRIu64 ": ", item->context.run, item->context.event);
        hmz_say(stdout, "%s\n", item->what);
    }
    if (differences->count > differences->kept)
        hmz_say(stdout, "and %s more\n", hmz_count_text(differences->count - differences->kept).text);
    hmz_say(stdout, "%s difference%s\n", hmz_count_text(differences->count).text,
            differences->count == 1 ? "" : "s");
}

/* What a good answer stands for, and what it does not. */
static void print_good(const struct hmz_verification *found, bool checksums)
{
    const struct hmz_manifest *manifest = &found->manifest;
    bool links = !hmz_mode_facts(manifest->config.settings.mode)->holds_data;
    if (checksums && links)
        hmz_say(
            stdout,
            "good: all %zu files of the set, %s, have the checksums of their manifest; the data that they "
            "link to, in the merged runs, are not covered\n",
            manifest->output_count, hmz_bytes_text(found->bytes).text);
    else if (links)
        hmz_say(stdout,
                "good: %s events in %s lead to those of %zu merged run%s, all of which can be read, and the "
                "tables are theirs\n",
                hmz_count_text(found->events).text, hmz_bytes_text(found->bytes).text, found->runs_read,
                found->runs_read == 1 ? "" : "s");
    else if (checksums)
        hmz_say(stdout, "good: all %zu files of the set, %s, have the checksums of their manifest\n",
                manifest->output_count, hmz_bytes_text(found->bytes).text);
    else
        hmz_say(stdout,
                "good: %s events in %s are those of %zu merged run%s, bit by bit, and so are the tables\n",
                hmz_count_text(found->events).text, hmz_bytes_text(found->bytes).text, found->runs_read,
                found->runs_read == 1 ? "" : "s");
    if (manifest->skipped_count > 0)
        hmz_say(stdout, "not in the set: %zu damaged event%s, listed in manifest.json\n",
                manifest->skipped_count,
                manifest->skipped_count == 1 ? ", readout or run" : "s, readouts or runs");
    hmz_say(stdout,
            "%snot in the set: run_NNNN.yml beside the merged runs, and the file lists of merger 0.1.0%s\n",
            manifest->skipped_count > 0 ? "also " : "",
            links ? "; nor the data (mode: link): the merged runs must stay" : "");
}

/* ---- JSON ---- */

static json_t *difference_json(const struct hmz_difference *item)
{
    const struct hmz_difference_context *context = &item->context;
    return json_pack(
        "{s:o, s:o, s:o, s:o}", "run", context->run >= 0 ? json_integer(context->run) : json_null(), "event",
        context->has_event ? json_integer((json_int_t)context->event) : json_null(), "file",
        context->file ? hmz_json_message(context->file) : json_null(), "what", hmz_json_message(item->what));
}

static int print_json(const struct hmz_verification *found, struct hmz_error *err)
{
    json_t *list = json_array();
    for (size_t i = 0; i < found->differences.kept; i++)
        list = hmz_json_append(list, difference_json(&found->differences.items[i]));
    json_t *root = json_pack("{s:I, s:o, s:I, s:I}", "events", (json_int_t)found->events, "differences", list,
                             "difference_count", (json_int_t)found->differences.count, "skipped",
                             (json_int_t)found->manifest.skipped_count);
    int result = root ? json_dumpf(root, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : -1;
    json_decref(root);
    printf("\n");
    return result == 0 ? HMZ_OK : hmz_fail(err, HMZ_E_FAILED, "cannot print the result as JSON");
}

/* ---- the command ---- */

static int verify(const struct hmz_command_input *input, struct hmz_verification *found,
                  struct hmz_error *err)
{
    struct hmz_talk talk;
    char *scratch = NULL;
    bool checksums = input->opts->checksums;
    int status = checksums ? HMZ_OK : hmz_scratch_make(&scratch, err);
    if (status != HMZ_OK)
        return status;
    hmz_talk_begin(&talk, input->opts->quiet);
    struct hmz_job_options options = hmz_talk_job_options(&talk, input);
    options.skip_bad = true; /* what is damaged is compared with what the manifest says was skipped */
    struct hmz_job job = {.config = input->config, .options = &options, .state = HMZ_STATE_CLOSED};
    status = checksums ? hmz_verify_checksums(input->config, &options, found, err)
                       : hmz_verify_set(&job, scratch, found, err);
    hmz_talk_end(&talk);
    if (scratch)
        hmz_scratch_remove(&job.state, scratch);
    hmz_job_release(&job);
    return status;
}

int hmz_cmd_verify(const struct hmz_command_input *input, struct hmz_error *err)
{
    struct hmz_verification found = {0};
    int status = verify(input, &found, err);
    if (status == HMZ_OK && input->opts->json)
        status = print_json(&found, err);
    else if (status == HMZ_OK && found.differences.count > 0)
        print_differences(&found.differences);
    else if (status == HMZ_OK)
        print_good(&found, input->opts->checksums);
    if (status == HMZ_OK && found.differences.count > 0)
        status = HMZ_CLI_DIFFERENT;
    else if (status == HMZ_OK && found.manifest.skipped_count > 0)
        status = HMZ_CLI_SKIPPED;
    hmz_verification_release(&found);
    return status;
}
