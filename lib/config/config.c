/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "posix_io.h"
#include "strict_number.h"

enum { CONFIG_LIMIT_BYTES = 1 << 20 };

/* Where we are, for messages. */
struct reading {
    const char *name; /* of the file */
    yaml_document_t *document;
    struct hmz_config *config;
    unsigned seen; /* bits: which keys of the table */
    struct hmz_error *err;
};

static unsigned long line_of(const yaml_node_t *node)
{
    return (unsigned long)node->start_mark.line + 1;
}

static const char *text_of(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

/* ---- values ---- */

static int wrong(const struct reading *self, const yaml_node_t *node, const char *key, const char *expected)
{
    if (node->type != YAML_SCALAR_NODE)
        return hmz_fail(self->err, HMZ_E_USAGE, "%s:%lu: %s: a %s, expected %s", self->name, line_of(node),
                        key, node->type == YAML_SEQUENCE_NODE ? "list" : "mapping", expected);
    if (!*text_of(node))
        return hmz_fail(self->err, HMZ_E_USAGE, "%s:%lu: %s: no value, expected %s", self->name,
                        line_of(node), key, expected);
    return hmz_fail(self->err, HMZ_E_USAGE, "%s:%lu: %s: \"%.200s\", expected %s", self->name, line_of(node),
                    key, text_of(node), expected);
}

static bool is_plain(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE && node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static bool is_null(const yaml_node_t *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (!is_plain(node))
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text_of(node), words[i]) == 0)
            return true;
    return false;
}

static int take_path(struct reading *self, const yaml_node_t *node, const char *key, char **out)
{
    if (node->type != YAML_SCALAR_NODE || is_null(node) || !*text_of(node))
        return wrong(self, node, key, "a path");
    if (strlen(text_of(node)) != node->data.scalar.length)
        return wrong(self, node, key, "a path without NUL characters");
    *out = strdup(text_of(node));
    return *out ? HMZ_OK : hmz_fail_nomem(self->err, key);
}

/* A quoted number is text, in YAML as for the original harmonizer. */
static int take_whole(struct reading *self, const yaml_node_t *node, const char *key, uint64_t *out)
{
    if (!is_plain(node))
        return wrong(self, node, key, "a whole number without quotes");
    switch (hmz_number_parse_u64(text_of(node), out)) {
    case HMZ_NUMBER_OK:
        return HMZ_OK;
    case HMZ_NUMBER_NEGATIVE:
        return wrong(self, node, key, "a whole number that is not negative");
    case HMZ_NUMBER_TOO_LARGE:
        return wrong(self, node, key, "a smaller whole number");
    default:
        return wrong(self, node, key, "a whole number");
    }
}

static int take_run(struct reading *self, const yaml_node_t *node, const char *key, int32_t *out)
{
    uint64_t value;
    int status = take_whole(self, node, key, &value);
    if (status == HMZ_OK && value > INT32_MAX)
        return wrong(self, node, key, "a run number of at most 2147483647");
    if (status == HMZ_OK)
        *out = (int32_t)value;
    return status;
}

/* ---- keys ---- */

static int read_merger_path(struct reading *self, const yaml_node_t *node, const char *key)
{
    return take_path(self, node, key, &self->config->merger_path);
}

static int read_harmonic_path(struct reading *self, const yaml_node_t *node, const char *key)
{
    return take_path(self, node, key, &self->config->harmonic_path);
}

static int read_size(struct reading *self, const yaml_node_t *node, const char *key)
{
    static const char expected[] = "a size in GB above 0, such as 10 or 0.5";
    if (!is_plain(node))
        return wrong(self, node, key, "a size in GB without quotes, such as 10 or 0.5");
    switch (hmz_number_parse_giga(text_of(node), &self->config->target_bytes)) {
    case HMZ_NUMBER_OK:
        return self->config->target_bytes > 0 ? HMZ_OK : wrong(self, node, key, expected);
    case HMZ_NUMBER_TOO_LARGE:
        return wrong(self, node, key, "a smaller size in GB");
    default:
        return wrong(self, node, key, expected);
    }
}

