/* SPDX-License-Identifier: MIT */
/* Every file of the set against the length and the hash that its manifest lists; one task a file. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "outputs.h"
#include "path.h"
#include "pool.h"
#include "verify.h"

void hmz_verification_release(struct hmz_verification *self)
{
    hmz_differences_release(&self->differences);
    hmz_manifest_release(&self->manifest);
    hmz_outputs_release(&self->there);
}

/* ---- what lies in the folder ---- */

const struct hmz_output *hmz_verify_find(const struct hmz_verification *self, const char *name)
{
    for (size_t i = 0; i < self->there.count; i++)
        if (strcmp(self->there.items[i].name, name) == 0)
            return &self->there.items[i];
    return NULL;
}

static bool is_listed(const struct hmz_manifest *manifest, const char *name)
{
    return strcmp(name, HMZ_MANIFEST_NAME) == 0 || hmz_manifest_find_output(manifest, name);
}

static void look_at_lengths(struct hmz_verification *out)
{
    const struct hmz_outputs *there = &out->there;
    for (size_t i = 0; i < out->manifest.output_count; i++) {
        const struct hmz_manifest_output *listed = &out->manifest.outputs[i];
        const struct hmz_output *found = hmz_verify_find(out, listed->file);
        const struct hmz_difference_context context = {.run = -1, .file = listed->file};
        out->events += listed->events;
        out->bytes += listed->bytes;
        if (!found)
            hmz_differences_add(&out->differences, &context, "is missing");
        else if (!found->own && !found->link)
            hmz_differences_add(&out->differences, &context, "is no regular file");
        else if (found->bytes != listed->bytes)
            hmz_differences_add(&out->differences, &context, "has %s bytes, the manifest says %s",
                                hmz_count_text(found->bytes).text, hmz_count_text(listed->bytes).text);
    }
    for (size_t i = 0; i < there->count; i++) {
        const struct hmz_difference_context context = {.run = -1, .file = there->items[i].name};
        if (!is_listed(&out->manifest, there->items[i].name))
            hmz_differences_add(&out->differences, &context, "is there, but not listed in the manifest");
    }
}

int hmz_verify_begin(const char *folder, struct hmz_verification *out, struct hmz_error *err)
{
    struct hmz_state state = HMZ_STATE_CLOSED; /* of a complete set there is none to look at */
    int status = hmz_outputs_load_manifest(&out->manifest, folder, err);
    if (status == HMZ_OK)
        status = hmz_folder_open(&state.harmonic, folder, err);
    if (status != HMZ_OK)
        return status;
    status = hmz_outputs_list(&out->there, &state, &out->manifest, err);
    if (status == HMZ_OK)
        look_at_lengths(out);
    hmz_state_close(&state);
    return status;
}

/* The file is named already, where the difference is listed. */
static const char *without_path(const char *text, const char *file)
{
    const char *end = strstr(text, ": ");
    size_t length = strlen(file);
    bool named = end && (size_t)(end - text) >= length && strncmp(end - length, file, length) == 0;
    return named ? end + 2 : text;
}

int hmz_verify_judge(struct hmz_verification *out, const char *file, const struct hmz_error *result,
                     struct hmz_error *err)
{
    const struct hmz_difference_context context = {.run = -1, .file = file};
    switch (result->status) {
    case HMZ_OK:
        return HMZ_OK;
    case HMZ_E_DAMAGED:
    case HMZ_E_FAILED:
        hmz_differences_add(&out->differences, &context, "%s", without_path(result->text, file));
        return HMZ_OK;
    default:
        *err = *result;
        return hmz_context(err, "%s", file);
    }
}

/* ---- tasks ---- */

struct hash_task {
    const char *file; /* its name in the set */
    char *path;
    struct hmz_hash_text hash;
};

/* A file that is missing or of another length was told of already. */
static bool has_right_length(const struct hmz_verification *out, const struct hmz_manifest_output *listed)
{
    const struct hmz_output *found = hmz_verify_find(out, listed->file);
    return found && found->bytes == listed->bytes;
}

static int make_tasks(const char *folder, const struct hmz_verification *out, struct hash_task *items,
                      struct hmz_pool_task *tasks, size_t *count_out, struct hmz_error *err)
{
    *count_out = 0;
    for (size_t i = 0; i < out->manifest.output_count; i++) {
        const struct hmz_manifest_output *listed = &out->manifest.outputs[i];
        if (!has_right_length(out, listed))
            continue;
        char *path = hmz_path_join(folder, listed->file);
        if (!path)
            return hmz_fail_nomem(err, "a path");
        struct hash_task *item = &items[*count_out];
        *item =
            (struct hash_task){.file = listed->file, .path = path, .hash = hmz_file_hash_text(listed->hash)};
        tasks[*count_out] = (struct hmz_pool_task){.words = {"hash", path, item->hash.text}};
        snprintf(tasks[*count_out].name, sizeof tasks->name, "%s", listed->file);
        (*count_out)++;
    }
    return HMZ_OK;
}

static int run_tasks(const struct hmz_config *config, const struct hmz_job_options *options,
                     struct hmz_verification *out, struct hash_task *items, struct hmz_pool_task *tasks,
                     struct hmz_error *err)
{
    size_t count = 0;
    const struct hmz_pool_options pool = hmz_job_pool_options(options, HMZ_POOL_KEEP_GOING);
    int status = make_tasks(config->harmonic_path, out, items, tasks, &count, err);
    hmz_job_stage(options, "verify", 0, out->bytes);
    if (status == HMZ_OK)
        status = hmz_pool_run(&pool, tasks, count, err);
    for (size_t i = 0; status == HMZ_OK && i < count; i++)
        status = hmz_verify_judge(out, items[i].file, &tasks[i].result, err);
    for (size_t i = 0; i < count; i++)
        free(items[i].path);
    return status;
}

int hmz_verify_checksums(const struct hmz_config *config, const struct hmz_job_options *options,
                         struct hmz_verification *out, struct hmz_error *err)
{
    int status = hmz_verify_begin(config->harmonic_path, out, err);
    if (status != HMZ_OK)
        return status;
    size_t count = out->manifest.output_count;
    struct hash_task *items = calloc(count + 1, sizeof *items);
    struct hmz_pool_task *tasks = calloc(count + 1, sizeof *tasks);
    status = items && tasks ? run_tasks(config, options, out, items, tasks, err)
                            : hmz_fail_nomem(err, "the list of files");
    free(items);
    free(tasks);
    return status == HMZ_OK ? hmz_differences_check(&out->differences, err) : status;
}
