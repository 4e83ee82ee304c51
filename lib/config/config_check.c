/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"

/* One of the folders. */
struct folder {
    const char *key;
    const char *path;
    const char *file; /* the configuration */
    size_t line;      /* where the path stands in it */
    const char *expected;
};

/* `problem` and what was expected; the detail between them may be empty. */
static int fail_folder(const struct folder *folder, const char *problem, const char *detail,
                       struct hmz_error *err)
{
    return hmz_fail(err, HMZ_E_USAGE, "%s:%zu: %s: %s: %s%s; expected %s", folder->file, folder->line,
                    folder->key, hmz_path_shown(folder->path).text, problem, detail, folder->expected);
}

/* What a shell would have replaced. */
static const char *hint_of_shell(const char *path)
{
    if (path[0] == '~')
        return " (~ is not replaced: write the path out)";
    return strchr(path, '$') ? " ($ is not replaced: write the path out)" : "";
}

static int stat_folder(const struct folder *folder, struct stat *found, struct hmz_error *err)
{
    int error_number = stat(folder->path, found) == 0 ? 0 : errno;
    if (error_number == ENOENT)
        return fail_folder(folder, "does not exist", hint_of_shell(folder->path), err);
    if (error_number)
        return fail_folder(folder, "cannot be looked at: ", strerror(error_number), err);
    if (!S_ISDIR(found->st_mode))
        return fail_folder(folder, "is no directory", "", err);
    return HMZ_OK;
}

static int check_writable(const struct folder *folder, struct hmz_error *err)
{
    /* The effective ids are those that will create the files. */
    if (faccessat(AT_FDCWD, folder->path, W_OK | X_OK, AT_EACCESS) == 0)
        return HMZ_OK;
    int error_number = errno;
    struct folder wanted = *folder;
    wanted.expected = "a folder that you may write to";
    return fail_folder(&wanted, "cannot be written to: ", strerror(error_number), err);
}

/* What is the same directory as one of the merged runs: harmonic_path, or another of merger_path. */
static int check_distinct(const struct folder *merger, const struct folder *harmonic,
                          const struct stat *found, size_t count, const struct stat *to,
                          struct hmz_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (found[i].st_dev == to->st_dev && found[i].st_ino == to->st_ino)
            return fail_folder(harmonic, "is the same directory as merger_path, and outputs would",
                               " overwrite the merged runs", err);
        for (size_t k = 0; k < i; k++)
            if (found[i].st_dev == found[k].st_dev && found[i].st_ino == found[k].st_ino)
                return fail_folder(&merger[i], "is the same directory as ",
                                   hmz_path_shown(merger[k].path).text, err);
    }
    return HMZ_OK;
}

static int check_all(const struct hmz_config *config, unsigned needs, struct folder *mergers,
                     struct stat *found, struct hmz_error *err)
{
    const struct folder harmonic = {"harmonic_path", config->harmonic_path, config->file,
                                    config->harmonic_line, "an existing folder of its own"};
    struct stat to;
    size_t there = 0; /* those that can be looked at come first */
    for (size_t i = 0; i < config->merger.count; i++) {
        struct hmz_error failed;
        mergers[there] = (struct folder){"merger_path", config->merger.paths[i], config->file,
                                         config->merger_line, "the folder of the merged runs"};
        if (stat_folder(&mergers[there], &found[there], &failed) == HMZ_OK) {
            there++;
        } else if (needs & HMZ_CONFIG_READS_MERGER) {
            *err = failed;
            return failed.status;
        }
    }
    int status = stat_folder(&harmonic, &to, err);
    if (status == HMZ_OK && needs)
        status = check_distinct(mergers, &harmonic, found, there, &to, err);
    if (status == HMZ_OK && needs & HMZ_CONFIG_WRITES_HARMONIC)
        status = check_writable(&harmonic, err);
    return status;
}

int hmz_config_check_folders(const struct hmz_config *config, unsigned needs, struct hmz_error *err)
{
    struct folder *mergers = calloc(config->merger.count, sizeof *mergers);
    struct stat *found = calloc(config->merger.count, sizeof *found);
    int status = mergers && found ? check_all(config, needs, mergers, found, err)
                                  : hmz_fail_nomem(err, "the list of folders");
    free(mergers);
    free(found);
    return status;
}
