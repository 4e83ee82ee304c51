/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "path.h"

/* One of the two folders. */
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

int hmz_config_check_folders(const struct hmz_config *config, unsigned needs, struct hmz_error *err)
{
    const struct folder merger = {"merger_path", config->merger_path, config->file, config->merger_line,
                                  "the folder of the merged runs"};
    const struct folder harmonic = {"harmonic_path", config->harmonic_path, config->file,
                                    config->harmonic_line, "an existing folder of its own"};
    struct stat from;
    struct stat to;
    struct hmz_error merger_error;
    int merger_status = stat_folder(&merger, &from, &merger_error);
    if (merger_status != HMZ_OK && needs & HMZ_CONFIG_READS_MERGER) {
        *err = merger_error;
        return merger_status;
    }
    int status = stat_folder(&harmonic, &to, err);
    if (status != HMZ_OK)
        return status;
    if (needs && merger_status == HMZ_OK && from.st_dev == to.st_dev && from.st_ino == to.st_ino)
        return fail_folder(&harmonic, "is the same directory as merger_path, and outputs would",
                           " overwrite the merged runs", err);
    return needs & HMZ_CONFIG_WRITES_HARMONIC ? check_writable(&harmonic, err) : HMZ_OK;
}
