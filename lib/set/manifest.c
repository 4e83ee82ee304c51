/* SPDX-License-Identifier: MIT */
#include "manifest.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "hash.h"
#include "json_text.h"
#include "list.h"
#include "outfile.h"
#include "posix_io.h"
#include "strict_number.h"
#include "version.h"

enum { FORMAT = 1 };
static const char hash_line[] = "\"xxh3_128\": \"";

static bool parse_hash(const char *text, struct hmz_file_hash *out)
{
    char half[17];
    char *end;
    if (!text || strlen(text) != 32 || strspn(text, "0123456789abcdef") != 32)
        return false;
    memcpy(half, text, 16);
    half[16] = '\0';
    out->high = strtoull(half, &end, 16);
    out->low = strtoull(text + 16, &end, 16);
    return true;
}

/* ---- memory ---- */

void hmz_manifest_release(struct hmz_manifest *self)
{
    hmz_run_folders_release(&self->config.merger);
    hmz_run_selection_release(&self->config.selection);
    free(self->config.harmonic_path);
    free(self->config.links);
    for (size_t i = 0; i < self->input_count; i++) {
        free(self->inputs[i].file);
        free(self->inputs[i].folder);
    }
    for (size_t i = 0; i < self->output_count; i++)
        free(self->outputs[i].file);
    for (size_t i = 0; i < self->skipped_count; i++)
        free(self->skipped[i].reason);
    free(self->inputs);
    free(self->outputs);
    free(self->skipped);
    *self = (struct hmz_manifest){0};
}

struct hmz_manifest_input *hmz_manifest_add_input(struct hmz_manifest *self)
{
    return hmz_list_add(&self->inputs, &self->input_count, sizeof *self->inputs);
}

struct hmz_manifest_output *hmz_manifest_add_output(struct hmz_manifest *self)
{
    return hmz_list_add(&self->outputs, &self->output_count, sizeof *self->outputs);
}

const struct hmz_manifest_output *hmz_manifest_find_output(const struct hmz_manifest *self, const char *name)
{
    for (size_t i = 0; i < self->output_count; i++)
        if (strcmp(self->outputs[i].file, name) == 0)
            return &self->outputs[i];
    return NULL;
}

int hmz_manifest_check_output(const struct hmz_manifest_output *output, int fd, struct hmz_error *err)
{
    const struct hmz_tick nobody = {0};
    struct hmz_file_hash hash = {0};
    uint64_t length;
    int status = hmz_io_length(fd, &length, err);
    if (status == HMZ_OK && length == output->bytes)
        status = hmz_file_hash_take(fd, length, &nobody, &hash, err);
    if (status == HMZ_OK &&
        (length != output->bytes || hash.high != output->hash.high || hash.low != output->hash.low))
        status = hmz_fail(err, HMZ_E_DAMAGED, "%s is not the file that the manifest lists", output->file);
    return status;
}

struct hmz_skipped *hmz_manifest_add_skipped(struct hmz_manifest *self)
{
    return hmz_list_add(&self->skipped, &self->skipped_count, sizeof *self->skipped);
}

/* ---- saving ---- */

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *id_json(const struct hmz_event_id *at)
{
    return json_pack("{s:i, s:o}", "run", at->run, "event", number(at->event));
}

static json_t *skip_runs_json(const struct hmz_run_selection *selection)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < selection->skip_count; i++)
        list = hmz_json_append(list, json_integer(selection->skip_runs[i]));
    return list;
}

/* As the configuration has them; "all" where it names none. */
static json_t *ranges_json(const struct hmz_run_selection *selection)
{
    json_t *list = selection->range_count ? json_array() : json_string("all");
    for (size_t i = 0; list && i < selection->range_count; i++) {
        const struct hmz_run_range *range = &selection->ranges[i];
        char text[32];
        snprintf(text, sizeof text, "%" PRId32 "-%" PRId32, range->first, range->last);
        list = hmz_json_append(list,
                               range->first == range->last ? json_integer(range->first) : json_string(text));
    }
    return list;
}