static int read_count(struct reading *self, const yaml_node_t *node, const char *key)
{
    int status = take_whole(self, node, key, &self->config->harmonic_count);
    if (status == HMZ_OK && self->config->harmonic_count == 0)
        return wrong(self, node, key, "at least 1 harmonic run");
    return status;
}

static int read_min_run(struct reading *self, const yaml_node_t *node, const char *key)
{
    return take_run(self, node, key, &self->config->min_run);
}

static int read_max_run(struct reading *self, const yaml_node_t *node, const char *key)
{
    return take_run(self, node, key, &self->config->max_run);
}

static int by_number(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a;
    int32_t right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

static void sort_unique(int32_t *items, size_t *count)
{
    size_t kept = 0;
    if (*count)
        qsort(items, *count, sizeof *items, by_number);
    for (size_t i = 0; i < *count; i++)
        if (kept == 0 || items[kept - 1] != items[i])
            items[kept++] = items[i];
    *count = kept;
}

static int read_skip_runs(struct reading *self, const yaml_node_t *node, const char *key)
{
    struct hmz_config *config = self->config;
    if (node->type != YAML_SEQUENCE_NODE)
        return wrong(self, node, key, "a list of run numbers such as [57, 60]");
    size_t count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    config->skip_runs = calloc(count ? count : 1, sizeof *config->skip_runs);
    if (!config->skip_runs)
        return hmz_fail_nomem(self->err, key);
    for (size_t i = 0; i < count; i++) {
        const yaml_node_t *item = yaml_document_get_node(self->document, node->data.sequence.items.start[i]);
        int status = take_run(self, item, key, &config->skip_runs[i]);
        if (status != HMZ_OK)
            return status;
    }
    config->skip_count = count;
    sort_unique(config->skip_runs, &config->skip_count);
    return HMZ_OK;
}

static int read_mode(struct reading *self, const yaml_node_t *node, const char *key)
{
    if (node->type == YAML_SCALAR_NODE && strcmp(text_of(node), "copy") == 0)
        self->config->mode = HMZ_CONFIG_COPY;
    else if (node->type == YAML_SCALAR_NODE && strcmp(text_of(node), "link") == 0)
        self->config->mode = HMZ_CONFIG_LINK;
    else
        return wrong(self, node, key, "copy or link");
    return HMZ_OK;
}

static const struct key {
    const char *name;
    bool required;
    int (*read)(struct reading *self, const yaml_node_t *node, const char *key);
} keys[] = {
    {"merger_path", true, read_merger_path}, {"harmonic_path", true, read_harmonic_path},
    {"min_run", true, read_min_run},         {"max_run", true, read_max_run},
    {"harmonic_size_gb", false, read_size},  {"harmonic_count", false, read_count},
    {"skip_runs", false, read_skip_runs},    {"mode", false, read_mode},
};
enum { KEY_COUNT = sizeof keys / sizeof *keys };

static const char known_keys[] =
    "merger_path, harmonic_path, harmonic_size_gb, harmonic_count, min_run, max_run, "
    "skip_runs, mode";

static int read_pair(struct reading *self, const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = yaml_document_get_node(self->document, pair->key);
    const yaml_node_t *value = yaml_document_get_node(self->document, pair->value);
    if (key->type != YAML_SCALAR_NODE)
        return hmz_fail(self->err, HMZ_E_USAGE, "%s:%lu: a key that is no word; expected %s", self->name,
                        line_of(key), known_keys);
    for (unsigned i = 0; i < KEY_COUNT; i++) {
        if (strcmp(keys[i].name, text_of(key)) != 0)
            continue;
        if (self->seen & 1u << i)
            return hmz_fail(self->err, HMZ_E_USAGE, "%s:%lu: %s is given twice", self->name, line_of(key),
                            keys[i].name);
        self->seen |= 1u << i;
        return keys[i].read(self, value, keys[i].name);
    }
    return hmz_fail(self->err, HMZ_E_USAGE, "%s:%lu: unknown key \"%.100s\"; expected %s", self->name,
                    line_of(key), text_of(key), known_keys);
}

/* ---- the whole ---- */

static int check_together(const struct reading *self)
{
    const struct hmz_config *config = self->config;
    for (unsigned i = 0; i < KEY_COUNT; i++)
        if (keys[i].required && !(self->seen & 1u << i))
            return hmz_fail(self->err, HMZ_E_USAGE, "%s: %s is missing", self->name, keys[i].name);
    if (config->target_bytes && config->harmonic_count)
        return hmz_fail(self->err, HMZ_E_USAGE,
                        "%s: harmonic_size_gb and harmonic_count are both given, expected one of them",
                        self->name);
    if (!config->target_bytes && !config->harmonic_count)
        return hmz_fail(self->err, HMZ_E_USAGE,
                        "%s: harmonic_size_gb is missing (or harmonic_count in its place)", self->name);
    if (config->min_run > config->max_run)
        return hmz_fail(self->err, HMZ_E_USAGE, "%s: min_run is %d, above max_run, which is %d", self->name,
                        config->min_run, config->max_run);
    return HMZ_OK;
}

static int read_root(struct reading *self)
{
    const yaml_node_t *root = yaml_document_get_root_node(self->document);
    if (!root || is_null(root))
        return hmz_fail(self->err, HMZ_E_USAGE, "%s: empty; expected keys: %s", self->name, known_keys);
    if (root->type != YAML_MAPPING_NODE)
        return hmz_fail(self->err, HMZ_E_USAGE, "%s:%lu: expected lines of `key: value`", self->name,
                        line_of(root));
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top;
         pair++) {
        int status = read_pair(self, pair);
        if (status != HMZ_OK)
            return status;
    }
    return check_together(self);
}

