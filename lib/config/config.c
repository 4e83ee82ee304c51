/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buffer.h"
#include "posix_io.h"
#include "strict_number.h"
#include "yaml_document.h"

enum {
    RUN_LIMIT = INT32_MAX,
    COUNT_LIMIT = INT32_MAX,
    BYTES_PER_GB_SHIFT = 9,
    PROCESSES_LIMIT = 4096,
    FOLDERS_LIMIT = 1000
};

enum key {
    KEY_MERGER_PATH,
    KEY_HARMONIC_PATH,
    KEY_SIZE,
    KEY_COUNT,
    KEY_PROCESSES,
    KEY_MIN_RUN,
    KEY_MAX_RUN,
    KEY_RUNS,
    KEY_SKIP_RUNS,
    KEY_MODE,
    KEY_FRIB,
    KEYS_END,
};

struct key_rule {
    const char *name;
    const char *expected; /* ends the sentence "…; expected" */
    bool required;
};

static const struct key_rule rules[KEYS_END] = {
    [KEY_MERGER_PATH] = {"merger_path", "the folder of the merged runs, or a list of folders", true},
    [KEY_HARMONIC_PATH] = {"harmonic_path", "the folder for the harmonic runs", true},
    [KEY_SIZE] = {"harmonic_size_gb", "a size in GB such as 10 or 0.5", false},
    [KEY_COUNT] = {"harmonic_count", "a number of harmonic runs from 1 to 2147483647", false},
    [KEY_PROCESSES] = {"processes", "how many processes Spyral uses, from 1 to 4096", false},
    [KEY_MIN_RUN] = {"min_run", "a run number from 0 to 2147483647", false},
    [KEY_MAX_RUN] = {"max_run", "a run number from 0 to 2147483647", false},
    [KEY_RUNS] = {"runs", "a list of runs and ranges such as [55-60, 63]", false},
    [KEY_SKIP_RUNS] = {"skip_runs", "a list of run numbers such as [57, 60]", false},
    [KEY_MODE] = {"mode", "copy or link", false},
    [KEY_FRIB] = {"frib_for_spyral", "set_aside or keep", false},
};

#define ALL_KEYS                                                                                             \
    "merger_path, harmonic_path, harmonic_size_gb or harmonic_count, min_run and max_run or runs, "          \
    "skip_runs, processes, mode, frib_for_spyral"

/* One configuration on its way from nodes to numbers. */
struct reading {
    const char *name;
    yaml_document_t document;
    const yaml_node_t *keys[KEYS_END]; /* NULL: not given */
    const yaml_node_t *values[KEYS_END];
    struct hmz_config *config;
};

static int context_key(const struct reading *reading, const yaml_node_t *node, enum key key,
                       struct hmz_error *err)
{
    return hmz_context(err, "%s:%zu: %s", reading->name, hmz_yaml_line(node), rules[key].name);
}

/* "FILE:LINE: KEY: `found` `complaint`; expected …" */
static int fail_value(const struct reading *reading, const yaml_node_t *node, enum key key,
                      const char *complaint, struct hmz_error *err)
{
    hmz_ignore(hmz_fail(err, HMZ_E_USAGE, "%s%s; expected %s",
                        hmz_yaml_is_null(node) ? "no value" : hmz_yaml_quote(node).text,
                        hmz_yaml_is_null(node) ? "" : complaint, rules[key].expected));
    return context_key(reading, node, key, err);
}

/* Edit distance (Levenshtein), or `limit` for words of which it must be that at least or that are long. */
static size_t edit_distance(const char *word, const yaml_node_t *text, size_t limit)
{
    enum { LONGEST = 31 };
    size_t row[LONGEST + 1];
    size_t word_length = strlen(word);
    size_t text_length = text->data.scalar.length;
    if (word_length > LONGEST || text_length > LONGEST)
        return limit;
    for (size_t i = 0; i <= word_length; i++)
        row[i] = i;
    for (size_t j = 1; j <= text_length; j++) {
        size_t diagonal = row[0];
        row[0] = j;
        for (size_t i = 1; i <= word_length; i++) {
            size_t best = diagonal + ((uint8_t)word[i - 1] != text->data.scalar.value[j - 1]);
            best = best < row[i] + 1 ? best : row[i] + 1;
            best = best < row[i - 1] + 1 ? best : row[i - 1] + 1;
            diagonal = row[i];
            row[i] = best;
        }
    }
    return row[word_length] < limit ? row[word_length] : limit;
}

