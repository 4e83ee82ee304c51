/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "outfile.h"
#include "path.h"
#include "run_reader.h"

int hmz_input_identify(const char *path, struct hmz_input_identity *out, struct hmz_error *err)
{
    struct stat found;
    if (stat(path, &found) != 0)
        return hmz_fail_errno(err, errno, "%s: cannot look at it", path);
#ifdef __APPLE__
    const struct timespec mtime = found.st_mtimespec;
#else
    const struct timespec mtime = found.st_mtim;
#endif
    *out = (struct hmz_input_identity){
        .bytes = (uint64_t)found.st_size,
        .mtime_ns = (int64_t)mtime.tv_sec * 1000000000 + mtime.tv_nsec,
        .inode = (uint64_t)found.st_ino,
    };
    return HMZ_OK;
}

/* Damage goes into the index; what is no damage of the run (memory, the disk of the index) is a failure. */
static bool is_finding(int status)
{
    return status == HMZ_E_DAMAGED || status == HMZ_E_USAGE;
}

static int scan_events(struct hmz_run_reader *reader, const struct hmz_scan_request *request,
                       struct hmz_index_writer *writer, struct hmz_error *err)
{
    struct hmz_event event = {0};
    struct hmz_error finding;
    int status = HMZ_OK;
    while (status == HMZ_OK) {
        bool numbered;
        int found = hmz_run_reader_next(reader, &event, &numbered, &finding);
        if (found == HMZ_END)
            break;
        if (found == HMZ_OK)
            found = hmz_index_writer_event(writer, &event, &finding);
        if (is_finding(found) && finding.reach == HMZ_REACH_EVENT)
            status = hmz_index_writer_finding(writer, numbered ? HMZ_FINDING_EVENT : HMZ_FINDING_MEMBER,
                                              event.number, &finding, err);
        else if (found != HMZ_OK) {
            *err = finding;
            status = found;
        }
        hmz_tick(&request->tick, 1, 0);
    }
    hmz_event_release(&event);
    return status;
}

static int scan_scalers(struct hmz_run_reader *reader, const struct hmz_scan_request *request,
                        struct hmz_index_writer *writer, struct hmz_error *err)
{
    struct hmz_scaler scaler;
    struct hmz_error finding;
    for (;;) {
        bool numbered;
        int status = HMZ_OK;
        int found = hmz_run_reader_next_scaler(reader, &scaler, &numbered, &finding);
        if (found == HMZ_END)
            return HMZ_OK;
        if (is_finding(found) && finding.reach == HMZ_REACH_EVENT)
            status = hmz_index_writer_finding(writer, numbered ? HMZ_FINDING_SCALER : HMZ_FINDING_MEMBER,
                                              scaler.number, &finding, err);
        else if (found != HMZ_OK)
            *err = finding, status = found;
        else
            status = hmz_index_writer_scaler(writer, &scaler, err);
        if (status != HMZ_OK)
            return status;
        hmz_tick(&request->tick, 0, 0);
    }
}

/* The content of the run into the index; damage of the run as a whole is returned. */
static int scan_content(const struct hmz_scan_request *request, struct hmz_index_writer *writer,
                        struct hmz_index_run *run, struct hmz_error *err)
{
    struct hmz_run_reader *reader;
    int status = hmz_run_reader_open(request->run_path, &reader, err);
    if (status != HMZ_OK)
        return status;
    status = scan_events(reader, request, writer, err);
    if (status == HMZ_OK)
        status = scan_scalers(reader, request, writer, err);
    if (status == HMZ_OK)
        hmz_run_reader_finish(reader, &run->info);
    hmz_run_reader_close(reader);
    return status;
}

static int check_unchanged(const struct hmz_scan_request *request, const struct hmz_input_identity *before,
                           struct hmz_error *err)
{
    struct hmz_input_identity now;
    int status = hmz_input_identify(request->run_path, &now, err);
    if (status == HMZ_OK && memcmp(&now, before, sizeof now) != 0)
        status = hmz_fail(err, HMZ_E_CHANGED, "%s changed while it was scanned: is the merger still writing?",
                          request->run_path);
    return status;
}

static int fill_with_finding(const struct hmz_scan_request *request, const struct hmz_error *finding,
                             struct hmz_outfile *file, struct hmz_error *err)
{
    struct hmz_index_run run = {.run = request->run, .info = {.layout = HMZ_LAYOUT_MODERN}};
    struct hmz_index_writer *writer;
    int status = hmz_input_identify(request->run_path, &run.identity, err);
    if (status == HMZ_OK)
        status = hmz_index_writer_new(file, &writer, err);
    if (status != HMZ_OK)
        return status;
    status = hmz_index_writer_finding(writer, HMZ_FINDING_RUN, 0, finding, err);
    if (status == HMZ_OK)
        status = hmz_index_writer_finish(writer, &run, err);
    hmz_index_writer_free(writer);
    return status;
}

/* `finding` is written where the run as a whole is damaged. */
static int fill_from_run(const struct hmz_scan_request *request, struct hmz_outfile *file,
                         struct hmz_error *finding, struct hmz_error *err)
{
    struct hmz_index_run run = {.run = request->run};
    struct hmz_index_writer *writer;
    int status = hmz_input_identify(request->run_path, &run.identity, err);
    if (status == HMZ_OK)
        status = hmz_index_writer_new(file, &writer, err);
    if (status != HMZ_OK)
        return status;
    status = scan_content(request, writer, &run, err);
    if (status == HMZ_OK)
        status = check_unchanged(request, &run.identity, err);
    if (status == HMZ_OK)
        status = hmz_index_writer_finish(writer, &run, err);
    hmz_index_writer_free(writer);
    if (is_finding(status))
        *finding = *err;
    return status;
}

static int commit(struct hmz_outfile *file, int status, const char *path, struct hmz_error *err)
{
    if (status == HMZ_OK)
        status = hmz_outfile_commit(file, path, err);
    if (status != HMZ_OK)
        hmz_outfile_discard(file);
    return status;
}

int hmz_scan_write_failed(const struct hmz_scan_request *request, const struct hmz_error *finding,
                          struct hmz_error *err)
{
    struct hmz_outfile file = HMZ_OUTFILE_CLOSED;
    char *part = hmz_text_new("%s.part", request->index_path);
    if (!part)
        return hmz_fail_nomem(err, request->index_path);
    int status = hmz_outfile_create(&file, part, err);
    free(part);
    if (status == HMZ_OK)
        status = fill_with_finding(request, finding, &file, err);
    return commit(&file, status, request->index_path, err);
}

int hmz_scan_run(const struct hmz_scan_request *request, struct hmz_error *err)
{
    struct hmz_outfile file = HMZ_OUTFILE_CLOSED;
    struct hmz_error finding;
    char *part = hmz_text_new("%s.part", request->index_path);
    if (!part)
        return hmz_fail_nomem(err, request->index_path);
    int status = hmz_outfile_create(&file, part, err);
    free(part);
    if (status == HMZ_OK)
        status = fill_from_run(request, &file, &finding, err);
    if (is_finding(status)) {
        /* What was gathered of a damaged run is not used: its index says only what is wrong. */
        hmz_outfile_discard(&file);
        return hmz_scan_write_failed(request, &finding, err);
    }
    return commit(&file, status, request->index_path, err);
}
