/* SPDX-License-Identifier: MIT */
#include "index.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"
#include "hash.h"
#include "index_format.h"
#include "names.h"
#include "posix_io.h"

struct kind {
    struct hmz_event pattern; /* flags and pieces without numbers */
};

/* A list of blocks and the position in it. */
struct block_cursor {
    struct hmz_index_block *blocks;
    uint64_t block_count;
    uint64_t next_block;
    uint32_t left; /* records left in `bytes` */
    uint8_t *bytes;
    struct hmz_cursor at;
};

struct hmz_index {
    int fd;
    uint64_t hash;         /* of the trailer, which has those of all blocks */
    struct hmz_file_at at; /* for messages */
    uint64_t file_bytes;
    struct hmz_index_run run;
    struct hmz_names names;
    struct kind *kinds;
    uint32_t kind_count;
    struct hmz_finding *findings;
    uint64_t finding_count;
    struct block_cursor events;
    struct block_cursor scalers;
};

static int broken(const struct hmz_index *self, const char *what, struct hmz_error *err)
{
    hmz_ignore(hmz_fail(err, HMZ_E_DAMAGED, "%s; run the same command (or `prepare`) again", what));
    return hmz_context_at(err, self->at);
}

/* ---- trailer ---- */

static void get_text_into(struct hmz_cursor *from, char *to, size_t room)
{
    uint32_t length = hmz_cursor_u32(from);
    const uint8_t *bytes = hmz_cursor_bytes(from, length);
    to[0] = '\0';
    if (!bytes || length >= room) {
        from->failed = true;
        return;
    }
    memcpy(to, bytes, length);
    to[length] = '\0';
}

static void get_run(struct hmz_cursor *from, struct hmz_index_run *run)
{
    struct hmz_run_info *info = &run->info;
    run->run = (int32_t)hmz_cursor_u32(from);
    run->identity.bytes = hmz_cursor_u64(from);
    run->identity.mtime_ns = (int64_t)hmz_cursor_u64(from);
    info->layout = (enum hmz_layout)hmz_cursor_u32(from);
    get_text_into(from, info->version, sizeof info->version);
    info->version_known = hmz_cursor_u8(from);
    info->closed = hmz_cursor_u8(from);
    info->present = hmz_cursor_u32(from);
    info->frib_run = hmz_cursor_u32(from);
    info->frib_start = hmz_cursor_u32(from);
    info->frib_stop = hmz_cursor_u32(from);
    info->frib_time = hmz_cursor_u32(from);
    info->min_get_ts = hmz_cursor_u64(from);
    info->max_get_ts = hmz_cursor_u64(from);
    get_text_into(from, info->title, sizeof info->title);
    get_text_into(from, info->left_out, sizeof info->left_out);
    run->event_count = hmz_cursor_u64(from);
    run->payload_bytes = hmz_cursor_u64(from);
    run->traces = hmz_cursor_u64(from);
    run->events_without_get = hmz_cursor_u64(from);
    run->events_after_last_get = hmz_cursor_u64(from);
    run->times.first = hmz_cursor_u64(from);
    run->times.least = (int64_t)hmz_cursor_u64(from);
    run->times.most = (int64_t)hmz_cursor_u64(from);
    run->scaler_count = hmz_cursor_u64(from);
    run->totals.present = hmz_cursor_u32(from);
    for (int i = 0; i < HMZ_SCALER_TOTALS; i++) {
        run->totals.counts[i] = hmz_cursor_u64(from);
        run->totals.last[i] = hmz_cursor_u32(from);
    }
    run->scaler_values_end = hmz_cursor_u32(from);
}

static int get_names(struct hmz_index *self, struct hmz_cursor *from, struct hmz_error *err)
{
    uint32_t count = hmz_cursor_u32(from);
    for (uint32_t i = 0; i < count && !from->failed; i++) {
        char *text = hmz_cursor_text(from);
        uint32_t position;
        if (!text)
            break;
        int status = hmz_names_index(&self->names, text, &position, err);
        free(text);
        if (status != HMZ_OK)
            return status;
        if (position != i)
            from->failed = true;
    }
    return HMZ_OK;
}