static int fail_unknown_key(const struct reading *reading, const yaml_node_t *node, struct hmz_error *err)
{
    size_t nearest = 5; /* further away it is another word, not a slip; so it is if half of it is other */
    const char *known = NULL;
    for (int key = 0; key < KEYS_END; key++) {
        size_t distance = edit_distance(rules[key].name, node, nearest);
        if (distance < nearest && 2 * distance <= strlen(rules[key].name)) {
            nearest = distance;
            known = rules[key].name;
        }
    }
    struct hmz_yaml_quoted found = hmz_yaml_quote(node);
    size_t line = hmz_yaml_line(node);
    if (known)
        return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: unknown key %s; did you mean %s?", reading->name, line,
                        found.text, known);
    return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: unknown key %s; expected " ALL_KEYS, reading->name, line,
                    found.text);
}

static int take_pair(struct reading *reading, const yaml_node_t *name, const yaml_node_t *value,
                     struct hmz_error *err)
{
    if (name->type != YAML_SCALAR_NODE)
        return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: %s as a key; expected " ALL_KEYS, reading->name,
                        hmz_yaml_line(name), hmz_yaml_quote(name).text);
    int key = 0;
    while (key < KEYS_END && !hmz_yaml_is_text(name, rules[key].name))
        key++;
    if (key == KEYS_END)
        return fail_unknown_key(reading, name, err);
    if (reading->keys[key])
        return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: %s: given twice, first on line %zu; expected it once",
                        reading->name, hmz_yaml_line(name), rules[key].name,
                        hmz_yaml_line(reading->keys[key]));
    reading->keys[key] = name;
    reading->values[key] = value;
    return HMZ_OK;
}

static int take_pairs(struct reading *reading, struct hmz_error *err)
{
    const yaml_node_t *root = yaml_document_get_root_node(&reading->document);
    if (root->type != YAML_MAPPING_NODE)
        return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: %s; expected keys with values such as min_run: 55",
                        reading->name, hmz_yaml_line(root), hmz_yaml_quote(root).text);
    int status = HMZ_OK;
    const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
    for (; status == HMZ_OK && pair < root->data.mapping.pairs.top; pair++)
        status = take_pair(reading, yaml_document_get_node(&reading->document, pair->key),
                           yaml_document_get_node(&reading->document, pair->value), err);
    return status;
}

/* Both, or none, or `runs` alone. */
static int check_range_keys(const struct reading *reading, struct hmz_error *err)
{
    const yaml_node_t *runs = reading->keys[KEY_RUNS];
    const yaml_node_t *least = reading->keys[KEY_MIN_RUN];
    const yaml_node_t *most = reading->keys[KEY_MAX_RUN];
    const yaml_node_t *one = least ? least : most;
    const enum key one_key = least ? KEY_MIN_RUN : KEY_MAX_RUN;
    const enum key other_key = least ? KEY_MAX_RUN : KEY_MIN_RUN;
    if (runs && one)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "%s:%zu: runs: given beside %s (line %zu); expected either runs, or min_run and max_run",
            reading->name, hmz_yaml_line(runs), rules[one_key].name, hmz_yaml_line(one));
    if (one && !(least && most))
        return hmz_fail(err, HMZ_E_USAGE,
                        "%s: %s: missing; expected %s, as %s is given (line %zu); without both, all runs are "
                        "taken",
                        reading->name, rules[other_key].name, rules[other_key].expected, rules[one_key].name,
                        hmz_yaml_line(one));
    return HMZ_OK;
}