static int syntax_error(const char *name, const yaml_parser_t *parser, struct hmz_error *err)
{
    unsigned long line = (unsigned long)parser->problem_mark.line + 1;
    if (parser->error == YAML_MEMORY_ERROR)
        return hmz_fail_nomem(err, name);
    return hmz_fail(err, HMZ_E_USAGE, "%s:%lu: not valid YAML: %s", name, line,
                    parser->problem ? parser->problem : "unreadable");
}

/* One document and nothing behind it. */
static int check_end(const char *name, yaml_parser_t *parser, struct hmz_error *err)
{
    yaml_document_t second;
    if (!yaml_parser_load(parser, &second))
        return syntax_error(name, parser, err);
    const yaml_node_t *root = yaml_document_get_root_node(&second);
    int status = HMZ_OK;
    if (root)
        status = hmz_fail(err, HMZ_E_USAGE, "%s:%lu: a second document, expected one", name, line_of(root));
    yaml_document_delete(&second);
    return status;
}

static int read_stream(const char *name, yaml_parser_t *parser, struct hmz_config *out, struct hmz_error *err)
{
    yaml_document_t document;
    if (!yaml_parser_load(parser, &document))
        return syntax_error(name, parser, err);
    struct reading reading = {.name = name, .document = &document, .config = out, .err = err};
    int status = read_root(&reading);
    yaml_document_delete(&document);
    return status == HMZ_OK ? check_end(name, parser, err) : status;
}

int hmz_config_parse(const char *name, const uint8_t *text, size_t length, struct hmz_config *out,
                     struct hmz_error *err)
{
    yaml_parser_t parser;
    *out = (struct hmz_config){0};
    if (!yaml_parser_initialize(&parser))
        return hmz_fail_nomem(err, name);
    yaml_parser_set_input_string(&parser, text, length);
    int status = read_stream(name, &parser, out, err);
    yaml_parser_delete(&parser);
    if (status != HMZ_OK)
        hmz_config_release(out);
    return status;
}

int hmz_config_load(const char *path, struct hmz_config *out, struct hmz_error *err)
{
    uint8_t *text;
    size_t length;
    int status = hmz_io_read_file(path, CONFIG_LIMIT_BYTES, &text, &length, err);
    if (status == HMZ_END)
        return hmz_fail(err, HMZ_E_USAGE, "%s: no such file; `harmonizer -c %s new` writes a template", path,
                        path);
    if (status != HMZ_OK) {
        err->status = status == HMZ_E_NOMEM ? status : HMZ_E_USAGE;
        return err->status;
    }
    status = hmz_config_parse(path, text, length, out, err);
    free(text);
    return status;
}

void hmz_config_release(struct hmz_config *self)
{
    free(self->merger_path);
    free(self->harmonic_path);
    free(self->skip_runs);
    *self = (struct hmz_config){0};
}
