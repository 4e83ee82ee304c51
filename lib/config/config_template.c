/* SPDX-License-Identifier: MIT */
#include "config_template.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "posix_io.h"

static const char template[] =
    "# Configuration of the harmonizer. Paths may be relative to the folder you start it in.\n"
    "\n"
    "# The folder of the merged runs, run_NNNN.h5; only read.\n"
    "merger_path: \"/path/to/some/merger/data/\"\n"
    "\n"
    "# The folder for the harmonic runs. It must exist, and must not be the merger_path.\n"
    "harmonic_path: \"/path/to/some/harmonic/data/\"\n"
    "\n"
    "# Size of a harmonic run in GB (10^9 bytes); fractions are allowed.\n"
    "harmonic_size_gb: 10\n"
    "# Or, in its place, how many harmonic runs there shall be:\n"
    "# harmonic_count: 32\n"
    "\n"
    "# The first and the last merged run, both included; numbers in between may be missing.\n"
    "# Take only runs of one gas and one beam together.\n"
    "min_run: 55\n"
    "max_run: 69\n"
    "\n"
    "# Merged runs of the range to leave out.\n"
    "# skip_runs: [57, 60]\n"
    "\n"
    "# copy: harmonic runs hold the data (default). link: they point into the merged runs, which must stay.\n"
    "# mode: copy\n";

const char *hmz_config_template(void)
{
    return template;
}

static int write_text(int fd, struct hmz_error *err)
{
    int status = hmz_io_write_stream(fd, template, sizeof template - 1, err);
    if (status == HMZ_OK)
        status = hmz_io_sync(fd, err);
    if (status != HMZ_OK) {
        close(fd); /* the file is removed */
        return status;
    }
    return hmz_io_close(fd, err);
}

int hmz_config_template_write(const char *path, struct hmz_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST)
        return hmz_fail(err, HMZ_E_FAILED, "%s exists and stays as it is", path);
    if (fd < 0)
        return hmz_fail_errno(err, errno, "%s: cannot be created", path);
    int status = write_text(fd, err);
    if (status == HMZ_OK)
        return HMZ_OK;
    unlink(path);
    return hmz_place(err, "%s", path);
}
