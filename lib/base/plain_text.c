/* SPDX-License-Identifier: MIT */
#include "plain_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Bytes of the UTF-8 character at `text` and its code; 0 where there is none: not the shortest form, half of
 * a pair of UTF-16, beyond Unicode. */
static size_t read_character(const unsigned char *text, uint32_t *code_out)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = text[0] < 0x80 ? 1 : text[0] < 0xc0 ? 0 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
    uint32_t code = length < 2 ? text[0] : text[0] & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (text[0] >= 0xf8 || code < least[length] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
        return 0;
    *code_out = code;
    return length;
}

static bool is_utf8(const char *text)
{
    uint32_t code;
    size_t length = 1;
    for (; *text && length > 0; text += length)
        length = read_character((const unsigned char *)text, &code);
    return length > 0;
}

/* Control characters, those that turn the direction of writing, and those that end lines. */
static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x200e || code == 0x200f ||
           code == 0x061c || (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

struct out {
    char *at;
    size_t left; /* one byte for the NUL is always kept */
};

static bool put(struct out *out, const char *bytes, size_t length)
{
    if (length >= out->left)
        return false;
    memcpy(out->at, bytes, length);
    out->at += length;
    out->left -= length;
    return true;
}

static bool put_latin1(struct out *out, unsigned char byte)
{
    const char bytes[] = {(char)(0xc0 | byte >> 6), (char)(0x80 | (byte & 0x3f))};
    return byte < 0x80 ? put(out, (const char *)&byte, 1) : put(out, bytes, sizeof bytes);
}

void hmz_text_to_utf8(const char *text, char *out, size_t capacity)
{
    struct out to;
    to.at = out;
    to.left = capacity;
    bool utf8 = is_utf8(text);
    bool fits = true;
    while (*text && fits) {
        uint32_t code;
        size_t length = utf8 ? read_character((const unsigned char *)text, &code) : 1;
        fits = utf8 ? put(&to, text, length) : put_latin1(&to, (unsigned char)*text);
        text += length;
    }
    *to.at = '\0';
}

static bool put_shown(struct out *out, const char *text, size_t *length_out)
{
    char spelled[16];
    uint32_t code;
    size_t length = read_character((const unsigned char *)text, &code);
    *length_out = length ? length : 1;
    if (!length)
        code = (unsigned char)*text;
    if (is_control(code)) {
        int written = snprintf(spelled, sizeof spelled, code < 0x100 ? "\\x%02x" : "\\u%04x", (unsigned)code);
        return put(out, spelled, (size_t)written);
    }
    return length ? put(out, text, length) : put_latin1(out, (unsigned char)*text);
}

void hmz_text_to_shown(const char *text, char *out, size_t capacity)
{
    static const char mark[] = "\xe2\x80\xa6";
    struct out to;
    to.at = out;
    to.left = capacity;
    struct out before = to; /* the last position where the mark fits */
    size_t length;
    while (*text) {
        if (to.left >= sizeof mark)
            before = to;
        if (!put_shown(&to, text, &length)) {
            to = before;
            (void)put(&to, mark, sizeof mark - 1); /* too small a buffer has nothing at all */
            break;
        }
        text += length;
    }
    *to.at = '\0';
}