static int get_kind(struct hmz_index *self, struct hmz_cursor *from, struct kind *kind, struct hmz_error *err)
{
    kind->pattern.flags = hmz_cursor_u32(from);
    uint32_t count = hmz_cursor_u32(from);
    for (uint32_t i = 0; i < count && !from->failed; i++) {
        struct hmz_piece *piece;
        uint32_t name = hmz_cursor_u32(from);
        if (name >= self->names.count) {
            from->failed = true;
            break;
        }
        int status = hmz_event_add_piece(&kind->pattern, self->names.texts[name], &piece, err);
        if (status != HMZ_OK)
            return status;
        piece->element = (enum hmz_element)hmz_cursor_u8(from);
        piece->rank = hmz_cursor_u8(from);
        piece->storage = hmz_cursor_u8(from) ? HMZ_STORAGE_OBJECT : HMZ_STORAGE_NONE;
        piece->other_attrs = hmz_cursor_u8(from);
        if (piece->element >= HMZ_ELEMENT_COUNT || piece->rank > HMZ_RANK_LIMIT)
            from->failed = true;
    }
    return HMZ_OK;
}

static int get_kinds(struct hmz_index *self, struct hmz_cursor *from, struct hmz_error *err)
{
    uint32_t count = hmz_cursor_u32(from);
    if (from->failed || count > HMZ_INDEX_KINDS_LIMIT) {
        from->failed = true;
        return HMZ_OK;
    }
    self->kinds = calloc(count ? count : 1, sizeof *self->kinds);
    if (!self->kinds)
        return hmz_fail_nomem(err, "an index");
    self->kind_count = count;
    int status = HMZ_OK;
    for (uint32_t i = 0; status == HMZ_OK && i < count && !from->failed; i++)
        status = get_kind(self, from, &self->kinds[i], err);
    return status;
}

static int get_findings(struct hmz_index *self, struct hmz_cursor *from, struct hmz_error *err)
{
    uint64_t count = hmz_cursor_u64(from);
    if (count > (uint64_t)(from->end - from->at)) { /* each has more than one byte */
        from->failed = true;
        return HMZ_OK;
    }
    self->findings = calloc(count ? count : 1, sizeof *self->findings);
    if (!self->findings)
        return hmz_fail_nomem(err, "an index");
    for (; self->finding_count < count && !from->failed; self->finding_count++) {
        struct hmz_finding *finding = &self->findings[self->finding_count];
        finding->kind = hmz_cursor_u32(from);
        finding->status = (int32_t)hmz_cursor_u32(from);
        finding->number = hmz_cursor_u64(from);
        finding->text = hmz_cursor_text(from);
    }
    return HMZ_OK;
}

static int get_blocks(struct block_cursor *self, struct hmz_cursor *from, struct hmz_error *err)
{
    uint64_t count = hmz_cursor_u64(from);
    if (count > (uint64_t)(from->end - from->at) / 24) {
        from->failed = true;
        return HMZ_OK;
    }
    self->blocks = calloc(count ? count : 1, sizeof *self->blocks);
    if (!self->blocks)
        return hmz_fail_nomem(err, "an index");
    self->block_count = count;
    for (uint64_t i = 0; i < count; i++) {
        self->blocks[i].offset = hmz_cursor_u64(from);
        self->blocks[i].length = hmz_cursor_u32(from);
        self->blocks[i].count = hmz_cursor_u32(from);
        self->blocks[i].hash = hmz_cursor_u64(from);
    }
    return HMZ_OK;
}

