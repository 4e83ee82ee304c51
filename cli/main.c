/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "commands.h"
#include "config.h"
#include "opts.h"
#include "version.h"

enum {
    EXIT_COMPLETE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_SKIPPED = 3,
    EXIT_SPACE = 4,
    EXIT_SIGNAL = 128
};

static volatile sig_atomic_t stop_signal;

/* What a command needs before it begins. */
enum need {
    NEEDS_CONFIG_PATH = 1, /* --config, but not its content */
    NEEDS_CONFIG = 2,
    NEEDS_MERGER_PATH = 4,
    NEEDS_WRITABLE = 8, /* harmonic_path */
};

/* Options that not every command takes. */
enum take {
    TAKES_CHECKSUMS = 1,
    TAKES_SHARD = 2,
    TAKES_SLURM = 4, /* --shards, --print */
    TAKES_JSON = 8,
    TAKES_FORCE = 16,
    TAKES_SKIP_BAD = 32,
};

static const struct command {
    const char *name;
    const char *words; /* after the name */
    int least_words, most_words;
    int needs;
    int takes;
    int (*run)(const struct hmz_command_input *input, struct hmz_error *err);
    const char *help;
} commands[] = {
    {"", "", 0, 0, NEEDS_CONFIG | NEEDS_MERGER_PATH | NEEDS_WRITABLE, TAKES_FORCE | TAKES_SKIP_BAD,
     hmz_cmd_run, "harmonize; goes on after an interruption"},
    {"new", "", 0, 0, NEEDS_CONFIG_PATH, 0, hmz_cmd_new, "write a template configuration"},
    {"plan", "", 0, 0, NEEDS_CONFIG | NEEDS_MERGER_PATH, TAKES_JSON | TAKES_FORCE | TAKES_SKIP_BAD,
     hmz_cmd_plan, "what would be written; writes nothing"},
    {"verify", "", 0, 0, NEEDS_CONFIG | NEEDS_MERGER_PATH, TAKES_JSON | TAKES_CHECKSUMS, hmz_cmd_verify,
     "compare the set with the merged runs"},
    {"prepare", "", 0, 0, NEEDS_CONFIG | NEEDS_MERGER_PATH | NEEDS_WRITABLE, TAKES_FORCE | TAKES_SKIP_BAD,
     hmz_cmd_prepare, "step 1 of 3: scan and plan"},
    {"write", " --shard I/N", 0, 0, NEEDS_CONFIG | NEEDS_MERGER_PATH | NEEDS_WRITABLE,
     TAKES_SHARD | TAKES_SKIP_BAD, hmz_cmd_write, "step 2: shard I of N, any order"},
    {"finish", "", 0, 0, NEEDS_CONFIG | NEEDS_MERGER_PATH | NEEDS_WRITABLE, TAKES_SKIP_BAD, hmz_cmd_finish,
     "step 3: tables and manifest"},
    {"slurm", "", 0, HMZ_OPTS_ARGS_LAST, NEEDS_CONFIG | NEEDS_MERGER_PATH | NEEDS_WRITABLE,
     TAKES_SLURM | TAKES_FORCE | TAKES_SKIP_BAD, hmz_cmd_slurm, "submit these steps to Slurm"},
    {"find", " RUN EVENT", 2, 2, NEEDS_CONFIG, TAKES_JSON, hmz_cmd_find, "where did this original event go?"},
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static const char help_options[] =
    "\n"
    "Options:\n"
    "  -c, --config FILE  the configuration (YAML); `new` writes a template\n"
    "  -j, --jobs N       worker processes (default: the cores there are, at most 8)\n"
    "      --shard I/N    write: which part of the job, I from 1 to N\n"
    "      --shards N     slurm: into so many parts (16); sbatch options follow --\n"
    "      --print        slurm: show the script and submit nothing\n"
    "      --checksums    verify: against the manifest alone, without the merged runs\n"
    "      --json         plan, verify, find: machine-readable output\n"
    "  -q, --quiet        no progress and no summary\n"
    "      --force        replace an earlier harmonic set in harmonic_path\n"
    "      --skip-bad     leave damaged events out, list them, and exit 3\n"
    "  -h, --help\n"
    "  -V, --version\n"
    "\n"
    "Exit: 0 complete, 1 failed, 2 usage, configuration or outputs in the way,\n"
    "3 complete but events were skipped, 4 disk full, 128+N ended by signal N.\n";

static void print_help(void)
{
    printf("Rewrites AT-TPC merged runs as harmonic runs of equal size.\n\nUsage:\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        char words[40];
        snprintf(words, sizeof words, "%s%s", commands[i].name, commands[i].words);
        printf("  harmonizer -c FILE %-17s %s\n", words, commands[i].help);
    }
    fputs(help_options, stdout);
}

static void on_signal(int number)
{
    stop_signal = number;
}

/* A signal that was ignored at the start stays ignored, as nohup wants it. No SA_RESTART: waiting ends. */
static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sigaction before;
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
}

