/* SPDX-License-Identifier: MIT */
#include "opts.h"

#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JOBS_DEFAULT_LAST = 8, JOBS_LAST = 256, STALL_SECONDS = 60, STALL_SECONDS_LAST = 86400 };
enum { SHARDS_LAST = 1000000 };

static const struct hmz_option options[HMZ_OPTIONS_END] = {
    [HMZ_OPTION_CONFIG] = {"config", "FILE", "the configuration (YAML); `new` writes a template", 'c'},
    [HMZ_OPTION_JOBS] = {"jobs", "N", "worker processes (default: the cores there are, at most 8)", 'j'},
    [HMZ_OPTION_SHARD] = {"shard", "I/N", "which part of the job, I from 1 to N", 0},
    [HMZ_OPTION_SHARDS] = {"shards", "N", "into so many parts (16)", 0},
    [HMZ_OPTION_PRINT] = {"print", NULL, "show the script and submit nothing", 0},
    [HMZ_OPTION_CHECKSUMS] = {"checksums", NULL, "against the manifest alone, without the merged runs", 0},
    [HMZ_OPTION_HARMONIC] = {"harmonic", NULL, "which event is M of harmonic run N?", 0},
    [HMZ_OPTION_JSON] = {"json", NULL, "output for programs", 0},
    [HMZ_OPTION_QUIET] = {"quiet", NULL, "no progress and no summary", 'q'},
    [HMZ_OPTION_FORCE] = {"force", NULL, "replace an earlier harmonic set in harmonic_path", 0},
    [HMZ_OPTION_DISCARD_EVENTS] = {"discard-events", NULL,
                                   "with --force: give up events that only the set has", 0},
    [HMZ_OPTION_SKIP_BAD] = {"skip-bad", NULL, "leave out what is damaged, list it, and exit 3", 0},
    [HMZ_OPTION_HELP] = {"help", NULL, "this text; with a command, more about it", 'h'},
    [HMZ_OPTION_VERSION] = {"version", NULL, "the version of this program", 'V'},
    [HMZ_OPTION_STALL_SECONDS] = {"stall-seconds", "N", NULL, 0},
};

const struct hmz_option *hmz_option(enum hmz_option_id id)
{
    return &options[id];
}

/* The cores that this process may use, as a batch system may have bound it. */
static uint32_t usable_cores(void)
{
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (uint32_t)CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (uint32_t)online : 1;
}

static int take_count(const char *option, const char *text, uint32_t last, uint32_t *out,
                      struct hmz_error *err)
{
    size_t digits = strspn(text, "0123456789");
    unsigned long value = digits > 0 && digits < 10 ? strtoul(text, NULL, 10) : 0;
    if (text[digits] != '\0' || value < 1 || value > last)
        return hmz_fail(err, HMZ_E_USAGE, "%s: \"%s\", expected a whole number from 1 to %u", option, text,
                        last);
    *out = (uint32_t)value;
    return HMZ_OK;
}

/* "I/N" */
static int take_shard(const char *text, struct hmz_opts *out, struct hmz_error *err)
{
    char first[16];
    size_t length = strcspn(text, "/");
    if (length < sizeof first && text[length] == '/') {
        memcpy(first, text, length);
        first[length] = '\0';
        if (take_count("", text + length + 1, SHARDS_LAST, &out->shard_count, err) == HMZ_OK &&
            take_count("", first, out->shard_count, &out->shard, err) == HMZ_OK)
            return HMZ_OK;
    }
    return hmz_fail(err, HMZ_E_USAGE, "--shard: \"%s\", expected I/N with I from 1 to N, N at most %d", text,
                    SHARDS_LAST);
}

static bool *flag_of(enum hmz_option_id id, struct hmz_opts *out)
{
    bool *const flags[HMZ_OPTIONS_END] = {
        [HMZ_OPTION_PRINT] = &out->print,       [HMZ_OPTION_CHECKSUMS] = &out->checksums,
        [HMZ_OPTION_HARMONIC] = &out->harmonic, [HMZ_OPTION_JSON] = &out->json,
        [HMZ_OPTION_QUIET] = &out->quiet,       [HMZ_OPTION_FORCE] = &out->force,
        [HMZ_OPTION_SKIP_BAD] = &out->skip_bad, [HMZ_OPTION_DISCARD_EVENTS] = &out->discard_events,
        [HMZ_OPTION_HELP] = &out->help,         [HMZ_OPTION_VERSION] = &out->version,
    };
    return flags[id];
}

static int take_config(const char *value, struct hmz_opts *out, struct hmz_error *err)
{
    if (out->config_path)
        return hmz_fail(err, HMZ_E_USAGE, "--config is given twice");
    if (!*value)
        return hmz_fail(err, HMZ_E_USAGE, "--config: an empty name, expected a file");
    out->config_path = value;
    return HMZ_OK;
}

static int take_value(enum hmz_option_id id, const char *value, struct hmz_opts *out, struct hmz_error *err)
{
    switch (id) {
    case HMZ_OPTION_CONFIG:
        return take_config(value, out, err);
    case HMZ_OPTION_JOBS:
        return take_count("--jobs", value, JOBS_LAST, &out->jobs, err);
    case HMZ_OPTION_SHARDS:
        return take_count("--shards", value, SHARDS_LAST, &out->shards, err);
    case HMZ_OPTION_SHARD:
        return take_shard(value, out, err);
    case HMZ_OPTION_STALL_SECONDS:
        return take_count("--stall-seconds", value, STALL_SECONDS_LAST, &out->stall_seconds, err);
    default:
        *flag_of(id, out) = true;
        return HMZ_OK;
    }
}

