/* SPDX-License-Identifier: MIT */
#include "event_data.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "h5_element.h"
#include "h5_error.h"
#include "h5_scope.h"
#include "hash.h"
#include "posix_io.h"

/* Large enough that system calls do not count, small enough to stay in the second-level cache between
 * reading, summing and writing. */
enum { BUFFER_BYTES = 512 << 10 };

/* What goes through libhdf5 is read whole up to this size, beyond it in slabs of rows. */
enum { SLAB_BYTES = 16 << 20, CHUNK_CACHE_BYTES = 32 << 20 };

struct hmz_mover {
    uint8_t *buffer;
    uint8_t *slab;
    size_t slab_room;
    XXH3_state_t *hash;
};

int hmz_mover_new(struct hmz_mover **mover_out, struct hmz_error *err)
{
    struct hmz_mover *self = calloc(1, sizeof *self);
    if (self) {
        self->buffer = malloc(BUFFER_BYTES);
        self->hash = XXH3_createState();
    }
    if (!self || !self->buffer || !self->hash) {
        hmz_mover_free(self);
        return hmz_fail_nomem(err, "a buffer");
    }
    *mover_out = self;
    return HMZ_OK;
}

void hmz_mover_free(struct hmz_mover *self)
{
    if (!self)
        return;
    free(self->buffer);
    free(self->slab);
    XXH3_freeState(self->hash);
    free(self);
}

static int read_failed(int error_number, uint64_t offset, struct hmz_error *err)
{
    int status = hmz_io_fail_read(err, error_number, "cannot read at byte %s", hmz_count_text(offset).text);
    err->reach = HMZ_REACH_EVENT;
    return status;
}

static int give(const struct hmz_move *move, const uint8_t *bytes, size_t length, uint64_t offset,
                struct hmz_error *err)
{
    return move->sink.take ? move->sink.take(move->sink.data, bytes, length, offset, err) : HMZ_OK;
}

static int move_raw(struct hmz_mover *self, const struct hmz_move *move, const struct hmz_piece *piece,
                    uint64_t offset, struct hmz_error *err)
{
    for (uint64_t done = 0; done < piece->bytes;) {
        uint64_t left = piece->bytes - done;
        size_t length = left < BUFFER_BYTES ? (size_t)left : BUFFER_BYTES;
        size_t got;
        int error_number =
            hmz_io_read_judged(move->source->fd, self->buffer, length, piece->offset + done, &got);
        if (error_number)
            return read_failed(error_number, piece->offset + done, err);
        if (got < length)
            return hmz_fail_reach(err, HMZ_E_DAMAGED, HMZ_REACH_EVENT, "ends at byte %s, the file at %s",
                                  hmz_count_text(piece->offset + piece->bytes).text,
                                  hmz_count_text(piece->offset + done + got).text);
        XXH3_64bits_update(self->hash, self->buffer, length);
        int status = give(move, self->buffer, length, offset + done, err);
        if (status != HMZ_OK)
            return status;
        done += length;
    }
    return HMZ_OK;
}

/* ---- through libhdf5 ---- */

static int slab_buffer(struct hmz_mover *self, uint64_t bytes, struct hmz_error *err)
{
    if (bytes <= self->slab_room)
        return HMZ_OK;
    uint8_t *slab = bytes <= SIZE_MAX ? realloc(self->slab, (size_t)bytes) : NULL;
    if (!slab)
        return hmz_fail_nomem(err, "a dataset that libhdf5 has to read");
    self->slab = slab;
    self->slab_room = (size_t)bytes;
    return HMZ_OK;
}

/* What libhdf5 reads a piece from, and as which type. */
struct library_piece {
    hid_t dataset, type;
};

struct rows {
    uint64_t first, count;
};

