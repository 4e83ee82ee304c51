/* SPDX-License-Identifier: MIT */
/* mkrun: makes a merged run as a merger of the wanted version writes it. Same arguments, same bytes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run_spec.h"

static const struct layout {
    const char *name, *version;
    void (*write)(const struct run_spec *spec);
} layouts[] = {
    {"0.1.0", "", write_legacy},
    {"0.2.0", "libattpc_merger:0.2.0", write_v1},
    {"1.0", "libattpc_merger:1.0", write_v1},
    {"2.0", "libattpc_merger:2.0", write_v2},
    {"synchronizer", "synchronizer:0.1.0", write_v1},
};

static const char *const damages[] = {
    [DAMAGE_COLUMNS] = "columns",
    [DAMAGE_TYPE] = "type",
    [DAMAGE_MISSING_ID] = "missing-id",
    [DAMAGE_SOFT_LINK] = "soft-link",
    [DAMAGE_EXTERNAL_LINK] = "external-link",
    [DAMAGE_EXTERNAL_STORAGE] = "external-storage",
    [DAMAGE_VIRTUAL] = "virtual",
    [DAMAGE_UNWRITTEN] = "unwritten",
    [DAMAGE_STRAY] = "stray",
    [DAMAGE_NAME] = "name",
    [DAMAGE_SCALER] = "scaler",
};

static void usage_error(const char *what, const char *value)
{
    fprintf(stderr, "mkrun: %s: \"%s\"; mkrun --help tells more\n", what, value);
    exit(2);
}

/* ---- values ---- */

static uint64_t take_number(const char *text, const char **end_out)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno || end == text || *text == '-')
        usage_error("not a number", text);
    *end_out = end;
    return value;
}

static void read_number(const char *text, void *to)
{
    const char *end;
    *(uint64_t *)to = take_number(text, &end);
    if (*end)
        usage_error("not a number", text);
}

static void read_interval(const char *text, void *to)
{
    uint64_t *interval = to;
    const char *end;
    interval[0] = interval[1] = take_number(text, &end);
    if (*end == ':')
        interval[1] = take_number(end + 1, &end);
    if (*end || interval[1] < interval[0])
        usage_error("not MIN:MAX", text);
}

static void read_list(const char *text, void *to)
{
    struct number_list *list = to;
    if (strcmp(text, "all") == 0) {
        list->all = true;
        return;
    }
    for (const char *at = text;; at++) {
        list->items = realloc(list->items, (list->count + 1) * sizeof *list->items);
        if (!list->items)
            usage_error("no memory for", text);
        list->items[list->count++] = take_number(at, &at);
        if (*at != ',')
            break;
    }
}

static void read_text(const char *text, void *to)
{
    *(const char **)to = text;
}

static void read_flag(const char *text, void *to)
{
    (void)text;
    *(bool *)to = true;
}

static void read_int(const char *text, void *to)
{
    uint64_t value;
    read_number(text, &value);
    if (value > INT32_MAX)
        usage_error("too large", text);
    *(int32_t *)to = (int32_t)value;
}

static void read_damage(const char *text, void *to)
{
    struct run_spec *spec = to;
    const char *colon = strchr(text, ':');
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    for (size_t i = 1; i < sizeof damages / sizeof *damages; i++)
        if (strlen(damages[i]) == length && strncmp(damages[i], text, length) == 0)
            spec->damage = (enum damage)i;
    if (spec->damage == DAMAGE_NONE)
        usage_error("unknown damage", text);
    if (colon)
        read_number(colon + 1, &spec->damaged_event);
}

/* ---- options ---- */

#define FIELD(name) offsetof(struct run_spec, name)

