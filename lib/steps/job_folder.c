/* SPDX-License-Identifier: MIT */
/* What a job finds in harmonic_path: foreign files, a set that is complete already, and whether it is ours.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "job_pieces.h"
#include "outputs.h"
#include "path.h"
#include "tables.h"

/* ---- the set that the configuration asks for ---- */

/* Where links to the merged runs lead: their folder, as hmz_path_relative() names the files in it. */
static int find_links_to(const struct hmz_config *config, const char *folder, char **links_out,
                         struct hmz_error *err)
{
    char *any = hmz_path_join(folder, "run");
    char *way = NULL;
    int status =
        any ? hmz_path_relative(config->harmonic_path, any, &way, err) : hmz_fail_nomem(err, "a path");
    *links_out = status == HMZ_OK ? hmz_path_folder(way) : NULL;
    if (status == HMZ_OK && !*links_out)
        status = hmz_fail_nomem(err, "a path");
    free(any);
    free(way);
    return status;
}

/* "../merged", or "../disk1, ../disk2". */
static int find_links(const struct hmz_config *config, char **links_out, struct hmz_error *err)
{
    struct hmz_run_folders links = {0};
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < config->merger.count; i++) {
        char *one;
        status = find_links_to(config, config->merger.paths[i], &one, err);
        if (status == HMZ_OK)
            status = hmz_run_folders_add(&links, one, err);
        free(one);
    }
    *links_out = status == HMZ_OK && links.text ? strdup(links.text) : NULL;
    if (status == HMZ_OK && !*links_out)
        status = hmz_fail_nomem(err, "a path");
    hmz_run_folders_release(&links);
    return status;
}

int hmz_job_fill_config(struct hmz_job *self, struct hmz_error *err)
{
    const struct hmz_config *config = self->config;
    struct hmz_manifest_config *to = &self->manifest.config;
    *to = (struct hmz_manifest_config){.harmonic_path = strdup(config->harmonic_path),
                                       .settings = config->settings};
    if (!to->harmonic_path)
        return hmz_fail_nomem(err, "the manifest");
    int status = hmz_run_folders_copy(&config->merger, &to->merger, err);
    if (status == HMZ_OK)
        status = hmz_run_selection_copy(&config->selection, &to->selection, err);
    if (status == HMZ_OK && to->settings.mode == HMZ_MODE_LINK)
        status = find_links(config, &to->links, err);
    return status;
}

/* ---- a set that is complete ---- */

/* The same merged runs give the same set. What helps depends on what became of them: nothing that could lose
 * the events of a merged run that is gone is proposed. */
static int check_inputs(const struct hmz_job *self, const struct hmz_manifest *found, struct hmz_error *err)
{
    const char *folder = self->config->harmonic_path;
    const struct hmz_job_changes changes = hmz_job_tell_changes(self, found->inputs, found->input_count);
    if (changes.gone > 0)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "%s holds a complete harmonic set of merged runs that are gone, see above: it may be the "
            "only place that has their events. If it is the set that you want, nothing needs to be "
            "done; another set needs another harmonic_path",
            folder);
    if (changes.left_out > 0)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "%s holds a complete harmonic set of more merged runs than the configuration names, see "
            "above. If it is the set that you want, nothing needs to be done; a set of other runs goes "
            "into another harmonic_path, or replaces this one with --force",
            folder);
    if (changes.added > 0)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "%s holds a complete harmonic set without the merged runs that are new, see above; a set "
            "with them goes into another harmonic_path, or replaces this one with --force",
            folder);
    if (changes.changed > 0)
        return hmz_fail(
            err, HMZ_E_CHANGED,
            "%s holds a complete harmonic set of merged runs that changed since, see above; %s", folder,
            !hmz_mode_facts(found->config.settings.mode)->holds_data
                ? "--force writes the links again"
                : "`verify` tells whether it is still what they hold (then nothing needs to be done), "
                  "--force writes it again, unless events would be lost");
    return HMZ_OK;
}

static int check_setting(const struct hmz_job *self, const struct hmz_manifest *found, struct hmz_error *err)
{
    const struct hmz_settings_text other =
        hmz_settings_compare(&found->config.settings, &self->config->settings);
    if (!other.text[0])
        return HMZ_OK;
    return hmz_fail(
        err, HMZ_E_USAGE,
        "%s holds a complete harmonic set that was made with %s; choose another harmonic_path, or "
        "replace it with --force",
        self->config->harmonic_path, other.text);
}

