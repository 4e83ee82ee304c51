/* SPDX-License-Identifier: MIT */
/* Any bytes as a merged run: the scan must end with an index that reads well and says what is wrong, whatever
 * the run holds. libhdf5 itself, which is not built for fuzzing, crashes or loops on some inputs (1.10.8 more
 * than later ones); the job watches the process that scans, so only what fails in code of our own counts
 * here. */
#include "fuzz_target.h"

#include <assert.h>

#include "fuzz_file.h"
#include "h5_error.h"
#include "scan.h"
#include "walk_index.h"

static void read_index(struct hmz_file_at at, uint64_t run_bytes)
{
    struct hmz_index *index = NULL;
    struct hmz_error err;
    int status = hmz_index_open(at, &index, &err);
    assert(status == HMZ_OK);
    status = hmz_walk_index(index, run_bytes, &err);
    assert(status == HMZ_OK);
    hmz_index_close(index);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hmz_fuzz_file run = hmz_fuzz_file_new(data, size);
    const struct hmz_scan_request request = {
        .run = 1, .run_path = run.path, .index = hmz_file_in(hmz_fuzz_folder(), "index")};
    struct hmz_error err;
    hmz_h5_silence();
    int status = hmz_scan_run(&request, &err);
    if (status == HMZ_OK)
        read_index(request.index, size);
    else
        hmz_fuzz_check_refused(status, &err);
    hmz_ignore(hmz_file_remove(request.index, &err));
    hmz_fuzz_file_close(&run);
    return 0;
}
