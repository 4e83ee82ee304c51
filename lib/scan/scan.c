/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include <inttypes.h>
#include <stdlib.h>

#include "bytes.h"
#include "extents.h"
#include "list.h"
#include "outfile.h"
#include "run_reader.h"

/* Damage goes into the index; what is no damage of the run (memory, the disk of the index) is a failure. */
static bool is_finding(int status)
{
    return status == HMZ_E_DAMAGED || status == HMZ_E_USAGE;
}

/* An event that claims bytes of another one. */
struct overlap {
    uint64_t event;
    struct hmz_error finding;
};

struct overlaps { /* all zero: none, or not known yet */
    struct overlap *items;
    size_t count;
};

static const struct overlap *find_overlap(const struct overlaps *overlaps, uint64_t event)
{
    for (size_t i = 0; i < overlaps->count; i++)
        if (overlaps->items[i].event == event)
            return &overlaps->items[i];
    return NULL;
}

static int add_overlap(struct overlaps *overlaps, const struct hmz_extent *one,
                       const struct hmz_extent *other, struct hmz_error *err)
{
    if (find_overlap(overlaps, one->event))
        return HMZ_OK;
    struct overlap *item = hmz_list_add(&overlaps->items, &overlaps->count, sizeof *overlaps->items);
    if (!item)
        return hmz_fail_nomem(err, "the list of overlapping events");
    item->event = one->event;
    hmz_ignore(hmz_fail_reach(
        &item->finding, HMZ_E_DAMAGED, HMZ_REACH_EVENT,
        "events/event_%" PRIu64 ": its data at bytes %s to %s overlap those of event_%" PRIu64 " at %s to %s",
        one->event, hmz_count_text(one->begin).text, hmz_count_text(one->end).text, other->event,
        hmz_count_text(other->begin).text, hmz_count_text(other->end).text));
    return HMZ_OK;
}

/* Nobody can tell which of the two is right. */
static int take_overlap(void *data, const struct hmz_extent *a, const struct hmz_extent *b,
                        struct hmz_error *err)
{
    int status = add_overlap(data, a, b, err);
    return status == HMZ_OK ? add_overlap(data, b, a, err) : status;
}

/* One pass over a run. */
struct pass {
    const struct hmz_scan_request *request;
    struct hmz_run_reader *reader;
    struct hmz_index_writer *writer;
    struct hmz_extents extents;
    const struct overlaps *known; /* from the pass before */
};

/* The next event into the index, or what is wrong with it. HMZ_END after the last. */
static int scan_event(struct pass *pass, struct hmz_event *event, struct hmz_error *err)
{
    struct hmz_error finding;
    bool numbered;
    int found = hmz_run_reader_next(pass->reader, event, &numbered, &finding);
    if (found == HMZ_END)
        return HMZ_END;
    const struct overlap *overlap = found == HMZ_OK ? find_overlap(pass->known, event->number) : NULL;
    if (overlap) {
        finding = overlap->finding;
        found = HMZ_E_DAMAGED;
    }
    if (found == HMZ_OK)
        found = hmz_index_writer_event(pass->writer, event, &finding);
    if (found == HMZ_OK)
        found = hmz_extents_add(&pass->extents, event, &finding);
    if (is_finding(found) && finding.reach == HMZ_REACH_EVENT)
        return hmz_index_writer_finding(pass->writer, numbered ? HMZ_FINDING_EVENT : HMZ_FINDING_MEMBER,
                                        event->number, &finding, err);
    if (found != HMZ_OK)
        *err = finding;
    return found;
}

