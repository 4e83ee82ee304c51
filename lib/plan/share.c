/* SPDX-License-Identifier: MIT */
#include "share.h"

#include <assert.h>
#include <stdlib.h>

/* Addresses stand for the order before: qsort() keeps none. */
static int larger_first(const void *left, const void *right)
{
    const struct hmz_share_file *a = *(const struct hmz_share_file *const *)left;
    const struct hmz_share_file *b = *(const struct hmz_share_file *const *)right;
    if (a->disk_bytes != b->disk_bytes)
        return a->disk_bytes > b->disk_bytes ? -1 : 1;
    return (a > b) - (a < b);
}

/* Who gets the file that is dealt out as number `dealt`: 0, 1, … n - 1, n - 1, … 1, 0, 0, 1, … */
static size_t receiver(size_t dealt, uint32_t processes)
{
    size_t step = dealt % processes;
    return dealt / processes % 2 == 0 ? step : processes - 1 - step;
}

static double deal(const struct hmz_share_file *const *sorted, size_t count, double *work, uint32_t processes)
{
    double all = 0;
    double fullest = 0;
    for (size_t i = 0; i < count && sorted[i]->disk_bytes > 0; i++) {
        double *own = &work[receiver(i, processes)];
        *own += (double)sorted[i]->data_bytes;
        all += (double)sorted[i]->data_bytes;
        fullest = *own > fullest ? *own : fullest;
    }
    return all > 0 ? fullest / (all / processes) : 0;
}

int hmz_share_fullest(const struct hmz_share_file *files, size_t count, uint32_t processes, double *load_out,
                      struct hmz_error *err)
{
    assert(processes >= 1 && processes <= HMZ_SHARE_PROCESSES_LAST);
    const struct hmz_share_file **sorted = calloc(count + 1, sizeof *sorted);
    double *work = calloc(processes, sizeof *work);
    int status = sorted && work ? HMZ_OK : hmz_fail_nomem(err, "the shares of the processes");
    for (size_t i = 0; status == HMZ_OK && i < count; i++)
        sorted[i] = &files[i];
    if (status == HMZ_OK) {
        qsort(sorted, count, sizeof *sorted, larger_first);
        *load_out = deal(sorted, count, work, processes);
    }
    free(sorted);
    free(work);
    return status;
}