static int check_keys(const struct reading *reading, struct hmz_error *err)
{
    for (int key = 0; key < KEYS_END; key++) {
        if (rules[key].required && !reading->keys[key])
            return hmz_fail(err, HMZ_E_USAGE, "%s: %s: missing; expected %s", reading->name, rules[key].name,
                            rules[key].expected);
    }
    int status = check_range_keys(reading, err);
    if (status != HMZ_OK)
        return status;
    const yaml_node_t *size = reading->keys[KEY_SIZE];
    const yaml_node_t *count = reading->keys[KEY_COUNT];
    if (!size && !count)
        return hmz_fail(err, HMZ_E_USAGE, "%s: harmonic_size_gb: missing; expected %s, or harmonic_count",
                        reading->name, rules[KEY_SIZE].expected);
    if (size && count)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "%s:%zu: harmonic_count: given beside harmonic_size_gb (line %zu); expected one of them",
            reading->name, hmz_yaml_line(count), hmz_yaml_line(size));
    const yaml_node_t *processes = reading->keys[KEY_PROCESSES];
    if (processes && count)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "%s:%zu: processes: given beside harmonic_count (line %zu); expected harmonic_size_gb, "
            "which it is rounded by",
            reading->name, hmz_yaml_line(processes), hmz_yaml_line(count));
    return HMZ_OK;
}

/* A tag such as !!binary says that the text is not what it seems. libyaml gives !!str to what has none. */
static bool has_tag(const yaml_node_t *node, const char *tag)
{
    return strcmp((const char *)node->tag, tag) == 0;
}

static int check_text(const struct reading *reading, const yaml_node_t *node, enum key key,
                      struct hmz_error *err)
{
    if (node->type != YAML_SCALAR_NODE)
        return fail_value(reading, node, key, "", err);
    if (hmz_yaml_is_null(node) || node->data.scalar.length == 0)
        return fail_value(reading, node, key, " is empty", err);
    if (!has_tag(node, YAML_STR_TAG))
        return fail_value(reading, node, key, " has a tag that is not !!str", err);
    return HMZ_OK;
}

static int check_number(const struct reading *reading, const yaml_node_t *node, enum key key,
                        struct hmz_error *err)
{
    if (node->type != YAML_SCALAR_NODE)
        return fail_value(reading, node, key, "", err);
    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return fail_value(reading, node, key, " is text, not a number: it stands in quotes", err);
    if (!has_tag(node, YAML_STR_TAG) && !has_tag(node, YAML_INT_TAG) && !has_tag(node, YAML_FLOAT_TAG))
        return fail_value(reading, node, key, " has a tag that is not !!int or !!float", err);
    return HMZ_OK;
}

static const char *number_complaint(enum hmz_number_verdict verdict, const char *malformed)
{
    switch (verdict) {
    case HMZ_NUMBER_MALFORMED:
        return malformed;
    case HMZ_NUMBER_NEGATIVE:
        return " is negative";
    case HMZ_NUMBER_TOO_LARGE:
        return " is too large";
    default:
        return NULL;
    }
}

static int read_integer(const struct reading *reading, const yaml_node_t *node, enum key key,
                        uint64_t *value_out, struct hmz_error *err)
{
    int status = check_number(reading, node, key, err);
    if (status != HMZ_OK)
        return status;
    const char *complaint = number_complaint(
        hmz_number_parse_integer((const char *)node->data.scalar.value, node->data.scalar.length,
                                 key == KEY_COUNT ? COUNT_LIMIT : RUN_LIMIT, value_out),
        " is not a whole number");
    return complaint ? fail_value(reading, node, key, complaint, err) : HMZ_OK;
}