static int scan_events(struct pass *pass, struct hmz_error *err)
{
    struct hmz_event event = {0};
    int status;
    while ((status = scan_event(pass, &event, err)) == HMZ_OK)
        hmz_tick(&pass->request->tick, 1, 0);
    hmz_event_release(&event);
    return status == HMZ_END ? HMZ_OK : status;
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

/* The content of the run into the index; damage of the run as a whole is returned. Overlaps that are not
 * known yet go to `overlaps`. */
static int scan_content(const struct hmz_scan_request *request, struct hmz_index_writer *writer,
                        struct overlaps *overlaps, struct hmz_run_info *info, struct hmz_error *err)
{
    struct pass pass = {.request = request, .writer = writer, .known = overlaps};
    int status = hmz_run_reader_open(request->run_path, &pass.reader, err);
    if (status != HMZ_OK)
        return status;
    status = scan_events(&pass, err);
    if (status == HMZ_OK)
        status = scan_scalers(pass.reader, request, writer, err);
    if (status == HMZ_OK)
        status = hmz_extents_each_overlap(&pass.extents, take_overlap, overlaps, err);
    if (status == HMZ_OK)
        status = hmz_run_reader_finish(pass.reader, info, err);
    hmz_extents_release(&pass.extents);
    hmz_run_reader_close(pass.reader);
    return status;
}

static int check_unchanged(const struct hmz_scan_request *request, const struct hmz_file_identity *before,
                           struct hmz_error *err)
{
    struct hmz_file_identity now;
    int status = hmz_file_identity_read(request->run_path, &now, err);
    if (status == HMZ_OK && !hmz_file_identity_same(&now, before))
        status = hmz_fail(err, HMZ_E_CHANGED, "%s changed while it was scanned: is the merger still writing?",
                          request->run_path);
    return status;
}

static int fill_with_finding(const struct hmz_scan_request *request, const struct hmz_error *finding,
                             struct hmz_outfile *file, struct hmz_error *err)
{
    struct hmz_index_run run = {.run = request->run, .info = {.layout = HMZ_LAYOUT_GROUPED}};
    struct hmz_index_writer *writer;
    int status = hmz_file_identity_read(request->run_path, &run.identity, err);
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

/* HMZ_END where overlaps were found: the index is to be made again without those events. */
static int fill_in_pass(const struct hmz_scan_request *request, struct hmz_outfile *file,
                        struct overlaps *overlaps, struct hmz_error *err)
{
    struct hmz_index_run run = {.run = request->run};
    struct hmz_index_writer *writer;
    size_t known = overlaps->count;
    int status = hmz_file_identity_read(request->run_path, &run.identity, err);
    if (status == HMZ_OK)
        status = hmz_index_writer_new(file, &writer, err);
    if (status != HMZ_OK)
        return status;
    status = scan_content(request, writer, overlaps, &run.info, err);
    if (status == HMZ_OK)
        status = check_unchanged(request, &run.identity, err);
    if (status == HMZ_OK && overlaps->count > known)
        status = HMZ_END;
    if (status == HMZ_OK)
        status = hmz_index_writer_finish(writer, &run, err);
    hmz_index_writer_free(writer);
    return status;
}

static int commit(struct hmz_outfile *file, int status, struct hmz_file_at index, struct hmz_error *err)
{
    if (status == HMZ_OK)
        status = hmz_outfile_commit(file, index, err);
    if (status != HMZ_OK)
        hmz_outfile_discard(file);
    return status;
}

static int create_part(const struct hmz_scan_request *request, struct hmz_outfile *file,
                       struct hmz_error *err)
{
    return hmz_outfile_create_own(file, hmz_file_in(request->index.folder, "%s.part", request->index.name),
                                  err);
}

/* An index that holds nothing but `finding`. */
static int write_failed(const struct hmz_scan_request *request, const struct hmz_error *finding,
                        struct hmz_error *err)
{
    struct hmz_outfile file = HMZ_OUTFILE_CLOSED;
    int status = create_part(request, &file, err);
    if (status == HMZ_OK)
        status = fill_with_finding(request, finding, &file, err);
    return commit(&file, status, request->index, err);
}

static int scan_in_passes(const struct hmz_scan_request *request, struct hmz_outfile *file,
                          struct hmz_error *err)
{
    struct overlaps overlaps = {0};
    int status;
    do {
        hmz_outfile_discard(file);
        status = create_part(request, file, err);
        if (status == HMZ_OK)
            status = fill_in_pass(request, file, &overlaps, err);
    } while (status == HMZ_END); /* each time with fewer events */
    free(overlaps.items);
    return status;
}

int hmz_scan_run(const struct hmz_scan_request *request, struct hmz_error *err)
{
    struct hmz_outfile file = HMZ_OUTFILE_CLOSED;
    int status = scan_in_passes(request, &file, err);
    if (is_finding(status)) {
        /* What was gathered of a damaged run is not used: its index says only what is wrong. */
        const struct hmz_error finding = *err;
        hmz_outfile_discard(&file);
        return write_failed(request, &finding, err);
    }
    return commit(&file, status, request->index, err);
}