static json_t *folders_json(const struct hmz_run_folders *folders)
{
    if (folders->count == 1)
        return hmz_json_text(folders->paths[0]);
    json_t *list = json_array();
    for (size_t i = 0; list && i < folders->count; i++)
        list = hmz_json_append(list, hmz_json_text(folders->paths[i]));
    return list;
}

static bool put_range(json_t *json, const struct hmz_run_selection *selection)
{
    if (selection->as_list || selection->range_count == 0)
        return json_object_set_new(json, "runs", ranges_json(selection)) == 0;
    return json_object_set_new(json, "min_run", json_integer(selection->ranges[0].first)) == 0 &&
           json_object_set_new(json, "max_run", json_integer(selection->ranges[0].last)) == 0;
}

/* Whatever there is no memory for makes all of it NULL. */
static json_t *config_json(const struct hmz_manifest_config *config)
{
    const struct hmz_settings *settings = &config->settings;
    bool counted = settings->harmonic_count > 0;
    json_t *json = json_object();
    bool whole =
        json && json_object_set_new(json, "merger_path", folders_json(&config->merger)) == 0 &&
        json_object_set_new(json, "harmonic_path", hmz_json_text(config->harmonic_path)) == 0 &&
        json_object_set_new(json, counted ? "harmonic_count" : "harmonic_size_bytes",
                            number(counted ? settings->harmonic_count : settings->target_bytes)) == 0 &&
        (!settings->processes || json_object_set_new(json, "processes", number(settings->processes)) == 0) &&
        put_range(json, &config->selection) &&
        json_object_set_new(json, "skip_runs", skip_runs_json(&config->selection)) == 0 &&
        json_object_set_new(json, "mode", json_string(hmz_mode_facts(settings->mode)->name)) == 0 &&
        json_object_set_new(json, "frib_for_spyral", json_string(hmz_frib_name(settings->frib))) == 0 &&
        (!config->links || json_object_set_new(json, "links", hmz_json_text(config->links)) == 0);
    if (whole)
        return json;
    json_decref(json);
    return NULL;
}

static json_t *input_json(const struct hmz_manifest_input *input)
{
    return json_pack("{s:i, s:o, s:o, s:o, s:I}", "run", input->run, "file", hmz_json_text(input->file),
                     "folder", hmz_json_text(input->folder), "bytes", number(input->identity.bytes),
                     "mtime_ns", (json_int_t)input->identity.mtime_ns);
}

static json_t *output_json(const struct hmz_manifest_output *output)
{
    json_t *events = output->is_run ? number(output->events) : json_null();
    json_t *first = output->events > 0 ? id_json(&output->first) : json_null();
    json_t *last = output->events > 0 ? id_json(&output->last) : json_null();
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:s}", "file", hmz_json_text(output->file), "bytes",
                     number(output->bytes), "events", events, "first", first, "last", last, "xxh3_128",
                     hmz_file_hash_text(output->hash).text);
}

static json_t *skipped_json(const struct hmz_skipped *skipped)
{
    json_t *event = skipped->kind == HMZ_SKIPPED_EVENT ? number(skipped->number) : json_null();
    json_t *reason = hmz_json_message(skipped->reason);
    if (skipped->kind != HMZ_SKIPPED_SCALER)
        return json_pack("{s:i, s:o, s:o}", "run", skipped->run, "event", event, "reason", reason);
    return json_pack("{s:i, s:o, s:o, s:o}", "run", skipped->run, "event", event, "reason", reason, "scaler",
                     number(skipped->number));
}

static int put_bytes(const char *bytes, size_t length, void *buffer)
{
    struct hmz_buffer *to = buffer;
    hmz_buffer_put(to, bytes, length);
    return to->failed ? -1 : 0;
}

/* One value on a line of its own; takes `value` over. Not json_dumps(): jansson (2.14) does not look whether
 * a key was put, so where memory is short it returns text that lacks some. The buffer keeps that it failed.
 */
