/* SPDX-License-Identifier: MIT */
/* Paths and names are bytes, JSON is UTF-8: what is none is written as Latin-1, so that it stays readable. */
#ifndef HMZ_JSON_TEXT_H
#define HMZ_JSON_TEXT_H

#include <jansson.h>

/* A new string; NULL without memory. */
json_t *hmz_json_text(const char *value);

/* The same of a message for people: control characters in it are spelled out, as on a terminal. */
json_t *hmz_json_message(const char *value);

/* The list with one value more, which it owns; without memory (`value` NULL too) NULL, and both are gone. */
json_t *hmz_json_append(json_t *list, json_t *value);

#endif