static int get_trailer(struct hmz_index *self, struct hmz_cursor *from, struct hmz_error *err)
{
    get_run(from, &self->run);
    int status = get_names(self, from, err);
    if (status == HMZ_OK)
        status = get_kinds(self, from, err);
    if (status == HMZ_OK)
        status = get_findings(self, from, err);
    if (status == HMZ_OK)
        status = get_blocks(&self->events, from, err);
    if (status == HMZ_OK)
        status = get_blocks(&self->scalers, from, err);
    if (status == HMZ_OK && (from->failed || from->at != from->end))
        return broken(self, "the end of the index does not read as one", err);
    return status;
}

/* Reads `length` bytes and checks them against their hash. */
static int read_checked(struct hmz_index *self, const struct hmz_index_block *block, uint8_t **bytes_out,
                        struct hmz_error *err)
{
    if (block->offset > self->file_bytes || block->length > self->file_bytes - block->offset)
        return broken(self, "a part of the index lies outside the file", err);
    uint8_t *bytes = malloc(block->length ? block->length : 1);
    if (!bytes)
        return hmz_fail_nomem(err, "an index");
    int status = hmz_io_read_at(self->fd, bytes, block->length, block->offset, err);
    if (status != HMZ_OK)
        hmz_context_at(err, self->at);
    else if (XXH3_64bits(bytes, block->length) != block->hash)
        status = broken(self, "a part of the index does not have its checksum", err);
    if (status != HMZ_OK)
        free(bytes);
    else
        *bytes_out = bytes;
    return status;
}

static int check_header(struct hmz_index *self, struct hmz_error *err)
{
    uint8_t header[HMZ_INDEX_HEADER_BYTES];
    if (self->file_bytes < HMZ_INDEX_HEADER_BYTES + HMZ_INDEX_FOOTER_BYTES)
        return broken(self, "too short for an index", err);
    if (hmz_io_read_at(self->fd, header, sizeof header, 0, err) != HMZ_OK)
        return hmz_context_at(err, self->at);
    struct hmz_cursor cursor = hmz_cursor_over(header + 8, 4);
    if (memcmp(header, HMZ_INDEX_MAGIC, 8) != 0 || hmz_cursor_u32(&cursor) != HMZ_INDEX_FORMAT)
        return broken(self, "not an index of this version of the program", err);
    return HMZ_OK;
}

static int read_trailer(struct hmz_index *self, struct hmz_error *err)
{
    uint8_t footer[HMZ_INDEX_FOOTER_BYTES];
    if (hmz_io_read_at(self->fd, footer, sizeof footer, self->file_bytes - sizeof footer, err) != HMZ_OK)
        return hmz_context_at(err, self->at);
    struct hmz_cursor cursor = hmz_cursor_over(footer, sizeof footer);
    struct hmz_index_block trailer = {.offset = hmz_cursor_u64(&cursor)};
    uint64_t length = hmz_cursor_u64(&cursor);
    trailer.hash = hmz_cursor_u64(&cursor);
    if (length > UINT32_MAX)
        return broken(self, "the end of the index does not read as one", err);
    trailer.length = (uint32_t)length;
    uint8_t *bytes;
    self->hash = trailer.hash;
    int status = read_checked(self, &trailer, &bytes, err);
    if (status != HMZ_OK)
        return status;
    cursor = hmz_cursor_over(bytes, trailer.length);
    status = get_trailer(self, &cursor, err);
    free(bytes);
    return status;
}

static int open_file(struct hmz_index *self, struct hmz_error *err)
{
    int status = hmz_file_open(self->at, O_RDONLY, &self->fd, err);
    if (status != HMZ_END)
        return status;
    hmz_ignore(hmz_fail(err, HMZ_E_FAILED, "missing; run `prepare` or the whole job again"));
    return hmz_context_at(err, self->at);
}

int hmz_index_open(struct hmz_file_at at, struct hmz_index **index_out, struct hmz_error *err)
{
    struct hmz_index *self = calloc(1, sizeof *self);
    if (!self)
        return hmz_fail_nomem(err, "an index");
    self->fd = -1;
    self->at = at;
    int status = open_file(self, err);
    if (status == HMZ_OK)
        status = hmz_io_length(self->fd, &self->file_bytes, err);
    if (status == HMZ_OK)
        status = check_header(self, err);
    if (status == HMZ_OK)
        status = read_trailer(self, err);
    if (status != HMZ_OK) {
        hmz_index_close(self);
        return status;
    }
    *index_out = self;
    return HMZ_OK;
}

