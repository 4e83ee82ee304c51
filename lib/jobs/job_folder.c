/* SPDX-License-Identifier: MIT */
/* What a job finds in harmonic_path: foreign files, a set that is complete already, and whether it is ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "job.h"
#include "outputs.h"
#include "path.h"

/* ---- the set that the configuration asks for ---- */

enum hmz_mode hmz_job_mode(const struct hmz_config *config)
{
    return config->mode == HMZ_CONFIG_LINK ? HMZ_MODE_LINK : HMZ_MODE_COPY;
}

enum hmz_frib hmz_job_frib(const struct hmz_config *config)
{
    return config->frib == HMZ_CONFIG_KEEP ? HMZ_FRIB_KEEP : HMZ_FRIB_SET_ASIDE;
}

struct hmz_job_setting hmz_job_other_setting(const struct hmz_config *config, enum hmz_mode mode,
                                             enum hmz_frib frib)
{
    struct hmz_job_setting out = {""};
    if (mode != hmz_job_mode(config))
        snprintf(out.text, sizeof out.text, "made with mode: %s, not %s",
                 mode == HMZ_MODE_LINK ? "link" : "copy", mode == HMZ_MODE_LINK ? "copy" : "link");
    else if (frib != hmz_job_frib(config))
        snprintf(out.text, sizeof out.text, "made with frib_for_spyral: %s, not %s",
                 frib == HMZ_FRIB_KEEP ? "keep" : "set_aside", frib == HMZ_FRIB_KEEP ? "set_aside" : "keep");
    return out;
}

/* Where links to the merged runs lead: their folder, as hmz_path_relative() names the files in it. */
static int find_links(const struct hmz_config *config, char **links_out, struct hmz_error *err)
{
    char *any = hmz_path_join(config->merger_path, "run");
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

int hmz_job_fill_config(struct hmz_job *self, struct hmz_error *err)
{
    const struct hmz_config *config = self->config;
    struct hmz_manifest_config *to = &self->manifest.config;
    *to = (struct hmz_manifest_config){.merger_path = strdup(config->merger_path),
                                       .harmonic_path = strdup(config->harmonic_path),
                                       .target_bytes = config->target_bytes,
                                       .harmonic_count = config->harmonic_count,
                                       .min_run = config->min_run,
                                       .max_run = config->max_run,
                                       .mode = hmz_job_mode(config),
                                       .frib = hmz_job_frib(config)};
    to->skip_runs = calloc(config->skip_count + 1, sizeof *to->skip_runs);
    if (!to->merger_path || !to->harmonic_path || !to->skip_runs)
        return hmz_fail_nomem(err, "the manifest");
    if (config->skip_count)
        memcpy(to->skip_runs, config->skip_runs, config->skip_count * sizeof *to->skip_runs);
    to->skip_count = config->skip_count;
    return to->mode == HMZ_MODE_LINK ? find_links(config, &to->links, err) : HMZ_OK;
}

/* The same inputs cut the same way give the same set. */
static bool same_set(const struct hmz_manifest *a, const struct hmz_manifest *b)
{
    if (a->config.target_bytes != b->config.target_bytes ||
        a->config.harmonic_count != b->config.harmonic_count || a->input_count != b->input_count)
        return false;
    for (size_t i = 0; i < a->input_count; i++)
        if (a->inputs[i].run != b->inputs[i].run || a->inputs[i].bytes != b->inputs[i].bytes ||
            a->inputs[i].mtime_ns != b->inputs[i].mtime_ns)
            return false;
    return true;
}

/* ---- a set that is complete ---- */

static bool all_there(const struct hmz_manifest *manifest, const struct hmz_outputs *outputs)
{
    for (size_t i = 0; i < manifest->output_count; i++) {
        bool found = false;
        for (size_t k = 0; k < outputs->count && !found; k++)
            found = strcmp(outputs->items[k].name, manifest->outputs[i].file) == 0 &&
                    outputs->items[k].bytes == manifest->outputs[i].bytes;
        if (!found)
            return false;
    }
    return true;
}

static int judge_complete(struct hmz_job *self, struct hmz_manifest *found, const struct hmz_outputs *outputs,
                          struct hmz_error *err)
{
    const char *folder = self->config->harmonic_path;
    if (self->options->force)
        return HMZ_OK;
    const struct hmz_job_setting other =
        hmz_job_other_setting(self->config, found->config.mode, found->config.frib);
    if (other.text[0])
        return hmz_fail(err, HMZ_E_USAGE,
                        "%s holds a complete harmonic set %s; choose another harmonic_path, or replace it "
                        "with --force",
                        folder, other.text);
    if (!same_set(&self->manifest, found))
        return hmz_fail(err, HMZ_E_USAGE,
                        "%s holds a complete harmonic set of other runs or another size; choose another "
                        "harmonic_path, or replace it with --force",
                        folder);
    if (found->config.links && strcmp(found->config.links, self->manifest.config.links) != 0)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "%s holds a complete harmonic set that links to the merged runs in %s, seen from there, but "
            "they are in %s now; move them back, or write the links again with --force",
            folder, found->config.links, self->manifest.config.links);
    if (!all_there(found, outputs))
        return hmz_fail(err, HMZ_E_USAGE,
                        "%s: files of the harmonic set that its manifest lists are missing or have another "
                        "length; write it again with --force",
                        folder);
    self->outcome = HMZ_JOB_ALREADY_COMPLETE;
    self->report.skipped = found->skipped_count;
    self->complete = *found;
    *found = (struct hmz_manifest){0};
    return HMZ_OK;
}

/* ---- the folder ---- */

/* The manifest of a complete set, or of one that was being replaced when a command was killed: its files are
 * ours all the same. */
static int load_manifest(const struct hmz_state *real, struct hmz_manifest *found, bool *complete_out,
                         struct hmz_error *err)
{
    char *path = hmz_path_join(real->harmonic_path, HMZ_MANIFEST_NAME);
    char *replaced = hmz_state_replaced_path(real);
    int status = path && replaced ? hmz_manifest_load(found, path, err) : hmz_fail_nomem(err, "a path");
    *complete_out = status == HMZ_OK;
    if (status == HMZ_END)
        status = hmz_manifest_load(found, replaced, err);
    free(path);
    free(replaced);
    if (status == HMZ_E_DAMAGED)
        status = err->status = HMZ_E_USAGE;
    return status == HMZ_END ? HMZ_OK : status;
}

int hmz_job_look_at_folder(struct hmz_job *self, const struct hmz_state *real, struct hmz_outputs *outputs,
                           struct hmz_error *err)
{
    struct hmz_manifest found;
    bool complete;
    int status = load_manifest(real, &found, &complete, err);
    if (status != HMZ_OK)
        return status;
    status = hmz_outputs_list(outputs, real, &found, err);
    if (status == HMZ_OK)
        status = hmz_outputs_refuse_foreign(outputs, real->harmonic_path, err);
    if (status == HMZ_OK && complete)
        status = judge_complete(self, &found, outputs, err);
    hmz_manifest_release(&found);
    return status;
}
