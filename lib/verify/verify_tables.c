/* SPDX-License-Identifier: MIT */
/* The tables of a set against tables that are built again from the merged runs. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bytes.h"
#include "outfile.h"
#include "path.h"
#include "posix_io.h"
#include "tables.h"
#include "verify.h"

enum { STEP_BYTES = 64 << 10 };

struct table_pair {
    int fd;       /* of the set */
    int built_fd; /* of the table built again */
};

static int compare_bytes(struct hmz_verification *out, const char *name, const struct table_pair *pair,
                         uint64_t length, struct hmz_error *err)
{
    static uint8_t left[STEP_BYTES];
    static uint8_t right[STEP_BYTES];
    const struct hmz_difference_context context = {.run = -1, .file = name};
    for (uint64_t at = 0; at < length;) {
        size_t step = length - at < STEP_BYTES ? (size_t)(length - at) : STEP_BYTES;
        int status = hmz_io_read_at(pair->fd, left, step, at, err);
        if (status == HMZ_OK)
            status = hmz_io_read_at(pair->built_fd, right, step, at, err);
        if (status != HMZ_OK)
            return status;
        if (memcmp(left, right, step) != 0) {
            hmz_differences_add(&out->differences, &context,
                                "is not the table that the merged runs give, from byte %s on",
                                hmz_count_text(at).text);
            return HMZ_OK;
        }
        at += step;
    }
    return HMZ_OK;
}

static int compare_table(struct hmz_verification *out, const char *name, int fd,
                         const struct hmz_outfile *built, struct hmz_error *err)
{
    uint64_t length;
    const struct hmz_difference_context context = {.run = -1, .file = name};
    int status = hmz_io_length(fd, &length, err);
    if (status != HMZ_OK)
        return status;
    if (length != built->length) {
        hmz_differences_add(&out->differences, &context,
                            "is not the table that the merged runs give: it has %s bytes, expected %s",
                            hmz_count_text(length).text, hmz_count_text(built->length).text);
        return HMZ_OK;
    }
    const struct table_pair pair = {.fd = fd, .built_fd = built->fd};
    return compare_bytes(out, name, &pair, length, err);
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
        if (status == HMZ_OK)
            status = compare_table(out, table->name, fd, &built, err);
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
    for (size_t i = 0; status == HMZ_OK && i < HMZ_TABLE_COUNT; i++)
        status = verify_table(job, out, &hmz_tables[i], err);
    return status;
}
