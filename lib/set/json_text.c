/* SPDX-License-Identifier: MIT */
#include "json_text.h"

#include <stdlib.h>
#include <string.h>

#include "plain_text.h"

static json_t *make(const char *value, void (*convert)(const char *text, char *out, size_t capacity))
{
    size_t capacity = HMZ_TEXT_ROOM(strlen(value));
    char *text = malloc(capacity);
    if (!text)
        return NULL;
    convert(value, text, capacity);
    json_t *string = json_string(text);
    free(text);
    return string;
}

json_t *hmz_json_text(const char *value)
{
    return make(value, hmz_text_to_utf8);
}

json_t *hmz_json_message(const char *value)
{
    return make(value, hmz_text_to_shown);
}

json_t *hmz_json_append(json_t *list, json_t *value)
{
    if (json_array_append_new(list, value) == 0)
        return list;
    json_decref(list);
    return NULL;
}
