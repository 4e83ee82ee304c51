/* SPDX-License-Identifier: MIT */
/* Any bytes as a merged run: the scan must end with an index that reads well and says what is wrong, whatever
 * the run holds. libhdf5 itself, which is not built for fuzzing, crashes or loops on some inputs (1.10.8 more
 * than later ones); the job watches the process that scans, so only what fails in code of our own counts
 * here. */
#include "fuzz_target.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz_file.h"
#include "h5_error.h"
#include "scan.h"
#include "walk_index.h"

/* A folder of this process for the index, in memory where there is some. */
static char folder[64];

static void remove_folder(void)
{
    rmdir(folder);
}

static const char *index_path(void)
{
    static char path[sizeof folder + sizeof "/index"];
    if (!folder[0]) {
        snprintf(folder, sizeof folder, "%s/hmz_fuzz_XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        const char *made = mkdtemp(folder);
        assert(made);
        atexit(remove_folder);
        snprintf(path, sizeof path, "%s/index", folder);
    }
    return path;
}

static void read_index(const char *path, uint64_t run_bytes)
{
    struct hmz_index *index = NULL;
    struct hmz_error err;
    int status = hmz_index_open(path, &index, &err);
    assert(status == HMZ_OK);
    status = hmz_walk_index(index, run_bytes, &err);
    assert(status == HMZ_OK);
    hmz_index_close(index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hmz_fuzz_file run = hmz_fuzz_file_new(data, size);
    const struct hmz_scan_request request = {.run = 1, .run_path = run.path, .index_path = index_path()};
    struct hmz_error err;
    hmz_h5_silence();
    int status = hmz_scan_run(&request, &err);
    if (status == HMZ_OK)
        read_index(request.index_path, size);
    else
        hmz_fuzz_check_refused(status, &err);
    unlink(request.index_path);
    hmz_fuzz_file_close(&run);
    return 0;
}