static const struct option {
    const char *name;
    const char *value; /* NULL: a flag */
    void (*read)(const char *text, void *to);
    size_t field;
    const char *help;
} options[] = {
    {"--run", "N", read_int, FIELD(run), "run number"},
    {"--events", "N", read_number, FIELD(events), "events (10)"},
    {"--first-event", "N", read_number, FIELD(first_event), "number of the first (0)"},
    {"--traces", "MIN:MAX", read_interval, FIELD(traces_least), "traces of an event (3:12)"},
    {"--samples", "N", read_number, FIELD(samples), "rows of 1903 (2048)"},
    {"--samples-1905", "N", read_number, FIELD(samples_1905), "rows of 1905 (100)"},
    {"--silicon", "N", read_number, FIELD(silicon_most), "most rows of a silicon matrix (2)"},
    {"--seed", "N", read_number, FIELD(seed), "of the content (1)"},
    {"--holes", "A,B", read_list, FIELD(holes), "numbers without an event"},
    {"--frib-tail", "N", read_number, FIELD(frib_tail), "FRIB-only events after the last GET event"},
    {"--frib-only", "A,B", read_list, FIELD(frib_only), "events without GET data"},
    {"--get-only", "A,B", read_list, FIELD(get_only), "events without FRIB data"},
    {"--zero-rows", "A,B", read_list, FIELD(zero_rows), "events with GET data of no trace"},
    {"--empty-events", "A,B", read_list, FIELD(empty_events), "events without any part (from 0.2.0 on)"},
    {"--no-1903", "A,B", read_list, FIELD(no_1903), "events (or all) without 1903"},
    {"--short-1903", "A,B", read_list, FIELD(short_1903), "events with 1903 of half the rows"},
    {"--narrow-1903", "A,B", read_list, FIELD(narrow_1903), "events with 1903 of seven columns"},
    {"--no-977", "A,B", read_list, FIELD(no_977), "events without 977"},
    {"--empty-977", "A,B", read_list, FIELD(empty_977), "events with a 977 without a value"},
    {"--with-1904", "A,B", read_list, FIELD(with_1904), "events (or all) with 1904"},
    {"--with-1905", "A,B", read_list, FIELD(with_1905), "events (or all) with 1905"},
    {"--with-1906", "A,B", read_list, FIELD(with_1906), "events (or all) with 1906"},
    {"--coincidence", "N", read_int, FIELD(coincidence), "977 of all events (0, 1, 2, 3 in turn)"},
    {"--coincidence-high", "A,B", read_list, FIELD(coincidence_high), "events with 977 of 7"},
    {"--no-frib", NULL, read_flag, FIELD(no_frib), "a run without FRIB file"},
    {"--unclosed", NULL, read_flag, FIELD(unclosed), "the merger died: counters 0, no meta/meta"},
    {"--extra-datasets", NULL, read_flag, FIELD(extra_datasets), "datasets that nobody knows"},
    {"--extra-exotic", NULL, read_flag, FIELD(extra_exotic), "… and compounds, texts, nested groups"},
    {"--extra-attributes", NULL, read_flag, FIELD(extra_attributes), "attributes that nobody knows"},
    {"--extra-top", NULL, read_flag, FIELD(extra_top), "unknown members above the events"},
    {"--scalers", "N", read_number, FIELD(scalers), "scaler readouts (4)"},
    {"--scaler-values", "A,B", read_list, FIELD(scaler_values), "how many values, in turn (12)"},
    {"--scaler-holes", "A,B", read_list, FIELD(scaler_holes), "numbers without a readout"},
    {"--scaler-max", NULL, read_flag, FIELD(scaler_max), "all values 2^32-1"},
    {"--title", "TEXT", read_text, FIELD(title), "0.1.0: title of the run"},
    {"--version-text", "TEXT", read_text, FIELD(version), "another events@version"},
    {"--damage", "KIND:EVENT", read_damage, 0, "one wrong structure, kinds below"},
};
enum { OPTION_COUNT = sizeof options / sizeof *options };

static void print_help(void)
{
    printf("usage: mkrun OUTPUT.h5 --layout LAYOUT [options]\n\nlayouts:");
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        printf(" %s", layouts[i].name);
    printf("\n\n");
    for (size_t i = 0; i < OPTION_COUNT; i++)
        printf("  %-18s %-10s %s\n", options[i].name, options[i].value ? options[i].value : "",
               options[i].help);
    printf("\nkinds of damage:");
    for (size_t i = 1; i < sizeof damages / sizeof *damages; i++)
        printf(" %s", damages[i]);
    printf("\n");
}

/* How many words the option at words[0] takes. */
static int take_option(char **words, struct run_spec *spec)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strcmp(options[i].name, words[0]) != 0)
            continue;
        const char *value = options[i].value ? words[1] : "";
        if (!value)
            usage_error("needs a value", words[0]);
        else
            options[i].read(value, (char *)spec + options[i].field);
        return options[i].value ? 2 : 1;
    }
    usage_error("unknown option", words[0]);
    return 0;
}

static void release_lists(struct run_spec *spec)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (options[i].read == read_list)
            free(((struct number_list *)(void *)((char *)spec + options[i].field))->items);
}

static const struct layout *find_layout(const char *name)
{
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (strcmp(layouts[i].name, name) == 0)
            return &layouts[i];
    usage_error("unknown layout", name);
    return NULL;
}

int main(int argc, char **argv)
{
    struct run_spec spec = {.events = 10,
                            .traces_least = 3,
                            .traces_most = 12,
                            .samples = 2048,
                            .samples_1905 = 100,
                            .silicon_most = 2,
                            .seed = 1,
                            .coincidence = -1,
                            .scalers = 4,
                            .title = "made by mkrun"};
    const struct layout *layout = NULL;
    for (int i = 1; i < argc && argv[i];) {
        if (strcmp(argv[i], "--help") == 0) {
            print_help();
            release_lists(&spec);
            return 0;
        }
        if (strcmp(argv[i], "--layout") == 0 && argv[i + 1]) {
            layout = find_layout(argv[i + 1]);
            i += 2;
        } else if (argv[i][0] == '-') {
            i += take_option(&argv[i], &spec);
        } else {
            spec.path = argv[i++];
        }
    }
    if (!spec.path || !layout)
        usage_error("missing", spec.path ? "--layout" : "OUTPUT.h5");
    if (!spec.version)
        spec.version = layout->version;
    if (strcmp(layout->name, "0.2.0") == 0)
        spec.unclosed = true; /* 0.2.0 never closed its files */
    layout->write(&spec);
    release_lists(&spec);
    return 0;
}
