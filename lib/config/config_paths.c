/* SPDX-License-Identifier: MIT */
/* The folders that a configuration names. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"

static int check_folder(const char *key, const char *path, struct stat *found, struct hmz_error *err)
{
    if (stat(path, found) != 0)
        return hmz_fail(err, HMZ_E_USAGE, "%s: %s: %s", key, path, strerror(errno));
    if (!S_ISDIR(found->st_mode))
        return hmz_fail(err, HMZ_E_USAGE, "%s: %s: not a folder", key, path);
    return HMZ_OK;
}

int hmz_config_check_paths(const struct hmz_config *self, unsigned purpose, struct hmz_error *err)
{
    struct stat harmonic;
    struct stat merger;
    int status = HMZ_OK;
    if (purpose & HMZ_CONFIG_READS_MERGER)
        status = check_folder("merger_path", self->merger_path, &merger, err);
    if (status == HMZ_OK)
        status = check_folder("harmonic_path", self->harmonic_path, &harmonic, err);
    if (status != HMZ_OK)
        return status;
    if ((purpose & HMZ_CONFIG_READS_MERGER) && harmonic.st_dev == merger.st_dev &&
        harmonic.st_ino == merger.st_ino)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "merger_path and harmonic_path are the same folder, %s: harmonic runs would overwrite "
            "merged runs",
            self->harmonic_path);
    if ((purpose & HMZ_CONFIG_WRITES_HARMONIC) && access(self->harmonic_path, W_OK | X_OK) != 0)
        return hmz_fail(err, HMZ_E_USAGE, "harmonic_path: %s: cannot be written to: %s", self->harmonic_path,
                        strerror(errno));
    return HMZ_OK;
}