static int read_size(struct reading *reading, struct hmz_error *err)
{
    const yaml_node_t *node = reading->values[KEY_SIZE];
    if (!node)
        return HMZ_OK;
    int status = check_number(reading, node, KEY_SIZE, err);
    if (status != HMZ_OK)
        return status;
    uint64_t bytes = 0;
    const char *complaint =
        number_complaint(hmz_number_parse_decimal((const char *)node->data.scalar.value,
                                                  node->data.scalar.length, BYTES_PER_GB_SHIFT, &bytes),
                         " is not a number");
    if (complaint)
        return fail_value(reading, node, KEY_SIZE, complaint, err);
    if (bytes == 0)
        return fail_value(reading, node, KEY_SIZE, " GB is not above 0 bytes", err);
    reading->config->settings.target_bytes = bytes;
    return HMZ_OK;
}

static int read_count(struct reading *reading, struct hmz_error *err)
{
    const yaml_node_t *node = reading->values[KEY_COUNT];
    if (!node)
        return HMZ_OK;
    int status = read_integer(reading, node, KEY_COUNT, &reading->config->settings.harmonic_count, err);
    if (status == HMZ_OK && reading->config->settings.harmonic_count == 0)
        return fail_value(reading, node, KEY_COUNT, " is not above 0", err);
    return status;
}

static int read_processes(struct reading *reading, struct hmz_error *err)
{
    const yaml_node_t *node = reading->values[KEY_PROCESSES];
    uint64_t processes;
    if (!node)
        return HMZ_OK;
    int status = read_integer(reading, node, KEY_PROCESSES, &processes, err);
    if (status == HMZ_OK && processes == 0)
        return fail_value(reading, node, KEY_PROCESSES, " is not above 0", err);
    if (status == HMZ_OK && processes > PROCESSES_LIMIT)
        return fail_value(reading, node, KEY_PROCESSES, " is too large", err);
    if (status == HMZ_OK)
        reading->config->settings.processes = (uint32_t)processes;
    return status;
}

static int check_path(const struct reading *reading, const yaml_node_t *node, enum key key,
                      struct hmz_error *err)
{
    int status = check_text(reading, node, key, err);
    if (status == HMZ_OK && strlen((const char *)node->data.scalar.value) != node->data.scalar.length)
        status = fail_value(reading, node, key, " goes on with a NUL byte", err);
    return status;
}

static int read_harmonic_path(struct reading *reading, struct hmz_error *err)
{
    const yaml_node_t *node = reading->values[KEY_HARMONIC_PATH];
    struct hmz_config *config = reading->config;
    int status = check_path(reading, node, KEY_HARMONIC_PATH, err);
    if (status != HMZ_OK)
        return status;
    config->harmonic_line = hmz_yaml_line(node);
    config->harmonic_path = strdup((const char *)node->data.scalar.value);
    return config->harmonic_path ? HMZ_OK : hmz_fail_nomem(err, "harmonic_path");
}

static int add_merger_path(struct reading *reading, const yaml_node_t *node, struct hmz_error *err)
{
    struct hmz_run_folders *folders = &reading->config->merger;
    int status = check_path(reading, node, KEY_MERGER_PATH, err);
    if (status == HMZ_OK && folders->count == FOLDERS_LIMIT)
        status =
            fail_value(reading, node, KEY_MERGER_PATH, " is one folder too many: 1000 are the most", err);
    return status == HMZ_OK ? hmz_run_folders_add(folders, (const char *)node->data.scalar.value, err)
                            : status;
}

static const yaml_node_t *item_of(struct reading *reading, const yaml_node_t *list, size_t i)
{
    return yaml_document_get_node(&reading->document, list->data.sequence.items.start[i]);
}

static size_t items_in(const yaml_node_t *list)
{
    return (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
}

static int read_merger_path(struct reading *reading, struct hmz_error *err)
{
    const yaml_node_t *node = reading->values[KEY_MERGER_PATH];
    reading->config->merger_line = hmz_yaml_line(node);
    if (node->type != YAML_SEQUENCE_NODE)
        return add_merger_path(reading, node, err);
    if (items_in(node) == 0)
        return fail_value(reading, node, KEY_MERGER_PATH, " without a folder", err);
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < items_in(node); i++)
        status = add_merger_path(reading, item_of(reading, node, i), err);
    return status;
}

