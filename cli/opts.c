/* SPDX-License-Identifier: MIT */
#include "opts.h"

#include <getopt.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { JOBS_DEFAULT_LAST = 8, JOBS_LAST = 256, STALL_SECONDS = 60, STALL_SECONDS_LAST = 86400 };
enum { OPT_JSON = 256, OPT_FORCE, OPT_SKIP_BAD, OPT_STALL, OPT_CHECKSUMS, OPT_SHARD, OPT_SHARDS, OPT_PRINT };
enum { SHARDS_LAST = 1000000 };

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"jobs", required_argument, NULL, 'j'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {"json", no_argument, NULL, OPT_JSON},
    {"force", no_argument, NULL, OPT_FORCE},
    {"skip-bad", no_argument, NULL, OPT_SKIP_BAD},
    {"checksums", no_argument, NULL, OPT_CHECKSUMS},
    {"shard", required_argument, NULL, OPT_SHARD},
    {"shards", required_argument, NULL, OPT_SHARDS},
    {"print", no_argument, NULL, OPT_PRINT},
    {"stall-seconds", required_argument, NULL, OPT_STALL},
    {NULL, 0, NULL, 0},
};

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

static int take_option(int option, struct hmz_opts *out, struct hmz_error *err)
{
    switch (option) {
    case 'c':
        if (out->config_path)
            return hmz_fail(err, HMZ_E_USAGE, "--config is given twice");
        out->config_path = optarg;
        return HMZ_OK;
    case 'j':
        return take_count("--jobs", optarg, JOBS_LAST, &out->jobs, err);
    case OPT_SHARDS:
        return take_count("--shards", optarg, SHARDS_LAST, &out->shards, err);
    case OPT_PRINT:
        out->print = true;
        return HMZ_OK;
    case OPT_SHARD:
        return take_shard(optarg, out, err);
    case OPT_STALL:
        return take_count("--stall-seconds", optarg, STALL_SECONDS_LAST, &out->stall_seconds, err);
    case 'q':
        out->quiet = true;
        return HMZ_OK;
    case 'h':
        out->help = true;
        return HMZ_OK;
    case 'V':
        out->version = true;
        return HMZ_OK;
    case OPT_JSON:
        out->json = true;
        return HMZ_OK;
    case OPT_FORCE:
        out->force = true;
        return HMZ_OK;
    case OPT_SKIP_BAD:
        out->skip_bad = true;
        return HMZ_OK;
    case OPT_CHECKSUMS:
        out->checksums = true;
        return HMZ_OK;
    default:
        return HMZ_E_USAGE;
    }
}

static int bad_option(int option, char **argv, struct hmz_error *err)
{
    if (option == ':')
        return hmz_fail(err, HMZ_E_USAGE, "%s needs a value", argv[optind - 1]);
    if (optopt && optopt < 256)
        return hmz_fail(err, HMZ_E_USAGE, "unknown option -%c", optopt);
    return hmz_fail(err, HMZ_E_USAGE, "unknown option %s", argv[optind - 1]);
}

static int take_words(int argc, char **argv, struct hmz_opts *out, struct hmz_error *err)
{
    out->command = optind < argc ? argv[optind++] : "";
    for (; optind < argc; optind++) {
        if (out->arg_count == HMZ_OPTS_ARGS_LAST)
            return hmz_fail(err, HMZ_E_USAGE, "too many words");
        out->args[out->arg_count++] = argv[optind];
    }
    if (out->passed_count > out->arg_count)
        out->passed_count = out->arg_count; /* the command itself came after -- */
    return HMZ_OK;
}

int hmz_opts_parse(int argc, char **argv, struct hmz_opts *out, struct hmz_error *err)
{
    uint32_t cores = usable_cores();
    *out = (struct hmz_opts){.jobs = cores < JOBS_DEFAULT_LAST ? cores : JOBS_DEFAULT_LAST,
                             .stall_seconds = STALL_SECONDS};
    for (int i = 1; i < argc && out->passed_count == 0; i++)
        if (strcmp(argv[i], "--") == 0)
            out->passed_count = argc - 1 - i;
    int option;
    while ((option = getopt_long(argc, argv, ":c:j:qhV", long_options, NULL)) != -1) {
        if (option == '?' || option == ':')
            return bad_option(option, argv, err);
        int status = take_option(option, out, err);
        if (status != HMZ_OK)
            return status;
    }
    return take_words(argc, argv, out, err);
}
