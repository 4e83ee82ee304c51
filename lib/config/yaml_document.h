/* SPDX-License-Identifier: MIT */
/* One YAML document in memory, through libyaml's document API (YAML 1.1, https://pyyaml.org/wiki/LibYAML),
 * which knows the place of every key and value.
 *
 *     hmz_yaml_load(name, bytes, length, &document, err)
 *     yaml_document_get_root_node(), yaml_document_get_node(), and the helpers below
 *     yaml_document_delete(&document)
 *
 * What libyaml takes is taken: UTF-8 with or without a mark, UTF-16 with one, any line ends, comments, flow
 * style, anchors. Beyond libyaml's own checks the text must hold exactly one document, of at most
 * HMZ_YAML_DEPTH_LIMIT levels and HMZ_YAML_ANCHOR_LIMIT anchors: libyaml's time grows with the square of
 * both, to many minutes within a file of 1 MiB.
 * Aliases share nodes, so a document can contain itself: walk it with a fixed depth, never by recursion. */
#ifndef HMZ_YAML_DOCUMENT_H
#define HMZ_YAML_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <yaml.h>

#include "hmz_error.h"

enum { HMZ_YAML_DEPTH_LIMIT = 16, HMZ_YAML_ANCHOR_LIMIT = 100, HMZ_YAML_QUOTE_BYTES = 96 };

/* Text by value, so that several fit into one printf. */
struct hmz_yaml_quoted {
    char text[HMZ_YAML_QUOTE_BYTES];
};

/* Parses the bytes; touches no file.
 *
 *   name          stands in front of messages: "NAME:LINE: …"
 *   bytes         `length` bytes, borrowed for the call
 *   document_out  written on success only; the caller deletes it with yaml_document_delete()
 *
 * HMZ_OK, HMZ_E_NOMEM, or HMZ_E_USAGE: not YAML, no document, a second document, beyond a limit. */
HMZ_MUST_CHECK int hmz_yaml_load(const char *name, const uint8_t *bytes, size_t length,
                                 yaml_document_t *document_out, struct hmz_error *err);

/* The line of a node, the first being 1. For an alias: where its value stands. */
size_t hmz_yaml_line(const yaml_node_t *node);

/* A scalar without content, or one of YAML's words for that (~, null), without quotes. */
bool hmz_yaml_is_null(const yaml_node_t *node);

/* A scalar is exactly `text`. */
bool hmz_yaml_is_text(const yaml_node_t *node, const char *text);

/* The text of a scalar in double quotes, on one line, cut where it is long. Of other nodes: "a list" or
 * "a mapping". */
struct hmz_yaml_quoted hmz_yaml_quote(const yaml_node_t *node);

#endif
