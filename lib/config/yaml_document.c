/* SPDX-License-Identifier: MIT */
#include "yaml_document.h"

#include <stdio.h>
#include <string.h>

struct source {
    const char *name;
    const uint8_t *bytes;
    size_t length;
};

/* libyaml gives a byte, not a line, for bytes that it cannot decode. */
static size_t line_of_byte(const struct source *source, size_t offset)
{
    size_t line = 1;
    for (size_t i = 0; i < offset && i < source->length; i++)
        line += source->bytes[i] == '\n';
    return line;
}

/* libyaml calls a tab "character that cannot start any token", and nobody can see it. */
static bool line_begins_with_tab(const struct source *source, size_t line)
{
    size_t i = 0;
    for (; i < source->length && line > 1; i++)
        line -= source->bytes[i] == '\n';
    while (i < source->length && source->bytes[i] == ' ')
        i++;
    return i < source->length && source->bytes[i] == '\t';
}

static int fail_parser(const struct source *source, const yaml_parser_t *parser, struct hmz_error *err)
{
    const char *problem = parser->problem;
    /* Where memory is short, libyaml may also fail without a word. */
    if (parser->error == YAML_MEMORY_ERROR || !problem)
        return hmz_fail_nomem(err, source->name);
    if (parser->error == YAML_READER_ERROR)
        return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: not valid YAML: %s; expected UTF-8 text", source->name,
                        line_of_byte(source, parser->problem_offset), problem);
    size_t line = parser->problem_mark.line + 1;
    const char *hint = line_begins_with_tab(source, line) ? "; the line begins with a tab, use spaces" : "";
    if (!parser->context)
        return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: not valid YAML: %s%s", source->name, line, problem, hint);
    return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: not valid YAML: %s (%s, line %zu)%s", source->name, line,
                    problem, parser->context, parser->context_mark.line + 1, hint);
}

static int fail_empty(const struct source *source, struct hmz_error *err)
{
    return hmz_fail(err, HMZ_E_USAGE, "%s: empty; expected a configuration such as the command new writes",
                    source->name);
}

struct shape {
    int depth;
    int document_count;
    int anchor_count;
};

static bool has_anchor(const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return event->data.scalar.anchor;
    case YAML_SEQUENCE_START_EVENT:
        return event->data.sequence_start.anchor;
    case YAML_MAPPING_START_EVENT:
        return event->data.mapping_start.anchor;
    default:
        return false;
    }
}

static int check_event(const struct source *source, const yaml_event_t *event, struct shape *shape,
                       struct hmz_error *err)
{
    size_t line = event->start_mark.line + 1;
    if (has_anchor(event) && ++shape->anchor_count > HMZ_YAML_ANCHOR_LIMIT)
        return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: more than %d anchors; expected plain keys", source->name,
                        line, HMZ_YAML_ANCHOR_LIMIT);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++shape->document_count > 1)
            return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: a second document begins; expected one only",
                            source->name, line);
        return HMZ_OK;
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        if (++shape->depth > HMZ_YAML_DEPTH_LIMIT)
            return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: nested more than %d levels deep; expected plain keys",
                            source->name, line, HMZ_YAML_DEPTH_LIMIT);
        return HMZ_OK;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        shape->depth--;
        return HMZ_OK;
    default:
        return HMZ_OK;
    }
}

/* Event by event, before the document is built: only so can it be left before libyaml has read it all. */
static int check_stream(const struct source *source, yaml_parser_t *parser, struct hmz_error *err)
{
    struct shape shape = {0};
    yaml_event_type_t type = YAML_NO_EVENT;
    while (type != YAML_STREAM_END_EVENT) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event))
            return fail_parser(source, parser, err);
        type = event.type;
        int status = check_event(source, &event, &shape, err);
        yaml_event_delete(&event);
        if (status != HMZ_OK)
            return status;
    }
    return shape.document_count == 0 ? fail_empty(source, err) : HMZ_OK;
}

static int build_document(const struct source *source, yaml_parser_t *parser, yaml_document_t *document_out,
                          struct hmz_error *err)
{
    yaml_document_t document;
    if (!yaml_parser_load(parser, &document))
        return fail_parser(source, parser, err);
    const yaml_node_t *root = yaml_document_get_root_node(&document);
    if (!root || hmz_yaml_is_null(root)) {
        yaml_document_delete(&document);
        return fail_empty(source, err);
    }
    *document_out = document;
    return HMZ_OK;
}

static int open_parser(const struct source *source, yaml_parser_t *parser, struct hmz_error *err)
{
    if (!yaml_parser_initialize(parser))
        return hmz_fail_nomem(err, source->name);
    yaml_parser_set_input_string(parser, source->bytes, source->length);
    return HMZ_OK;
}

int hmz_yaml_load(const char *name, const uint8_t *bytes, size_t length, yaml_document_t *document_out,
                  struct hmz_error *err)
{
    struct source source = {.name = name, .bytes = bytes, .length = length};
    yaml_parser_t parser;
    int status = open_parser(&source, &parser, err);
    if (status != HMZ_OK)
        return status;
    status = check_stream(&source, &parser, err);
    yaml_parser_delete(&parser);
    if (status == HMZ_OK)
        status = open_parser(&source, &parser, err);
    if (status != HMZ_OK)
        return status;
    status = build_document(&source, &parser, document_out, err);
    yaml_parser_delete(&parser);
    return status;
}

size_t hmz_yaml_line(const yaml_node_t *node)
{
    return node->start_mark.line + 1;
}

bool hmz_yaml_is_text(const yaml_node_t *node, const char *text)
{
    size_t length = strlen(text);
    return node->type == YAML_SCALAR_NODE && node->data.scalar.length == length &&
           memcmp(node->data.scalar.value, text, length) == 0;
}

bool hmz_yaml_is_null(const yaml_node_t *node)
{
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (hmz_yaml_is_text(node, words[i]))
            return true;
    }
    return false;
}

/* At most `room` bytes, and no half of a UTF-8 character at the end. */
static size_t cut_length(const uint8_t *text, size_t length, size_t room)
{
    if (length <= room)
        return length;
    while (room > 0 && (text[room] & 0xc0) == 0x80)
        room--;
    return room;
}

struct hmz_yaml_quoted hmz_yaml_quote(const yaml_node_t *node)
{
    static const char cut_mark[] = "\xe2\x80\xa6";
    struct hmz_yaml_quoted quoted;
    if (node->type != YAML_SCALAR_NODE) {
        snprintf(quoted.text, sizeof quoted.text, "a %s",
                 node->type == YAML_SEQUENCE_NODE ? "list" : "mapping");
        return quoted;
    }
    size_t length = node->data.scalar.length;
    size_t shown = cut_length(node->data.scalar.value, length, sizeof quoted.text - sizeof cut_mark - 2);
    int used = snprintf(quoted.text, sizeof quoted.text, "\"%.*s%s\"", (int)shown,
                        (const char *)node->data.scalar.value, shown < length ? cut_mark : "");
    for (int i = 0; i < used; i++) { /* a message is one line, whatever the file holds */
        uint8_t byte = (uint8_t)quoted.text[i];
        if (byte < 0x20 || byte == 0x7f)
            quoted.text[i] = '?';
    }
    return quoted;
}