static bool is_whole(const struct hmz_manifest_output *listed, const struct hmz_outputs *outputs)
{
    for (size_t k = 0; k < outputs->count; k++)
        if (strcmp(outputs->items[k].name, listed->file) == 0)
            return outputs->items[k].bytes == listed->bytes;
    return false;
}

/* What a set holds is read from these; without them --force alone refuses. */
static bool tells_what_is_held(const char *file)
{
    return strcmp(file, HMZ_EVENTS_TABLE) == 0 || strcmp(file, HMZ_SCALERS_TABLE) == 0;
}

enum { NAMED_FILES = 8 };

static int check_files(const struct hmz_job *self, const struct hmz_manifest *found,
                       const struct hmz_outputs *outputs, struct hmz_error *err)
{
    char names[NAMED_FILES * 40] = "";
    size_t named = 0;
    size_t bad = 0;
    bool untold = false;
    for (size_t i = 0; i < found->output_count; i++) {
        size_t used = strlen(names);
        if (is_whole(&found->outputs[i], outputs))
            continue;
        untold |= tells_what_is_held(found->outputs[i].file);
        if (bad++ < NAMED_FILES)
            snprintf(names + used, sizeof names - used, "%s%s", named++ ? ", " : "", found->outputs[i].file);
    }
    if (bad == 0)
        return HMZ_OK;
    return hmz_fail(
        err, HMZ_E_USAGE,
        "%s: files of the harmonic set that its manifest lists are missing or have another length: "
        "%s%s; %s",
        self->config->harmonic_path, names, bad > named ? " and more" : "",
        untold
            ? "put them back from a copy, choose another harmonic_path, or, where all merged runs are still "
              "there, write the set again with --force --discard-events"
            : "put them back from a copy, or write the set again with --force");
}

static int judge_complete(struct hmz_job *self, struct hmz_manifest *found, const struct hmz_outputs *outputs,
                          struct hmz_error *err)
{
    const char *folder = self->config->harmonic_path;
    if (self->options->force)
        return HMZ_OK;
    /* Gone runs count most: whatever else differs, --force is not proposed then. */
    int status = check_inputs(self, found, err);
    if (status == HMZ_OK || status == HMZ_E_CHANGED) {
        struct hmz_error setting;
        if (check_setting(self, found, &setting) != HMZ_OK) {
            *err = setting;
            status = setting.status;
        }
    }
    if (status != HMZ_OK)
        return status;
    if (found->config.links && strcmp(found->config.links, self->manifest.config.links) != 0)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "%s holds a complete harmonic set that links to the merged runs in %s, seen from there, but "
            "they are in %s now; move them back, or write the links again with --force",
            folder, found->config.links, self->manifest.config.links);
    status = check_files(self, found, outputs, err);
    if (status != HMZ_OK)
        return status;
    self->outcome = HMZ_JOB_ALREADY_COMPLETE;
    self->report.skipped = found->skipped_count;
    self->complete = *found;
    *found = (struct hmz_manifest){0};
    return HMZ_OK;
}

/* ---- the folder ---- */

int hmz_job_load_manifest(const struct hmz_state *real, struct hmz_manifest *found, bool *complete_out,
                          struct hmz_error *err)
{
    int status = hmz_manifest_load(found, hmz_state_output(real, HMZ_MANIFEST_NAME), err);
    *complete_out = status == HMZ_OK;
    if (status == HMZ_END)
        status = hmz_manifest_load(found, hmz_state_replaced(real), err);
    if (status == HMZ_E_DAMAGED)
        status = err->status = HMZ_E_USAGE;
    return status == HMZ_END ? HMZ_OK : status;
}

int hmz_job_look_at_folder(struct hmz_job *self, const struct hmz_state *real, struct hmz_outputs *outputs,
                           struct hmz_error *err)
{
    struct hmz_manifest found;
    bool complete;
    int status = hmz_job_load_manifest(real, &found, &complete, err);
    if (status != HMZ_OK)
        return status;
    status = hmz_outputs_list(outputs, real, &found, err);
    if (status == HMZ_OK)
        status = hmz_outputs_refuse_foreign(
            outputs, real->harmonic.path,
            complete && !self->options->force ? HMZ_OUTPUTS_READ : HMZ_OUTPUTS_REPLACE, err);
    if (status == HMZ_OK && complete)
        status = judge_complete(self, &found, outputs, err);
    hmz_manifest_release(&found);
    return status;
}