/* ---- runs ---- */

static int read_run(const struct reading *reading, enum key key, int32_t *run_out, struct hmz_error *err)
{
    uint64_t run;
    int status = read_integer(reading, reading->values[key], key, &run, err);
    if (status == HMZ_OK)
        *run_out = (int32_t)run;
    return status;
}

static int read_range(struct reading *reading, struct hmz_error *err)
{
    struct hmz_run_range range;
    if (!reading->values[KEY_MIN_RUN])
        return HMZ_OK;
    int status = read_run(reading, KEY_MIN_RUN, &range.first, err);
    if (status == HMZ_OK)
        status = read_run(reading, KEY_MAX_RUN, &range.last, err);
    if (status != HMZ_OK)
        return status;
    if (range.first <= range.last)
        return hmz_run_selection_add_range(&reading->config->selection, range, err);
    hmz_ignore(hmz_fail(err, HMZ_E_USAGE, "%d is below min_run, %d; expected at least that", range.last,
                        range.first));
    return context_key(reading, reading->values[KEY_MAX_RUN], KEY_MAX_RUN, err);
}

static int list_of(const struct reading *reading, enum key key, const yaml_node_t **list_out,
                   struct hmz_error *err)
{
    const yaml_node_t *list = reading->values[key];
    *list_out = list;
    if (!list || list->type == YAML_SEQUENCE_NODE)
        return HMZ_OK;
    return fail_value(reading, list, key, list->type == YAML_SCALAR_NODE ? " is no list" : "", err);
}

/* "55-60" */
static int read_run_range(const struct reading *reading, const yaml_node_t *item, size_t dash,
                          struct hmz_run_range *range_out, struct hmz_error *err)
{
    const char *text = (const char *)item->data.scalar.value;
    uint64_t first = 0;
    uint64_t last = 0;
    const char *complaint =
        number_complaint(hmz_number_parse_integer(text, dash, RUN_LIMIT, &first), " is no range of runs");
    if (!complaint)
        complaint = number_complaint(
            hmz_number_parse_integer(text + dash + 1, item->data.scalar.length - dash - 1, RUN_LIMIT, &last),
            " is no range of runs");
    if (!complaint && last < first)
        complaint = " ends below its beginning";
    *range_out = (struct hmz_run_range){(int32_t)first, (int32_t)last};
    return complaint ? fail_value(reading, item, KEY_RUNS, complaint, err) : HMZ_OK;
}

/* A range is text, in quotes or not. */
static int check_text_or_number(const struct reading *reading, const yaml_node_t *item, struct hmz_error *err)
{
    bool plain = item->type == YAML_SCALAR_NODE && item->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return plain ? check_number(reading, item, KEY_RUNS, err) : check_text(reading, item, KEY_RUNS, err);
}

static int read_runs_item(const struct reading *reading, const yaml_node_t *item,
                          struct hmz_run_range *range_out, struct hmz_error *err)
{
    uint64_t run;
    int status = check_text_or_number(reading, item, err);
    if (status != HMZ_OK)
        return status;
    size_t length = item->data.scalar.length;
    const char *text = (const char *)item->data.scalar.value;
    const char *dash = length > 1 ? memchr(text + 1, '-', length - 1) : NULL;
    if (dash)
        return read_run_range(reading, item, (size_t)(dash - text), range_out, err);
    status = read_integer(reading, item, KEY_RUNS, &run, err);
    if (status == HMZ_OK)
        *range_out = (struct hmz_run_range){(int32_t)run, (int32_t)run};
    return status;
}

static int read_runs(struct reading *reading, struct hmz_error *err)
{
    const yaml_node_t *list;
    struct hmz_run_selection *selection = &reading->config->selection;
    int status = list_of(reading, KEY_RUNS, &list, err);
    if (status != HMZ_OK || !list)
        return status;
    if (items_in(list) == 0)
        return fail_value(reading, list, KEY_RUNS, " without a run", err);
    selection->as_list = true;
    for (size_t i = 0; status == HMZ_OK && i < items_in(list); i++) {
        struct hmz_run_range range;
        status = read_runs_item(reading, item_of(reading, list, i), &range, err);
        if (status == HMZ_OK)
            status = hmz_run_selection_add_range(selection, range, err);
    }
    return status;
}

