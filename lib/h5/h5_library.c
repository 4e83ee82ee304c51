/* SPDX-License-Identifier: MIT */
#include "h5_library.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sigjmp_buf aborted;

static void on_abort(int number)
{
    (void)number;
    siglongjmp(aborted, 1);
}

/* libhdf5's own question, whose answer "no" is abort(). */
static bool is_accepted(void)
{
    const struct sigaction catch = {.sa_handler = on_abort};
    struct sigaction before;
    volatile bool accepted = false;
    if (sigaction(SIGABRT, &catch, &before) != 0)
        return true; /* nobody can be asked; then it aborts where it is used */
    if (sigsetjmp(aborted, 1) == 0) {
        accepted = H5check_version(H5_VERS_MAJOR, H5_VERS_MINOR, H5_VERS_RELEASE) >= 0;
    }
    sigaction(SIGABRT, &before, NULL);
    return accepted;
}

/* What it prints meanwhile goes into `text`: two hundred lines that nobody reads at a terminal. */
static bool ask(char *text, size_t room)
{
    int ends[2];
    text[0] = '\0';
    if (pipe(ends) != 0)
        return is_accepted();
    int standard_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    if (standard_error >= 0)
        dup2(ends[1], STDERR_FILENO);
    bool accepted = is_accepted();
    if (standard_error >= 0) {
        dup2(standard_error, STDERR_FILENO);
        close(standard_error); /* nothing was written through these */
    }
    close(ends[1]);
    ssize_t got = accepted ? 0 : read(ends[0], text, room - 1);
    close(ends[0]);
    text[got > 0 ? got : 0] = '\0';
    return accepted;
}

/* "1.10.8" after `words`, as libhdf5 has compared it; what is not there stays as it was. */
static void take_version(const char *said, const char *words, unsigned version[3])
{
    const char *at = strstr(said, words);
    at = at ? at + strlen(words) : "";
    for (int i = 0; i < 3 && *at >= '0' && *at <= '9'; i++) {
        char *end;
        version[i] = (unsigned)strtoul(at, &end, 10);
        at = *end == '.' ? end + 1 : end;
    }
}

int hmz_h5_library_check(struct hmz_error *err)
{
    enum { SAID_BYTES = 4096 };
    char said[SAID_BYTES];
    unsigned built[3] = {H5_VERS_MAJOR, H5_VERS_MINOR, H5_VERS_RELEASE};
    unsigned found[3] = {0};
    if (ask(said, sizeof said))
        return HMZ_OK;
    H5get_libversion(&found[0], &found[1], &found[2]);
    take_version(said, "Headers are ", built);
    take_version(said, "library is ", found);
    return hmz_fail_reach(
        err, HMZ_E_FAILED, HMZ_REACH_JOB,
        "built with HDF5 %u.%u.%u, the loader finds %u.%u.%u: see LD_LIBRARY_PATH (a module or a "
        "conda environment may have set it); no merged run was read",
        built[0], built[1], built[2], found[0], found[1], found[2]);
}
