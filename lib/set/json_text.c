/* SPDX-License-Identifier: MIT */
#include "json_text.h"

#include "buffer.h"

json_t *hmz_json_text(const char *value)
{
    json_t *string = json_string(value);
    if (string)
        return string;
    struct hmz_buffer utf8 = {0};
    for (const unsigned char *at = (const unsigned char *)value; *at; at++) {
        if (*at >= 0x80)
            hmz_buffer_put_u8(&utf8, (uint8_t)(0xc0 | *at >> 6));
        hmz_buffer_put_u8(&utf8, (uint8_t)(*at >= 0x80 ? 0x80 | (*at & 0x3f) : *at));
    }
    string = utf8.failed ? NULL : json_stringn((char *)utf8.data, utf8.used);
    hmz_buffer_release(&utf8);
    return string;
}

json_t *hmz_json_append(json_t *list, json_t *value)
{
    if (json_array_append_new(list, value) == 0)
        return list;
    json_decref(list);
    return NULL;
}
