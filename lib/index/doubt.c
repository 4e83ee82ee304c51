/* SPDX-License-Identifier: MIT */
#include "doubt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "index.h"

int hmz_doubt_any(const char *path, bool *doubted_out, struct hmz_error *err)
{
    struct hmz_index *index;
    uint64_t count;
    int status = hmz_index_open(path, &index, err);
    *doubted_out = false;
    if (status != HMZ_OK)
        return status;
    const struct hmz_finding *findings = hmz_index_findings(index, &count);
    for (uint64_t i = 0; i < count && !hmz_index_get_run(index)->confirmed; i++)
        *doubted_out = *doubted_out || findings[i].status == HMZ_E_DAMAGED;
    hmz_index_close(index);
    return HMZ_OK;
}

/* Members that are no events or readouts have no number: their text has their name. */
static bool is_same(const struct hmz_finding *a, const struct hmz_finding *b)
{
    return a->kind == b->kind && a->status == b->status && a->number == b->number &&
           (a->kind != HMZ_FINDING_MEMBER || strcmp(a->text, b->text) == 0);
}

/* Both scans go the same way through the run, so what both have found is in the same order. */
static int compare(int32_t run, const struct hmz_index *first, const struct hmz_index *second,
                   struct hmz_error *err)
{
    uint64_t count;
    uint64_t first_count;
    uint64_t at = 0;
    const struct hmz_input_identity *identity = &hmz_index_get_run(first)->identity;
    if (memcmp(identity, &hmz_index_get_run(second)->identity, sizeof *identity) != 0)
        return hmz_fail(err, HMZ_E_CHANGED,
                        "merged run %d changed while it was scanned: is the merger still writing?", run);
    const struct hmz_finding *findings = hmz_index_findings(second, &count);
    const struct hmz_finding *first_findings = hmz_index_findings(first, &first_count);
    for (uint64_t i = 0; i < count; i++, at++) {
        while (at < first_count && !is_same(&first_findings[at], &findings[i]))
            at++;
        if (at == first_count)
            return hmz_fail(
                err, HMZ_E_FAILED,
                "merged run %d: %s: a second scan found this, the first did not: is memory short, or a "
                "disk about to fail? Run the same command again",
                run, findings[i].text);
    }
    return HMZ_OK;
}

int hmz_doubt_settle(int32_t run, const char *first_path, const char *second_path, struct hmz_error *err)
{
    struct hmz_index *first = NULL;
    struct hmz_index *second = NULL;
    int status = hmz_index_open(first_path, &first, err);
    if (status == HMZ_OK)
        status = hmz_index_open(second_path, &second, err);
    if (status == HMZ_OK)
        status = compare(run, first, second, err);
    bool differ = second && status != HMZ_OK;
    hmz_index_close(first);
    hmz_index_close(second);
    if (status == HMZ_OK && rename(second_path, first_path) != 0)
        return hmz_fail_write(err, errno, "%s: cannot be renamed", second_path);
    if (differ)
        unlink(first_path); /* scanned twice again by the next start, as if it had not been; so is one that
                               stays */
    return status;
}