static int read_skip_runs(struct reading *reading, struct hmz_error *err)
{
    const yaml_node_t *list;
    int status = list_of(reading, KEY_SKIP_RUNS, &list, err);
    for (size_t i = 0; status == HMZ_OK && list && i < items_in(list); i++) {
        uint64_t run;
        status = read_integer(reading, item_of(reading, list, i), KEY_SKIP_RUNS, &run, err);
        if (status == HMZ_OK)
            status = hmz_run_selection_add_skipped(&reading->config->selection, (int32_t)run, err);
    }
    return status;
}

/* ---- choices ---- */

/* A word without a NUL; "" for one with: no choice has that. */
static const char *word_of(const yaml_node_t *node)
{
    const char *word = (const char *)node->data.scalar.value;
    return strlen(word) == node->data.scalar.length ? word : "";
}

/* The defaults are 0. */
static int read_choices(struct reading *reading, struct hmz_error *err)
{
    const yaml_node_t *mode = reading->values[KEY_MODE];
    const yaml_node_t *frib = reading->values[KEY_FRIB];
    struct hmz_settings *to = &reading->config->settings;
    int status = mode ? check_text(reading, mode, KEY_MODE, err) : HMZ_OK;
    if (status == HMZ_OK && mode && !hmz_mode_by_name(word_of(mode), &to->mode))
        status = fail_value(reading, mode, KEY_MODE, " is no mode", err);
    if (status == HMZ_OK && frib)
        status = check_text(reading, frib, KEY_FRIB, err);
    if (status == HMZ_OK && frib && !hmz_frib_by_name(word_of(frib), &to->frib))
        status = fail_value(reading, frib, KEY_FRIB, " is neither", err);
    return status;
}

static int read_values(struct reading *reading, struct hmz_error *err)
{
    int status = read_merger_path(reading, err);
    if (status == HMZ_OK)
        status = read_harmonic_path(reading, err);
    if (status == HMZ_OK)
        status = read_size(reading, err);
    if (status == HMZ_OK)
        status = read_count(reading, err);
    if (status == HMZ_OK)
        status = read_processes(reading, err);
    if (status == HMZ_OK)
        status = read_range(reading, err);
    if (status == HMZ_OK)
        status = read_runs(reading, err);
    if (status == HMZ_OK)
        status = read_skip_runs(reading, err);
    hmz_run_selection_sort(&reading->config->selection);
    if (status == HMZ_OK)
        status = read_choices(reading, err);
    return status;
}

static int read_document(struct reading *reading, struct hmz_error *err)
{
    int status = take_pairs(reading, err);
    if (status == HMZ_OK)
        status = check_keys(reading, err);
    if (status == HMZ_OK)
        status = read_values(reading, err);
    return status;
}

static struct hmz_config *new_config(const char *name)
{
    struct hmz_config *config = calloc(1, sizeof *config);
    if (!config)
        return NULL;
    config->file = strdup(name);
    if (!config->file) {
        free(config);
        return NULL;
    }
    return config;
}

int hmz_config_parse(const char *name, const uint8_t *bytes, size_t length, struct hmz_config **config_out,
                     struct hmz_error *err)
{
    struct reading reading = {.name = name};
    *config_out = NULL;
    if (length > HMZ_CONFIG_LIMIT_BYTES)
        return hmz_fail(err, HMZ_E_USAGE, "%s: %zu bytes; expected at most %d", name, length,
                        HMZ_CONFIG_LIMIT_BYTES);
    int status = hmz_yaml_load(name, bytes, length, &reading.document, err);
    if (status != HMZ_OK)
        return status;
    reading.config = new_config(name);
    status = reading.config ? read_document(&reading, err) : hmz_fail_nomem(err, name);
    yaml_document_delete(&reading.document);
    if (status != HMZ_OK)
        hmz_config_free(reading.config);
    else
        *config_out = reading.config;
    return status;
}