static void put_value(struct hmz_buffer *to, json_t *value, const char *after)
{
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY | JSON_PRESERVE_ORDER;
    if (!value || json_dump_callback(value, put_bytes, to, flags) != 0)
        to->failed = true;
    json_decref(value);
    hmz_buffer_put(to, after, strlen(after));
}

static void put_key(struct hmz_buffer *to, const char *key)
{
    hmz_buffer_put(to, "\"", 1);
    hmz_buffer_put(to, key, strlen(key));
    hmz_buffer_put(to, "\": ", 3);
}

#define PUT_LIST(to, key, items, count, to_json)                                                             \
    do {                                                                                                     \
        put_key((to), (key));                                                                                \
        hmz_buffer_put((to), "[\n", 2);                                                                      \
        for (size_t i_ = 0; i_ < (count); i_++)                                                              \
            put_value((to), to_json(&(items)[i_]), i_ + 1 < (count) ? ",\n" : "\n");                         \
        hmz_buffer_put((to), "],\n", 3);                                                                     \
    } while (0)

static void put_manifest(const struct hmz_manifest *self, struct hmz_buffer *to)
{
    hmz_buffer_put(to, "{\n", 2);
    put_key(to, "format");
    put_value(to, json_integer(FORMAT), ",\n");
    put_key(to, "program");
    put_value(to, json_string("harmonizer " HMZ_PROGRAM_VERSION), ",\n");
    put_key(to, "config");
    put_value(to, config_json(&self->config), ",\n");
    PUT_LIST(to, "inputs", self->inputs, self->input_count, input_json);
    PUT_LIST(to, "outputs", self->outputs, self->output_count, output_json);
    PUT_LIST(to, "skipped", self->skipped, self->skipped_count, skipped_json);
    XXH128_hash_t hash = XXH3_128bits(to->data, to->failed ? 0 : to->used);
    hmz_buffer_put(to, hash_line, sizeof hash_line - 1);
    struct hmz_hash_text digits = hmz_file_hash_text((struct hmz_file_hash){hash.high64, hash.low64});
    hmz_buffer_put(to, digits.text, strlen(digits.text));
    hmz_buffer_put(to, "\"}\n", 3);
}

int hmz_manifest_save(const struct hmz_manifest *self, struct hmz_file_at part, struct hmz_file_at final,
                      struct hmz_error *err)
{
    struct hmz_outfile file = HMZ_OUTFILE_CLOSED;
    struct hmz_buffer content = {0};
    put_manifest(self, &content);
    int status = hmz_buffer_check(&content, "the manifest", err);
    if (status == HMZ_OK)
        status = hmz_outfile_create(&file, part, err);
    if (status == HMZ_OK)
        status = hmz_outfile_write(&file, content.data, content.used, err);
    if (status == HMZ_OK)
        status = hmz_outfile_commit(&file, final, err);
    hmz_outfile_discard(&file);
    hmz_buffer_release(&content);
    return status;
}

/* ---- loading ---- */

static bool take_number(const json_t *object, const char *key, uint64_t *out)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        return false;
    *out = (uint64_t)json_integer_value(value);
    return true;
}

static bool take_run(const json_t *object, const char *key, int32_t *out)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < INT32_MIN ||
        json_integer_value(value) > INT32_MAX)
        return false;
    *out = (int32_t)json_integer_value(value);
    return true;
}

static bool take_text(const json_t *object, const char *key, char **out)
{
    const char *value = json_string_value(json_object_get(object, key));
    *out = value ? strdup(value) : NULL;
    return *out != NULL;
}

static bool take_id(const json_t *object, const char *key, struct hmz_event_id *out)
{
    const json_t *value = json_object_get(object, key);
    return take_run(value, "run", &out->run) && take_number(value, "event", &out->event);
}

static bool take_folders(const json_t *json, struct hmz_run_folders *out)
{
    struct hmz_error ignored; /* whatever is wrong, it is no manifest */
    const json_t *value = json_object_get(json, "merger_path");
    if (json_is_string(value))
        return hmz_run_folders_add(out, json_string_value(value), &ignored) == HMZ_OK;
    for (size_t i = 0; i < json_array_size(value); i++)
        if (!json_is_string(json_array_get(value, i)) ||
            hmz_run_folders_add(out, json_string_value(json_array_get(value, i)), &ignored) != HMZ_OK)
            return false;
    return out->count > 0;
}

