/* SPDX-License-Identifier: MIT */
/* The tables of a set against tables that are built again from the merged runs. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "outfile.h"
#include "parquet_compare.h"
#include "path.h"
#include "posix_io.h"
#include "stop.h"
#include "tables.h"
#include "verify.h"

enum { STEP_BYTES = 64 << 10 };

struct table_pair {
    int fd;       /* of the set */
    int built_fd; /* of the table built again */
};

static int same_bytes(const struct table_pair *pair, uint64_t length, bool *same_out, struct hmz_error *err)
{
    static uint8_t left[STEP_BYTES];
    static uint8_t right[STEP_BYTES];
    int status = HMZ_OK;
    *same_out = true;
    for (uint64_t at = 0; status == HMZ_OK && *same_out && at < length; at += STEP_BYTES) {
        size_t step = length - at < STEP_BYTES ? (size_t)(length - at) : STEP_BYTES;
        status = hmz_io_read_at(pair->fd, left, step, at, err);
        if (status == HMZ_OK)
            status = hmz_io_read_at(pair->built_fd, right, step, at, err);
        *same_out = status == HMZ_OK && memcmp(left, right, step) == 0;
    }
    return status;
}

/* Other bytes can hold the same rows: another zstd packed them, or a version of the program that had fewer
 * columns. Of such a table the manifest has to tell. */
static int compare_content(struct hmz_verification *out, const char *name, const struct table_pair *pair,
                           const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    struct hmz_parquet_difference difference;
    const struct hmz_difference_context context = {.run = -1, .file = name};
    const struct hmz_manifest_output *listed = hmz_manifest_find_output(&out->manifest, name);
    int status = hmz_parquet_compare(pair->fd, pair->built_fd, stop, &difference, err);
    if (status == HMZ_OK && !difference.text[0] && listed)
        status = hmz_manifest_check_output(listed, pair->fd, err);
    if (status == HMZ_E_DAMAGED || difference.text[0]) {
        hmz_differences_add(&out->differences, &context, "is not the table that the merged runs give: %s",
                            status == HMZ_E_DAMAGED ? err->text : difference.text);
        status = status == HMZ_E_DAMAGED ? HMZ_OK : status;
    }
    return status;
}

static int compare_table(struct hmz_verification *out, const char *name, const struct table_pair *pair,
                         const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    uint64_t length;
    uint64_t built_length = 0;
    bool same = false;
    int status = hmz_io_length(pair->fd, &length, err);
    if (status == HMZ_OK)
        status = hmz_io_length(pair->built_fd, &built_length, err);
    if (status == HMZ_OK && length == built_length)
        status = same_bytes(pair, length, &same, err);
    return status == HMZ_OK && !same ? compare_content(out, name, pair, stop, err) : status;
}

static int verify_table(struct hmz_job *job, struct hmz_verification *out, const struct hmz_table *table,
                        struct hmz_error *err)
{
    struct hmz_outfile built = HMZ_OUTFILE_CLOSED;
    const struct hmz_table_source source = {
        .plan = job->plan, .state = &job->state, .report = &job->report, .stop = job->options->stop};
    int fd = -1;
    char *path = hmz_path_join(job->config->harmonic_path, table->name);
    int status = path ? HMZ_OK : hmz_fail_nomem(err, "a path");
    if (status == HMZ_OK)
        status = hmz_io_open_regular(path, &fd, err);
    if (status == HMZ_END) { /* one that is missing was told of already */
        status = HMZ_OK;
    } else if (status == HMZ_OK) {
        status = hmz_outfile_create(&built, hmz_state_part(&job->state, table->name), err);
        if (status == HMZ_OK)
            status = table->write(&source, &built, err);
        const struct table_pair pair = {.fd = fd, .built_fd = built.fd};
        if (status == HMZ_OK)
            status = compare_table(out, table->name, &pair, job->options->stop, err);
    }
    if (fd >= 0)
        close(fd); /* only read */
    hmz_outfile_discard(&built);
    free(path);
    return status == HMZ_OK ? HMZ_OK : hmz_context(err, "%s", table->name);
}

int hmz_verify_tables(struct hmz_job *job, struct hmz_verification *out, struct hmz_error *err)
{
    int status = hmz_report_take_out(&job->report, job->plan, &job->state, job->options->stop, err);
    for (size_t i = 0; status == HMZ_OK && i < HMZ_TABLE_COUNT; i++) {
        status = verify_table(job, out, &hmz_tables[i], err);
        if (status == HMZ_OK)
            status = hmz_stop_check(job->options->stop, err);
    }
    return status;
}
