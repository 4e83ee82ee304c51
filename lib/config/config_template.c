/* SPDX-License-Identifier: MIT */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "path.h"
#include "posix_io.h"

static const char template_text[] =
    "# Configuration of the harmonizer. Set the two folders and the range of runs, then:\n"
    "#   harmonizer -c THIS_FILE plan    shows what would be written\n"
    "#   harmonizer -c THIS_FILE         writes it\n"
    "\n"
    "# Folder of the merged runs (run_0055.h5, ...); it is only read. Or a list: [\"/disk1\", \"/disk2\"].\n"
    "merger_path: \"/path/to/some/merger/data/\"\n"
    "\n"
    "# Folder for the harmonic runs; it must exist, and must not be merger_path.\n"
    "harmonic_path: \"/path/to/some/harmonic/data/\"\n"
    "\n"
    "# Size of a harmonic run in GB (1 GB = 1000000000 bytes); fractions such as 0.5 are fine.\n"
    "harmonic_size_gb: 10\n"
    "\n"
    "# Of Spyral: makes the number of harmonic runs a multiple of it, so that all processes have work.\n"
    "# processes: 16\n"
    "\n"
    "# Instead of the size: the number of harmonic runs.\n"
    "# harmonic_count: 32\n"
    "\n"
    "# First and last merged run, both included; runs may be missing. Take only runs of the same\n"
    "# gas and beam: events of different ones cannot be told apart easily afterwards.\n"
    "min_run: 55\n"
    "max_run: 69\n"
    "\n"
    "# Instead of these two: a list of runs and ranges.\n"
    "# runs: [55-60, 63, 65]\n"
    "\n"
    "# Merged runs to leave out.\n"
    "# skip_runs: [57, 60]\n"
    "\n"
    "# copy: the harmonic runs hold the data. link: they link to the data in the merged runs, which\n"
    "# must then stay where they are; takes less than 0.5 % of the room; not for runs of merger 0.1.0.\n"
    "mode: copy\n"
    "\n"
    "# FRIB data on which Spyral 1.1.2 would die (977 above 3, no 1903 of 2048 samples, ...).\n"
    "# set_aside: in a group of another name, so that Spyral reads the event without them. keep: as they "
    "are.\n"
    "frib_for_spyral: set_aside\n";

const char *hmz_config_template(void)
{
    return template_text;
}

static int write_and_close(int fd, struct hmz_error *err)
{
    int status = hmz_io_write_at(fd, template_text, sizeof template_text - 1, 0, err);
    if (status == HMZ_OK)
        status = hmz_io_sync(fd, err);
    if (status == HMZ_OK)
        return hmz_io_close(fd, err);
    close(fd); /* its content is given up */
    return status;
}

static int sync_folder_of(const char *path, struct hmz_error *err)
{
    struct hmz_folder folder = HMZ_FOLDER_CLOSED;
    struct hmz_error ignored; /* a folder that can be written to need not be one that can be read */
    char *folder_path = hmz_path_folder(path);
    if (!folder_path)
        return hmz_fail_nomem(err, path);
    int status = HMZ_OK;
    if (hmz_folder_open(&folder, folder_path, &ignored) == HMZ_OK)
        status = hmz_folder_sync(&folder, err);
    hmz_folder_close(&folder);
    free(folder_path);
    return status;
}

int hmz_config_write_template(const char *path, struct hmz_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST)
        return hmz_fail(err, HMZ_E_FAILED, "%s: exists already and was not touched; expected a new name",
                        path);
    if (fd < 0)
        return hmz_fail_write(err, errno, "%s: cannot create", path);
    int status = write_and_close(fd, err);
    if (status != HMZ_OK)
        hmz_ignore(hmz_context(err, "%s", path));
    else
        status = sync_folder_of(path, err);
    if (status != HMZ_OK)
        unlink(path); /* ours alone: O_EXCL made it */
    return status;
}