/* ---- words ---- */

struct line {
    char **at; /* the next word */
    char **end;
};

/* `value`: what stands behind the option in the same word, NULL where nothing does. */
static int take_option(struct line *line, enum hmz_option_id id, const char *value, struct hmz_opts *out,
                       struct hmz_error *err)
{
    const struct hmz_option *option = &options[id];
    out->given |= HMZ_OPTION_BIT(id);
    if (!option->argument && value)
        return hmz_fail(err, HMZ_E_USAGE, "--%s takes no value, found \"%s\"", option->name, value);
    if (option->argument && !value && line->at == line->end)
        return hmz_fail(err, HMZ_E_USAGE, "--%s needs a value: --%s %s", option->name, option->name,
                        option->argument);
    if (option->argument && !value)
        value = *line->at++;
    return take_value(id, value, out, err);
}

/* The option with this name, or with `part` the only one that begins so; HMZ_OPTIONS_END for none. */
static enum hmz_option_id find_name(const char *name, size_t length, bool part)
{
    enum hmz_option_id found = HMZ_OPTIONS_END;
    for (int id = 0; id < HMZ_OPTIONS_END; id++) {
        if (strncmp(options[id].name, name, length) != 0 || (!part && options[id].name[length]))
            continue;
        if (found != HMZ_OPTIONS_END)
            return HMZ_OPTIONS_END;
        found = (enum hmz_option_id)id;
    }
    return found;
}

static int fail_unknown(const char *word, enum hmz_option_id meant, struct hmz_error *err)
{
    int length = (int)strcspn(word, "=");
    if (meant == HMZ_OPTIONS_END)
        return hmz_fail(err, HMZ_E_USAGE, "unknown option %.*s; harmonizer --help lists them", length, word);
    return hmz_fail(err, HMZ_E_USAGE, "unknown option %.*s; did you mean --%s?", length, word,
                    options[meant].name);
}

static int take_long(struct line *line, const char *word, struct hmz_opts *out, struct hmz_error *err)
{
    const char *name = word + 2;
    size_t length = strcspn(name, "=");
    enum hmz_option_id id = find_name(name, length, false);
    if (id == HMZ_OPTIONS_END)
        return fail_unknown(word, find_name(name, length, true), err);
    return take_option(line, id, name[length] ? name + length + 1 : NULL, out, err);
}

static enum hmz_option_id find_letter(char letter)
{
    int id = 0;
    while (id < HMZ_OPTIONS_END && options[id].letter != letter)
        id++;
    return (enum hmz_option_id)id;
}

/* "-qj4": letters without values, and one with the rest as its value. */
static int take_letters(struct line *line, const char *word, struct hmz_opts *out, struct hmz_error *err)
{
    enum hmz_option_id whole = find_name(word + 1, strcspn(word + 1, "="), false);
    if (whole != HMZ_OPTIONS_END) /* -checksums is not -c hecksums */
        return fail_unknown(word, whole, err);
    for (const char *at = word + 1; *at; at++) {
        enum hmz_option_id id = find_letter(*at);
        if (id == HMZ_OPTIONS_END)
            return hmz_fail(err, HMZ_E_USAGE, "unknown option -%.*s; harmonizer --help lists them",
                            (unsigned char)*at < 0x80 ? 1 : (int)strlen(at), at);
        const char *value = options[id].argument && at[1] ? at + 1 : NULL;
        if (!options[id].argument && at[1] == '=')
            value = at + 2;
        int status = take_option(line, id, value, out, err);
        if (status != HMZ_OK || value)
            return status;
    }
    return HMZ_OK;
}

static int take_word(const char *word, struct hmz_opts *out, struct hmz_error *err)
{
    if (!out->command && !*word)
        return hmz_fail(err, HMZ_E_USAGE, "an empty word, expected a command; harmonizer --help lists them");
    if (!out->command)
        out->command = word;
    else if (out->arg_count == HMZ_OPTS_ARGS_LAST)
        return hmz_fail(err, HMZ_E_USAGE, "too many words");
    else
        out->args[out->arg_count++] = word;
    return HMZ_OK;
}

static int take_next(struct line *line, struct hmz_opts *out, struct hmz_error *err)
{
    const char *word = *line->at++;
    if (word[0] != '-' || !word[1]) /* - alone is a word */
        return take_word(word, out, err);
    return word[1] == '-' ? take_long(line, word, out, err) : take_letters(line, word, out, err);
}

int hmz_opts_parse(int argc, char **argv, struct hmz_opts *out, struct hmz_error *err)
{
    uint32_t cores = usable_cores();
    struct line line = {.at = argc > 0 ? argv + 1 : argv, .end = argv + argc};
    int status = HMZ_OK;
    *out = (struct hmz_opts){.jobs = cores < JOBS_DEFAULT_LAST ? cores : JOBS_DEFAULT_LAST,
                             .stall_seconds = STALL_SECONDS};
    while (status == HMZ_OK && line.at < line.end && strcmp(*line.at, "--") != 0)
        status = take_next(&line, out, err);
    if (line.at < line.end && status == HMZ_OK)
        line.at++; /* the -- itself */
    for (; status == HMZ_OK && line.at < line.end; line.at++) {
        bool is_command = !out->command;
        status = take_word(*line.at, out, err);
        out->passed_count += !is_command;
    }
    if (!out->command)
        out->command = "";
    return status;
}
