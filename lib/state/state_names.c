/* SPDX-License-Identifier: MIT */
#include "state_names.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "outfile.h"

/* "stem" or, numbered, "stem" and four digits or more; then the ending. HMZ_STATE_PART: only as a part file.
 */
static const struct pattern {
    const char *stem;
    const char *ending;
    enum hmz_state_kind kind;
    bool numbered;
} patterns[] = {
    {"lock", "", HMZ_STATE_LOCK, false},           {"index_", "", HMZ_STATE_INDEX, true},
    {"plan", "", HMZ_STATE_OUTPUT, false},         {"begun_", "", HMZ_STATE_OUTPUT, true},
    {"held_", "", HMZ_STATE_PART, true},           {"held_", ".part", HMZ_STATE_PART, true},
    {"sums_", "", HMZ_STATE_PART, true},           {"sums_", ".part", HMZ_STATE_PART, true},
    {"written_", "", HMZ_STATE_OUTPUT, true},      {"unreadable_", "", HMZ_STATE_OUTPUT, true},
    {"tables", "", HMZ_STATE_OUTPUT, false},       {"shards", "", HMZ_STATE_OUTPUT, false},
    {"replaced", "", HMZ_STATE_OTHER, false},      {"differences_", "", HMZ_STATE_OTHER, true},
    {"run_", ".h5", HMZ_STATE_PART, true},         {"scalers", ".parquet", HMZ_STATE_PART, false},
    {"events", ".parquet", HMZ_STATE_PART, false}, {"runs", ".parquet", HMZ_STATE_PART, false},
    {"manifest", ".json", HMZ_STATE_PART, false},
};

static const char digits[] = "0123456789";
enum { DIGITS_LEAST = 4, DIGITS_MOST = 20 };

/* What comes after `head`, or NULL. */
static const char *after(const char *text, const char *head)
{
    size_t length = strlen(head);
    return strncmp(text, head, length) == 0 ? text + length : NULL;
}

/* As printf("%04d") writes it. */
static const char *after_number(const char *text)
{
    size_t count = strspn(text, digits);
    bool plain = count == DIGITS_LEAST || (count > DIGITS_LEAST && count <= DIGITS_MOST && text[0] != '0');
    return plain ? text + count : NULL;
}

static const char *after_word(const char *text)
{
    bool word = text[0] == '.' && strspn(text + 1, "0123456789abcdef") == HMZ_OUTFILE_WORD_DIGITS;
    return word ? text + 1 + HMZ_OUTFILE_WORD_DIGITS : text;
}

static enum hmz_state_kind match(const struct pattern *pattern, const char *name)
{
    const char *stem = after(name, pattern->stem);
    if (stem && pattern->numbered)
        stem = after_number(stem);
    if (!stem)
        return HMZ_STATE_FOREIGN;
    if (strcmp(stem, pattern->ending) == 0 && pattern->kind != HMZ_STATE_PART)
        return pattern->kind;
    const char *end = after(after_word(stem), pattern->ending);
    bool is_part = end && strcmp(end, ".part") == 0 && pattern->kind != HMZ_STATE_LOCK;
    return is_part ? HMZ_STATE_PART : HMZ_STATE_FOREIGN;
}

enum hmz_state_kind hmz_state_kind(const char *name)
{
    enum hmz_state_kind kind = HMZ_STATE_FOREIGN;
    for (size_t i = 0; kind == HMZ_STATE_FOREIGN && i < sizeof patterns / sizeof *patterns; i++)
        kind = match(&patterns[i], name);
    return kind;
}