/* 63, or "55-60". */
static bool take_range(const json_t *json, struct hmz_run_selection *out)
{
    struct hmz_error ignored;
    uint64_t first = (uint64_t)json_integer_value(json);
    uint64_t last = first;
    const char *text = json_string_value(json);
    const char *dash = text ? strchr(text, '-') : NULL;
    if (dash &&
        (hmz_number_parse_integer(text, (size_t)(dash - text), INT32_MAX, &first) != HMZ_NUMBER_FINE ||
         hmz_number_parse_integer(dash + 1, strlen(dash + 1), INT32_MAX, &last) != HMZ_NUMBER_FINE))
        return false;
    const struct hmz_run_range range = {(int32_t)first, (int32_t)last};
    return (dash || json_is_integer(json)) && first <= last && last <= INT32_MAX &&
           hmz_run_selection_add_range(out, range, &ignored) == HMZ_OK;
}

static bool take_selection(const json_t *json, struct hmz_run_selection *out)
{
    struct hmz_error ignored;
    const json_t *runs = json_object_get(json, "runs");
    const json_t *skip = json_object_get(json, "skip_runs");
    struct hmz_run_range range;
    bool good = json_is_string(runs) || json_is_array(runs);
    if (!runs)
        good = take_run(json, "min_run", &range.first) && take_run(json, "max_run", &range.last) &&
               hmz_run_selection_add_range(out, range, &ignored) == HMZ_OK;
    out->as_list = json_is_array(runs);
    for (size_t i = 0; good && i < json_array_size(runs); i++)
        good = take_range(json_array_get(runs, i), out);
    for (size_t i = 0; good && i < json_array_size(skip); i++)
        good = hmz_run_selection_add_skipped(out, (int32_t)json_integer_value(json_array_get(skip, i)),
                                             &ignored) == HMZ_OK;
    return good;
}

static bool take_settings(const json_t *json, struct hmz_settings *out)
{
    const char *mode = json_string_value(json_object_get(json, "mode"));
    const char *frib = json_string_value(json_object_get(json, "frib_for_spyral"));
    uint64_t processes = 0;
    bool count = take_number(json, "harmonic_count", &out->harmonic_count);
    if (take_number(json, "processes", &processes) && processes > UINT32_MAX)
        return false;
    out->processes = (uint32_t)processes;
    return count != take_number(json, "harmonic_size_bytes", &out->target_bytes) && mode &&
           hmz_mode_by_name(mode, &out->mode) && hmz_frib_by_name(frib ? frib : "keep", &out->frib);
}

static bool take_config(const json_t *json, struct hmz_manifest_config *out)
{
    return take_folders(json, &out->merger) && take_text(json, "harmonic_path", &out->harmonic_path) &&
           take_selection(json, &out->selection) && take_settings(json, &out->settings) &&
           (out->settings.mode != HMZ_MODE_LINK || take_text(json, "links", &out->links));
}

static bool take_input(struct hmz_manifest *self, const json_t *json)
{
    struct hmz_manifest_input *input = hmz_manifest_add_input(self);
    uint64_t mtime;
    if (!input || !take_run(json, "run", &input->run) || !take_text(json, "file", &input->file) ||
        !take_number(json, "bytes", &input->identity.bytes) || !take_number(json, "mtime_ns", &mtime))
        return false;
    input->identity.mtime_ns = (int64_t)mtime;
    return !json_object_get(json, "folder") || take_text(json, "folder", &input->folder);
}

static bool take_output(struct hmz_manifest *self, const json_t *json)
{
    struct hmz_manifest_output *output = hmz_manifest_add_output(self);
    if (!output || !take_text(json, "file", &output->file) || !take_number(json, "bytes", &output->bytes) ||
        !parse_hash(json_string_value(json_object_get(json, "xxh3_128")), &output->hash))
        return false;
    output->is_run = take_number(json, "events", &output->events);
    return output->events == 0 ||
           (take_id(json, "first", &output->first) && take_id(json, "last", &output->last));
}