static int check_blocks(struct hmz_index *self, const struct block_cursor *cursor, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (uint64_t i = 0; status == HMZ_OK && i < cursor->block_count; i++) {
        uint8_t *bytes = NULL;
        status = read_checked(self, &cursor->blocks[i], &bytes, err);
        free(bytes);
    }
    return status;
}

int hmz_index_check(struct hmz_index *self, struct hmz_error *err)
{
    int status = check_blocks(self, &self->events, err);
    return status == HMZ_OK ? check_blocks(self, &self->scalers, err) : status;
}

static void release_blocks(struct block_cursor *self)
{
    free(self->blocks);
    free(self->bytes);
}

void hmz_index_close(struct hmz_index *self)
{
    if (!self)
        return;
    if (self->fd >= 0)
        close(self->fd); /* only read */
    for (uint32_t i = 0; i < self->kind_count; i++)
        hmz_event_release(&self->kinds[i].pattern);
    for (uint64_t i = 0; i < self->finding_count; i++)
        free(self->findings[i].text);
    release_blocks(&self->events);
    release_blocks(&self->scalers);
    hmz_names_release(&self->names);
    free(self->findings);
    free(self->kinds);
    free(self);
}

uint64_t hmz_index_hash(const struct hmz_index *self)
{
    return self->hash;
}

const struct hmz_index_run *hmz_index_get_run(const struct hmz_index *self)
{
    return &self->run;
}

const struct hmz_finding *hmz_index_findings(const struct hmz_index *self, uint64_t *count_out)
{
    *count_out = self->finding_count;
    return self->findings;
}

static int copy_pattern(const struct hmz_event *pattern, struct hmz_event *event, struct hmz_error *err)
{
    hmz_event_clear(event);
    for (size_t i = 0; i < pattern->piece_count; i++) {
        struct hmz_piece *piece;
        int status = hmz_event_add_piece(event, pattern->pieces[i].path, &piece, err);
        if (status != HMZ_OK)
            return status;
        *piece = pattern->pieces[i];
    }
    event->flags = pattern->flags;
    return HMZ_OK;
}

/* ---- blocks ---- */

static int load_block(struct hmz_index *self, struct block_cursor *cursor, struct hmz_error *err)
{
    free(cursor->bytes);
    cursor->bytes = NULL;
    const struct hmz_index_block *block = &cursor->blocks[cursor->next_block++];
    int status = read_checked(self, block, &cursor->bytes, err);
    if (status != HMZ_OK)
        return status;
    cursor->left = block->count;
    cursor->at = hmz_cursor_over(cursor->bytes, block->length);
    return HMZ_OK;
}

/* Makes a record available at cursor->at. */
static int want_record(struct hmz_index *self, struct block_cursor *cursor, struct hmz_error *err)
{
    while (cursor->left == 0) {
        if (cursor->next_block == cursor->block_count)
            return HMZ_END;
        int status = load_block(self, cursor, err);
        if (status != HMZ_OK)
            return status;
    }
    cursor->left--;
    return HMZ_OK;
}

static void get_piece(struct hmz_cursor *from, struct hmz_piece *piece)
{
    uint8_t storage = hmz_cursor_u8(from);
    bool object = piece->storage == HMZ_STORAGE_OBJECT;
    if (storage > HMZ_STORAGE_OBJECT || object != (storage == HMZ_STORAGE_OBJECT))
        from->failed = true;
    piece->storage = (enum hmz_storage)storage;
    piece->bytes = hmz_cursor_u64(from);
    for (int i = 0; i < piece->rank; i++)
        piece->dims[i] = hmz_cursor_u64(from);
    piece->offset = storage == HMZ_STORAGE_RAW ? hmz_cursor_u64(from) : 0;
    piece->carried_bytes = hmz_piece_is_carried(piece) ? hmz_cursor_u64(from) : 0;
}

