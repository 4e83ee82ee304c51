/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "bytes.h"
#include "command_table.h"
#include "config.h"
#include "help.h"
#include "opts.h"
#include "say.h"
#include "scratch.h"
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

static void on_signal(int number)
{
    stop_signal = number;
}

/* A signal that was ignored at the start stays ignored, as nohup wants it. No SA_RESTART: waiting ends. */
static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};
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

static int load_config(const struct hmz_command *command, const struct hmz_opts *opts,
                       struct hmz_config **config_out, struct hmz_error *err)
{
    unsigned needs = HMZ_CONFIG_READS_HARMONIC;
    if ((command->needs & HMZ_NEEDS_MERGER_PATH) && !opts->checksums)
        needs |= HMZ_CONFIG_READS_MERGER;
    if (command->needs & HMZ_NEEDS_WRITABLE)
        needs |= HMZ_CONFIG_WRITES_HARMONIC;
    int status = hmz_config_load(opts->config_path, config_out, err);
    return status == HMZ_OK ? hmz_config_check_folders(*config_out, needs, err) : status;
}

/* A disk with room for bytes, but for hardly any file: what strerror() says of that is no help. */
static void explain_files(const struct hmz_command *command, const struct hmz_config *config,
                          struct hmz_error *err)
{
    enum { FEW_FILES = 64 }; /* those of ours that are gone by now may have been the last */
    struct statvfs disk;
    bool writes = command->needs & HMZ_NEEDS_WRITABLE;
    const char *folder = writes ? config->harmonic_path : hmz_scratch_parent();
    if (statvfs(folder, &disk) != 0 || disk.f_files == 0 || disk.f_favail >= FEW_FILES)
        return;
    size_t used = strlen(err->text);
    snprintf(err->text + used, sizeof err->text - used,
             "; the file system of %s has %s free but takes only %u more files (inodes; df -i counts them): "
             "remove "
             "files there, or choose another %s",
             folder, hmz_bytes_text((uint64_t)disk.f_bavail * disk.f_frsize).text, (unsigned)disk.f_favail,
             writes ? "harmonic_path" : "TMPDIR");
}

static int run_command(const struct hmz_command *command, struct hmz_command_input *input,
                       struct hmz_error *err)
{
    struct hmz_config *config = NULL;
    int status = hmz_command_check(command, input->opts, err);
    if (status == HMZ_OK && (command->needs & HMZ_NEEDS_CONFIG))
        status = load_config(command, input->opts, &config, err);
    input->config = config;
    if (status == HMZ_OK)
        status = command->run(input, err);
    if (status == HMZ_E_SPACE && config)
        explain_files(command, config, err);
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
        return stop_signal ? EXIT_SIGNAL + stop_signal : EXIT_FAILED;
    default:
        return EXIT_FAILED;
    }
}

static void print_failure(int status, bool force, const struct hmz_error *err)
{
    if (status == HMZ_E_INTERRUPTED && stop_signal)
        hmz_say(stderr, "harmonizer: ended by signal %d (%s); run the same command again%s\n",
                (int)stop_signal, strsignal(stop_signal),
                force ? ": with --force from the beginning, without it to go on" : " to go on");
    else if (status < 0)
        hmz_say(stderr, "harmonizer: %s\n", err->text);
}

static int dispatch(const struct hmz_opts *opts, const char *argv0, struct hmz_error *err)
{
    if (opts->version) {
        hmz_say(stdout, "harmonizer %s\n", HMZ_PROGRAM_VERSION);
        return HMZ_OK;
    }
    if (opts->help || strcmp(opts->command, "help") == 0)
        return hmz_help_print(stdout, opts, err);
    const struct hmz_command *command = hmz_command_find(opts->command);
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
    signal(SIGXFSZ, SIG_IGN); /* the write fails with EFBIG then, and says so; workers inherit it */
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