static const char *own_path(const char *argv0)
{
#ifdef __APPLE__
    static char path[PATH_MAX];
    uint32_t room = sizeof path;
    return _NSGetExecutablePath(path, &room) == 0 ? path : argv0;
#else
    return access("/proc/self/exe", X_OK) == 0 ? "/proc/self/exe" : argv0;
#endif
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int check_words(const struct command *command, const struct hmz_opts *opts, struct hmz_error *err)
{
    if (opts->arg_count < command->least_words || opts->arg_count > command->most_words)
        return hmz_fail(err, HMZ_E_USAGE, "usage: harmonizer -c FILE %s%s", command->name, command->words);
    const struct {
        bool given, taken;
        const char *text;
    } options[] = {
        {opts->checksums, command->takes & TAKES_CHECKSUMS, "--checksums belongs to verify"},
        {opts->shard_count > 0, command->takes & TAKES_SHARD, "--shard belongs to write"},
        {opts->shards > 0, command->takes & TAKES_SLURM, "--shards belongs to slurm"},
        {opts->print, command->takes & TAKES_SLURM, "--print belongs to slurm"},
        {opts->json, command->takes & TAKES_JSON, "--json belongs to plan, verify and find"},
        {opts->force, command->takes & TAKES_FORCE,
         "--force belongs to prepare, slurm, plan and the whole job"},
        {opts->skip_bad, command->takes & TAKES_SKIP_BAD,
         "--skip-bad belongs to what reads merged runs to copy them"},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].given && !options[i].taken)
            return hmz_fail(err, HMZ_E_USAGE, "%s", options[i].text);
    if (!opts->config_path)
        return hmz_fail(err, HMZ_E_USAGE,
                        "--config FILE is missing; `harmonizer -c FILE new` writes a template");
    return HMZ_OK;
}

static int load_config(const struct command *command, const struct hmz_opts *opts,
                       struct hmz_config **config_out, struct hmz_error *err)
{
    unsigned needs = HMZ_CONFIG_READS_HARMONIC;
    if ((command->needs & NEEDS_MERGER_PATH) && !opts->checksums)
        needs |= HMZ_CONFIG_READS_MERGER;
    if (command->needs & NEEDS_WRITABLE)
        needs |= HMZ_CONFIG_WRITES_HARMONIC;
    int status = hmz_config_load(opts->config_path, config_out, err);
    return status == HMZ_OK ? hmz_config_check_folders(*config_out, needs, err) : status;
}

static int run_command(const struct command *command, struct hmz_command_input *input, struct hmz_error *err)
{
    struct hmz_config *config = NULL;
    int status = check_words(command, input->opts, err);
    if (status == HMZ_OK && (command->needs & NEEDS_CONFIG))
        status = load_config(command, input->opts, &config, err);
    input->config = config;
    if (status == HMZ_OK)
        status = command->run(input, err);
    hmz_config_free(config);
    return status;
}