static void get_ids(struct hmz_cursor *from, struct hmz_event *event)
{
    if (event->flags & HMZ_EVENT_HAS_GET) {
        event->get_id = hmz_cursor_u32(from);
        event->get_timestamp = hmz_cursor_u64(from);
        event->get_timestamp_other = hmz_cursor_u64(from);
        event->traces = hmz_cursor_u64(from);
    }
    if (event->flags & HMZ_EVENT_HAS_FRIB) {
        event->frib_id = hmz_cursor_u32(from);
        event->frib_timestamp = hmz_cursor_u32(from);
    }
    uint32_t coincidence = hmz_cursor_u32(from);
    if (coincidence <= UINT16_MAX) {
        event->flags |= HMZ_EVENT_HAS_COINCIDENCE;
        event->coincidence = (uint16_t)coincidence;
    }
}

static int decode_event(struct hmz_index *self, struct hmz_event *event, struct hmz_error *err)
{
    struct hmz_cursor *from = &self->events.at;
    uint32_t kind = hmz_cursor_u32(from);
    if (from->failed || kind >= self->kind_count)
        return broken(self, "an event of a kind that is not in it", err);
    int status = copy_pattern(&self->kinds[kind].pattern, event, err);
    if (status != HMZ_OK)
        return status;
    event->number = hmz_cursor_u64(from);
    get_ids(from, event);
    if (hmz_event_has_other_attrs(event)) {
        event->attrs_bytes = hmz_cursor_u64(from);
        event->frib_attrs_bytes = hmz_cursor_u64(from);
        event->get_attrs_bytes = hmz_cursor_u64(from);
    }
    for (size_t i = 0; i < event->piece_count; i++) {
        get_piece(from, &event->pieces[i]);
        event->bytes += event->pieces[i].bytes;
    }
    return from->failed ? broken(self, "an event is cut off", err) : HMZ_OK;
}

int hmz_index_next_event(struct hmz_index *self, struct hmz_event *event, struct hmz_error *err)
{
    int status = want_record(self, &self->events, err);
    return status == HMZ_OK ? decode_event(self, event, err) : status;
}

int hmz_index_seek_event(struct hmz_index *self, uint64_t position, struct hmz_error *err)
{
    struct block_cursor *cursor = &self->events;
    cursor->next_block = position / HMZ_INDEX_BLOCK_EVENTS;
    cursor->left = 0;
    if (cursor->next_block >= cursor->block_count) {
        cursor->next_block = cursor->block_count;
        return HMZ_OK;
    }
    struct hmz_event skipped = {0};
    int status = HMZ_OK;
    for (uint64_t i = position % HMZ_INDEX_BLOCK_EVENTS; status == HMZ_OK && i > 0; i--)
        status = hmz_index_next_event(self, &skipped, err);
    hmz_event_release(&skipped);
    return status == HMZ_END ? HMZ_OK : status;
}

int hmz_index_next_scaler(struct hmz_index *self, struct hmz_scaler *scaler, struct hmz_error *err)
{
    struct hmz_cursor *from = &self->scalers.at;
    int status = want_record(self, &self->scalers, err);
    if (status != HMZ_OK)
        return status;
    scaler->number = hmz_cursor_u64(from);
    scaler->start_offset = hmz_cursor_u32(from);
    scaler->stop_offset = hmz_cursor_u32(from);
    scaler->timestamp = hmz_cursor_u32(from);
    scaler->incremental = hmz_cursor_u32(from);
    scaler->value_count = hmz_cursor_u32(from);
    if (scaler->value_count > HMZ_SCALER_VALUES_LAST)
        return broken(self, "a readout with too many values", err);
    for (uint32_t i = 0; i < scaler->value_count; i++)
        scaler->values[i] = hmz_cursor_u32(from);
    return from->failed ? broken(self, "a readout is cut off", err) : HMZ_OK;
}
