/* SPDX-License-Identifier: MIT */
/* mode: copy. The bytes of each dataset go to the offset that libhdf5 gave it. */
#include <inttypes.h>
#include <stdio.h>

#include "event_checksum.h"
#include "file_hints.h"
#include "h5_error.h"
#include "h5_scope.h"
#include "mode_ops.h"
#include "posix_io.h"

/* Data are handed to the disk in steps of this size while more are written. */
enum { WRITEBACK_STEP_BYTES = 8 << 20 };

static void start_writeback(struct hmz_writer *self, uint64_t offset, uint64_t bytes)
{
    if (offset + bytes > self->unsynced_to)
        self->unsynced_to = offset + bytes;
    if (self->unsynced_to - self->unsynced_from < WRITEBACK_STEP_BYTES)
        return;
    hmz_file_start_writeback(self->out.fd, self->unsynced_from, self->unsynced_to - self->unsynced_from);
    self->unsynced_from = self->unsynced_to;
}

/* For events with objects only libhdf5 knows the bytes: the checksum is taken from what it has copied. */
static int checksum_by_library(struct hmz_writer *self, uint64_t *checksum_out, struct hmz_error *err)
{
    char name[32];
    snprintf(name, sizeof name, "event_%" PRIu64, self->written.event_count);
    HMZ_H5_SCOPED event = H5Gopen2(self->tree.events, name, H5P_DEFAULT);
    if (event < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "%s: cannot be opened again", name);
    return hmz_event_checksum(event, checksum_out, err);
}

static bool has_object(const struct hmz_event *event)
{
    for (size_t i = 0; i < event->piece_count; i++)
        if (event->pieces[i].storage == HMZ_STORAGE_OBJECT)
            return true;
    return false;
}

/* For the read-back and the disk. */
static int note_event(struct hmz_writer *self, const struct hmz_event *event, uint64_t *checksum,
                      struct hmz_error *err)
{
    if (has_object(event)) {
        int status = checksum_by_library(self, checksum, err);
        if (status != HMZ_OK)
            return status;
        hmz_readback_note_unknown(self->readback);
    }
    for (size_t i = 0; i < event->piece_count; i++) {
        const struct hmz_piece *piece = &event->pieces[i];
        if (piece->storage != HMZ_STORAGE_RAW && piece->storage != HMZ_STORAGE_READ)
            continue;
        hmz_readback_note(self->readback, self->offsets.at[i], piece->bytes);
        start_writeback(self, self->offsets.at[i], piece->bytes);
    }
    hmz_readback_note_end(self->readback, *checksum);
    return HMZ_OK;
}

static int write_bytes(void *data, const uint8_t *bytes, size_t length, uint64_t offset,
                       struct hmz_error *err)
{
    const int *fd = data;
    return hmz_io_write_at(*fd, bytes, length, offset, err);
}

static int put(struct hmz_writer *self, struct hmz_run_source *source, const struct hmz_event *event,
               uint64_t *checksum_out, struct hmz_error *err)
{
    const struct hmz_move move = {.source = source,
                                  .event = event,
                                  .offsets = self->offsets.at,
                                  .sink = {.take = write_bytes, .data = &self->out.fd}};
    int status = hmz_mover_move(self->mover, &move, checksum_out, err);
    return status == HMZ_OK ? note_event(self, event, checksum_out, err) : status;
}

static int try_event(struct hmz_writer *self, struct hmz_run_source *source, const struct hmz_event *event,
                     struct hmz_error *err)
{
    uint64_t checksum;
    const struct hmz_move move = {.source = source, .event = event, .offsets = self->offsets.at};
    return hmz_mover_move(self->mover, &move, &checksum, err);
}

/* The read-back has compared every event with its checksum. */
static int check(struct hmz_writer *self, struct hmz_error *err)
{
    (void)self;
    (void)err;
    return HMZ_OK;
}

const struct hmz_mode_ops hmz_mode_copy = {.put = put, .try_event = try_event, .check = check};