/* Reads these rows of the dataset into the slab. */
static int read_rows(struct hmz_mover *self, const struct library_piece *from, const struct hmz_piece *piece,
                     struct rows rows, struct hmz_error *err)
{
    hsize_t start[HMZ_RANK_LIMIT] = {rows.first};
    hsize_t count[HMZ_RANK_LIMIT] = {rows.count};
    for (int i = 1; i < piece->rank; i++)
        count[i] = piece->dims[i];
    HMZ_H5_SCOPED there = H5Dget_space(from->dataset);
    HMZ_H5_SCOPED here = H5Screate_simple(piece->rank, count, NULL);
    if (there < 0 || here < 0 || H5Sselect_hyperslab(there, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
        H5Dread(from->dataset, from->type, here, there, H5P_DEFAULT, self->slab) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "cannot be read");
    return HMZ_OK;
}

static int take_slab(struct hmz_mover *self, const struct hmz_move *move, uint64_t bytes, uint64_t offset,
                     struct hmz_error *err)
{
    XXH3_64bits_update(self->hash, self->slab, (size_t)bytes);
    return give(move, self->slab, (size_t)bytes, offset, err);
}

static int move_slabs(struct hmz_mover *self, const struct hmz_move *move, const struct hmz_piece *piece,
                      uint64_t offset, const struct library_piece *from, struct hmz_error *err)
{
    if (piece->rank == 0 || piece->bytes <= SLAB_BYTES) {
        int status = slab_buffer(self, piece->bytes, err);
        if (status != HMZ_OK)
            return status;
        if (H5Dread(from->dataset, from->type, H5S_ALL, H5S_ALL, H5P_DEFAULT, self->slab) < 0)
            return hmz_fail_h5(err, HMZ_E_DAMAGED, "cannot be read");
        return take_slab(self, move, piece->bytes, offset, err);
    }
    uint64_t row_bytes = piece->bytes / piece->dims[0];
    struct rows rows = {.count = row_bytes < SLAB_BYTES ? SLAB_BYTES / row_bytes : 1};
    int status = slab_buffer(self, rows.count * row_bytes, err);
    for (; status == HMZ_OK && rows.first < piece->dims[0]; rows.first += rows.count) {
        if (rows.count > piece->dims[0] - rows.first)
            rows.count = piece->dims[0] - rows.first;
        status = read_rows(self, from, piece, rows, err);
        if (status == HMZ_OK)
            status = take_slab(self, move, rows.count * row_bytes, offset + rows.first * row_bytes, err);
    }
    return status;
}

static int move_read(struct hmz_mover *self, const struct hmz_move *move, const struct hmz_piece *piece,
                     uint64_t offset, struct hmz_error *err)
{
    struct hmz_source_path there = hmz_event_source_path(move->source->layout, move->event, piece->path);
    HMZ_H5_SCOPED access = H5Pcreate(H5P_DATASET_ACCESS);
    if (access < 0 || H5Pset_chunk_cache(access, H5D_CHUNK_CACHE_NSLOTS_DEFAULT, CHUNK_CACHE_BYTES,
                                         H5D_CHUNK_CACHE_W0_DEFAULT) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot make dataset access properties");
    HMZ_H5_SCOPED dataset = H5Dopen2(move->source->file, there.text, access);
    HMZ_H5_SCOPED type = -1;
    if (dataset >= 0)
        type = piece->element == HMZ_ELEMENT_OTHER ? H5Dget_type(dataset)
                                                   : H5Tcopy(hmz_element_type(piece->element));
    int status = type < 0 ? hmz_fail_h5(err, HMZ_E_DAMAGED, "cannot be opened") : HMZ_OK;
    const struct library_piece from = {.dataset = dataset, .type = type};
    if (status == HMZ_OK)
        status = move_slabs(self, move, piece, offset, &from, err);
    if (status == HMZ_E_DAMAGED)
        err->reach = HMZ_REACH_EVENT;
    return status;
}

static int move_piece(struct hmz_mover *self, const struct hmz_move *move, size_t i, struct hmz_error *err)
{
    const struct hmz_piece *piece = &move->event->pieces[i];
    int status = HMZ_OK;
    if (piece->storage == HMZ_STORAGE_RAW)
        status = move_raw(self, move, piece, move->offsets[i], err);
    else if (piece->storage == HMZ_STORAGE_READ)
        status = move_read(self, move, piece, move->offsets[i], err);
    if (status == HMZ_E_DAMAGED)
        return hmz_context(err, "%s",
                           hmz_event_source_path(move->source->layout, move->event, piece->path).text);
    return status;
}

int hmz_mover_move(struct hmz_mover *self, const struct hmz_move *move, uint64_t *checksum_out,
                   struct hmz_error *err)
{
    int status = HMZ_OK;
    XXH3_64bits_reset(self->hash);
    for (size_t i = 0; status == HMZ_OK && i < move->event->piece_count; i++)
        status = move_piece(self, move, i, err);
    status = hmz_run_source_settle(move->source, status, err);
    *checksum_out = XXH3_64bits_digest(self->hash);
    return status;
}