/* A result that did not reach its reader is no result. */
static int close_stdout(struct hmz_error *err)
{
    bool lost = ferror(stdout); /* by a write that failed long ago, its reason is gone */
    if (fflush(stdout) != 0 || fclose(stdout) != 0)
        return hmz_fail_write(err, errno, "standard output");
    return lost ? hmz_fail(err, HMZ_E_FAILED, "standard output: a part of it could not be written") : HMZ_OK;
}

static int exit_code(int status)
{
    switch (status) {
    case HMZ_OK:
        return EXIT_COMPLETE;
    case HMZ_CLI_DIFFERENT:
        return EXIT_FAILED;
    case HMZ_CLI_SKIPPED:
        return EXIT_SKIPPED;
    case HMZ_E_USAGE:
        return EXIT_USAGE;
    case HMZ_E_SPACE:
        return EXIT_SPACE;
    case HMZ_E_INTERRUPTED:
        return EXIT_SIGNAL + stop_signal;
    default:
        return EXIT_FAILED;
    }
}

static void print_failure(int status, bool force, const struct hmz_error *err)
{
    if (status == HMZ_E_INTERRUPTED && stop_signal)
        fprintf(stderr, "harmonizer: ended by signal %d (%s); run the same command again%s\n",
                (int)stop_signal, strsignal(stop_signal),
                force ? ": with --force from the beginning, without it to go on" : " to go on");
    else if (status < 0)
        fprintf(stderr, "harmonizer: %s\n", err->text);
}

static int dispatch(const struct hmz_opts *opts, const char *argv0, struct hmz_error *err)
{
    if (opts->help || opts->version) {
        if (opts->help)
            print_help();
        else
            printf("harmonizer %s\n", HMZ_PROGRAM_VERSION);
        return HMZ_OK;
    }
    const struct command *command = find_command(opts->command);
    if (!command)
        return hmz_fail(err, HMZ_E_USAGE, "unknown command \"%s\"; harmonizer --help lists them",
                        opts->command);
    struct hmz_command_input input = {.opts = opts, .program = own_path(argv0), .stop = &stop_signal};
    return run_command(command, &input, err);
}

/* Workers get their words as they are: paths that look like options stay paths. */
static int dispatch_worker(int argc, char **argv, struct hmz_error *err)
{
    struct hmz_opts opts = {.command = "worker"};
    struct hmz_command_input input = {.opts = &opts, .stop = &stop_signal};
    for (int i = 2; i < argc && opts.arg_count < HMZ_OPTS_ARGS_LAST; i++)
        opts.args[opts.arg_count++] = argv[i];
    return hmz_cmd_worker(&input, err);
}

/* A worker's result is on disk and reported. What libhdf5 would tidy up at exit goes with the process, ten
 * milliseconds sooner; only leak checkers want to see it done. */
_Noreturn static void end_worker(int code)
{
#if defined(__SANITIZE_ADDRESS__)
    exit(code);
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
    exit(code);
#endif
#endif
    _exit(code);
}

/* Where the caller closed one of the first three descriptors, a file of ours would get its number, and our
 * messages. What is written to this standard output fails, as it did. */
static void fill_standard(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY) != fd)
            exit(EXIT_FAILED);
}

int main(int argc, char **argv)
{
    struct hmz_error err = {0};
    struct hmz_error late = {0};
    struct hmz_opts opts;
    fill_standard();
    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        end_worker(exit_code(dispatch_worker(argc, argv, &err)));
    catch_signals();
    int status = hmz_opts_parse(argc, argv, &opts, &err);
    if (status == HMZ_OK)
        status = dispatch(&opts, argv[0], &err);
    print_failure(status, opts.force, &err);
    if (close_stdout(&late) != HMZ_OK) {
        print_failure(late.status, false, &late);
        status = status == HMZ_OK ? late.status : status;
    }
    return exit_code(status);
}