/* What stands behind a path decides how it is read: a pipe from which more may come is left at a signal. */
static int check_kind(const char *path, bool *is_file_out, struct hmz_error *err)
{
    struct stat found;
    if (stat(path, &found) != 0 && errno == ENOENT)
        return hmz_fail(err, HMZ_E_USAGE, "%s: no such file; the command new writes one to start from", path);
    if (stat(path, &found) != 0)
        return hmz_fail(err, HMZ_E_USAGE, "%s: cannot read: %s", path, strerror(errno));
    if (S_ISDIR(found.st_mode))
        return hmz_fail(err, HMZ_E_USAGE, "%s: a folder; expected a configuration file", path);
    *is_file_out = S_ISREG(found.st_mode);
    return HMZ_OK;
}

/* To the end, whatever length it claims: pipes and the files of the kernel claim none. */
static int read_to_end(int fd, bool is_file, struct hmz_buffer *content, struct hmz_error *err)
{
    enum { PIECE_BYTES = 1 << 14 };
    uint8_t piece[PIECE_BYTES];
    int tries = 0;
    while (content->used <= HMZ_CONFIG_LIMIT_BYTES) {
        ssize_t got = read(fd, piece, sizeof piece);
        if (got == 0)
            return hmz_buffer_check(content, "the configuration", err);
        if (got > 0) {
            hmz_buffer_put(content, piece, (size_t)got);
            tries = 0;
        } else if (errno == EINTR && !is_file) {
            return hmz_fail(err, HMZ_E_INTERRUPTED, "a signal came before its end");
        } else if (errno != EINTR || ++tries > HMZ_IO_EINTR_TRIES) {
            return hmz_fail(err, HMZ_E_USAGE, "cannot read: %s", strerror(errno));
        }
    }
    return hmz_fail(err, HMZ_E_USAGE, "more than %d bytes; expected a configuration", HMZ_CONFIG_LIMIT_BYTES);
}

/* Opening a pipe waits for who writes to it, until a signal comes. */
static int open_config(const char *path, bool is_file, int *fd_out, struct hmz_error *err)
{
    int tries = 0;
    do
        *fd_out = open(path, O_RDONLY | O_CLOEXEC);
    while (*fd_out < 0 && errno == EINTR && is_file && ++tries <= HMZ_IO_EINTR_TRIES);
    if (*fd_out < 0 && errno == EINTR)
        return hmz_fail(err, HMZ_E_INTERRUPTED, "%s: a signal came before anybody wrote to it", path);
    return *fd_out < 0 ? hmz_fail(err, HMZ_E_USAGE, "%s: cannot open: %s", path, strerror(errno)) : HMZ_OK;
}

static int read_config(const char *path, struct hmz_buffer *content, struct hmz_error *err)
{
    bool is_file = true;
    int fd = -1;
    int status = check_kind(path, &is_file, err);
    if (status == HMZ_OK)
        status = open_config(path, is_file, &fd, err);
    if (status != HMZ_OK)
        return status;
    status = read_to_end(fd, is_file, content, err);
    close(fd); /* only read */
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "%s", path);
}

int hmz_config_load(const char *path, struct hmz_config **config_out, struct hmz_error *err)
{
    struct hmz_buffer content = {0};
    *config_out = NULL;
    int status = read_config(path, &content, err);
    if (status == HMZ_OK)
        status = hmz_config_parse(path, content.data ? content.data : (const uint8_t *)"", content.used,
                                  config_out, err);
    hmz_buffer_release(&content);
    return status;
}

void hmz_config_free(struct hmz_config *config)
{
    if (!config)
        return;
    free(config->file);
    hmz_run_folders_release(&config->merger);
    free(config->harmonic_path);
    hmz_run_selection_release(&config->selection);
    free(config);
}