static bool take_skipped(struct hmz_manifest *self, const json_t *json)
{
    struct hmz_skipped *skipped = hmz_manifest_add_skipped(self);
    if (!skipped || !take_run(json, "run", &skipped->run) || !take_text(json, "reason", &skipped->reason))
        return false;
    if (take_number(json, "event", &skipped->number))
        skipped->kind = HMZ_SKIPPED_EVENT;
    else if (take_number(json, "scaler", &skipped->number))
        skipped->kind = HMZ_SKIPPED_SCALER;
    return true;
}

static bool take_list(struct hmz_manifest *self, const json_t *root, const char *key,
                      bool (*take)(struct hmz_manifest *self, const json_t *json))
{
    const json_t *list = json_object_get(root, key);
    if (!json_is_array(list))
        return false;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!take(self, json_array_get(list, i)))
            return false;
    return true;
}

static bool take_manifest(struct hmz_manifest *self, const json_t *root)
{
    return take_config(json_object_get(root, "config"), &self->config) &&
           take_list(self, root, "inputs", take_input) && take_list(self, root, "outputs", take_output) &&
           take_list(self, root, "skipped", take_skipped);
}

/* The last line holds the hash of all bytes before it, and nothing else. */
static bool seal_fits(const char *bytes, size_t length)
{
    size_t line_length = sizeof hash_line - 1 + 32 + 3;
    if (length < line_length)
        return false;
    const char *line = bytes + length - line_length;
    char digits[33];
    struct hmz_file_hash claimed;
    memcpy(digits, line + sizeof hash_line - 1, 32);
    digits[32] = '\0';
    if (memcmp(line, hash_line, sizeof hash_line - 1) != 0 || memcmp(bytes + length - 3, "\"}\n", 3) != 0 ||
        !parse_hash(digits, &claimed))
        return false;
    XXH128_hash_t hash = XXH3_128bits(bytes, length - line_length);
    return claimed.high == hash.high64 && claimed.low == hash.low64;
}

int hmz_manifest_load(struct hmz_manifest *self_out, struct hmz_file_at at, struct hmz_error *err)
{
    uint8_t *bytes;
    size_t length;
    *self_out = (struct hmz_manifest){0};
    int status = hmz_file_read(at, HMZ_MANIFEST_BYTES_LIMIT, &bytes, &length, err);
    if (status == HMZ_E_USAGE)
        err->status = HMZ_E_DAMAGED; /* no file, so no manifest: another set's list is not ours */
    if (status != HMZ_OK)
        return status == HMZ_E_USAGE ? HMZ_E_DAMAGED : status;
    if (!seal_fits((char *)bytes, length)) {
        free(bytes);
        return hmz_fail(
            err, HMZ_E_DAMAGED,
            "%s/%s: changed since it was written, or not a manifest of ours; put it back from a copy. "
            "Without it this set is not touched, with --force neither; a new set needs another harmonic_path",
            at.folder->path, at.name);
    }
    json_error_t where;
    json_t *root = json_loadb((char *)bytes, length, JSON_REJECT_DUPLICATES, &where);
    free(bytes);
    uint64_t format;
    bool other_format = root && take_number(root, "format", &format) && format != FORMAT;
    bool whole = root && !other_format && take_manifest(self_out, root);
    json_decref(root);
    if (whole)
        return HMZ_OK;
    hmz_manifest_release(self_out);
    if (other_format)
        return hmz_fail(err, HMZ_E_DAMAGED, "%s/%s: a manifest of format %" PRIu64 ", expected %d",
                        at.folder->path, at.name, format, FORMAT);
    /* It is as it was written, so it is the memory, or the work of somebody who knows how to seal one. */
    return hmz_fail(err, HMZ_E_NOMEM, "%s/%s: no memory to read it, or not a manifest of ours",
                    at.folder->path, at.name);
}
