/* SPDX-License-Identifier: MIT */
#include "index.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "hash.h"
#include "index_format.h"
#include "list.h"
#include "names.h"

struct block_list {
    struct hmz_index_block *items;
    size_t count;
};

struct hmz_index_writer {
    struct hmz_outfile *file;
    struct hmz_names names;
    struct hmz_buffer *kinds; /* encoded, one each */
    size_t kind_count;
    struct hmz_buffer kind_at_hand;
    struct hmz_buffer block;
    uint32_t block_count; /* records in `block` */
    struct block_list event_blocks;
    struct block_list scaler_blocks;
    struct hmz_buffer findings;
    uint64_t finding_count;
    struct hmz_index_run sums;
};

int hmz_index_writer_new(struct hmz_outfile *file, struct hmz_index_writer **writer_out,
                         struct hmz_error *err)
{
    struct hmz_index_writer *self = calloc(1, sizeof *self);
    if (!self)
        return hmz_fail_nomem(err, "an index");
    self->file = file;
    struct hmz_buffer header = {0};
    hmz_buffer_put(&header, HMZ_INDEX_MAGIC, sizeof HMZ_INDEX_MAGIC);
    hmz_buffer_put_u32(&header, HMZ_INDEX_FORMAT);
    int status = hmz_buffer_check(&header, "an index", err);
    if (status == HMZ_OK)
        status = hmz_outfile_write(file, header.data, header.used, err);
    hmz_buffer_release(&header);
    if (status != HMZ_OK) {
        hmz_index_writer_free(self);
        return status;
    }
    *writer_out = self;
    return HMZ_OK;
}

void hmz_index_writer_free(struct hmz_index_writer *self)
{
    if (!self)
        return;
    hmz_names_release(&self->names);
    for (size_t i = 0; i < self->kind_count; i++)
        hmz_buffer_release(&self->kinds[i]);
    free(self->kinds);
    hmz_buffer_release(&self->kind_at_hand);
    hmz_buffer_release(&self->block);
    hmz_buffer_release(&self->findings);
    free(self->event_blocks.items);
    free(self->scaler_blocks.items);
    free(self);
}

static int flush_block(struct hmz_index_writer *self, struct block_list *list, struct hmz_error *err)
{
    int status = hmz_buffer_check(&self->block, "an index", err);
    if (status != HMZ_OK || self->block_count == 0)
        return status;
    if (self->block.used > UINT32_MAX)
        return hmz_fail(err, HMZ_E_DAMAGED, "events with %zu bytes of description cannot be",
                        self->block.used);
    struct hmz_index_block *item = hmz_list_add(&list->items, &list->count, sizeof *list->items);
    if (!item)
        return hmz_fail_nomem(err, "an index");
    *item = (struct hmz_index_block){
        .offset = self->file->length,
        .length = (uint32_t)self->block.used,
        .count = self->block_count,
        .hash = XXH3_64bits(self->block.data, self->block.used),
    };
    status = hmz_outfile_write(self->file, self->block.data, self->block.used, err);
    hmz_buffer_clear(&self->block);
    self->block_count = 0;
    return status;
}

/* ---- kinds ---- */

/* What changes the HDF5 metadata of an event, and nothing else. */
static int encode_kind(struct hmz_index_writer *self, const struct hmz_event *event, struct hmz_error *err)
{
    struct hmz_buffer *to = &self->kind_at_hand;
    hmz_buffer_clear(to);
    hmz_buffer_put_u32(to, event->flags & ~(uint32_t)HMZ_EVENT_HAS_COINCIDENCE);
    hmz_buffer_put_u32(to, (uint32_t)event->piece_count);
    for (size_t i = 0; i < event->piece_count; i++) {
        const struct hmz_piece *piece = &event->pieces[i];
        uint32_t name;
        int status = hmz_names_index(&self->names, piece->path, &name, err);
        if (status != HMZ_OK)
            return status;
        hmz_buffer_put_u32(to, name);
        hmz_buffer_put_u8(to, (uint8_t)piece->element);
        hmz_buffer_put_u8(to, (uint8_t)piece->rank);
        hmz_buffer_put_u8(to, piece->storage == HMZ_STORAGE_OBJECT);
        hmz_buffer_put_u8(to, piece->other_attrs);
    }
    return hmz_buffer_check(to, "an index", err);
}

static int find_kind(struct hmz_index_writer *self, uint32_t *kind_out, struct hmz_error *err)
{
    const struct hmz_buffer *wanted = &self->kind_at_hand;
    for (size_t i = 0; i < self->kind_count; i++) {
        if (self->kinds[i].used == wanted->used &&
            memcmp(self->kinds[i].data, wanted->data, wanted->used) == 0) {
            *kind_out = (uint32_t)i;
            return HMZ_OK;
        }
    }
    if (self->kind_count == HMZ_INDEX_KINDS_LIMIT)
        return hmz_fail_reach(err, HMZ_E_DAMAGED, HMZ_REACH_RUN,
                              "more than %d kinds of events, expected a few", HMZ_INDEX_KINDS_LIMIT);
    *kind_out = (uint32_t)self->kind_count;
    struct hmz_buffer *kind = hmz_list_add(&self->kinds, &self->kind_count, sizeof *self->kinds);
    if (!kind)
        return hmz_fail_nomem(err, "an index");
    *kind = *wanted; /* takes the memory over */
    self->kind_at_hand = (struct hmz_buffer){0};
    return HMZ_OK;
}

/* ---- records ---- */

static void put_piece(struct hmz_buffer *to, const struct hmz_piece *piece)
{
    hmz_buffer_put_u8(to, (uint8_t)piece->storage);
    hmz_buffer_put_u64(to, piece->bytes);
    for (int i = 0; i < piece->rank; i++)
        hmz_buffer_put_u64(to, piece->dims[i]);
    if (piece->storage == HMZ_STORAGE_RAW)
        hmz_buffer_put_u64(to, piece->offset);
    if (hmz_piece_is_carried(piece))
        hmz_buffer_put_u64(to, piece->carried_bytes);
}

static void put_event(struct hmz_buffer *to, const struct hmz_event *event, uint32_t kind)
{
    hmz_buffer_put_u32(to, kind);
    hmz_buffer_put_u64(to, event->number);
    if (event->flags & HMZ_EVENT_HAS_GET) {
        hmz_buffer_put_u32(to, event->get_id);
        hmz_buffer_put_u64(to, event->get_timestamp);
        hmz_buffer_put_u64(to, event->get_timestamp_other);
        hmz_buffer_put_u64(to, event->traces);
    }
    if (event->flags & HMZ_EVENT_HAS_FRIB) {
        hmz_buffer_put_u32(to, event->frib_id);
        hmz_buffer_put_u32(to, event->frib_timestamp);
    }
    bool coincidence = event->flags & HMZ_EVENT_HAS_COINCIDENCE;
    hmz_buffer_put_u32(to, coincidence ? event->coincidence : UINT32_MAX);
    if (hmz_event_has_other_attrs(event)) {
        hmz_buffer_put_u64(to, event->attrs_bytes);
        hmz_buffer_put_u64(to, event->frib_attrs_bytes);
        hmz_buffer_put_u64(to, event->get_attrs_bytes);
    }
    for (size_t i = 0; i < event->piece_count; i++)
        put_piece(to, &event->pieces[i]);
}

void hmz_index_run_clear_events(struct hmz_index_run *sums)
{
    sums->event_count = 0;
    sums->payload_bytes = 0;
    sums->traces = 0;
    sums->events_without_get = 0;
    sums->events_after_last_get = 0;
    sums->times = (struct hmz_get_times){0};
}

void hmz_index_run_add_event(struct hmz_index_run *sums, const struct hmz_event *event)
{
    sums->event_count++;
    sums->payload_bytes += event->bytes;
    sums->traces += event->traces;
    hmz_get_times_add(&sums->times, event);
    if (event->flags & HMZ_EVENT_HAS_GET) {
        sums->events_after_last_get = 0;
    } else {
        sums->events_without_get++;
        sums->events_after_last_get++;
    }
}

int hmz_index_writer_event(struct hmz_index_writer *self, const struct hmz_event *event,
                           struct hmz_error *err)
{
    uint32_t kind = 0;
    int status = encode_kind(self, event, err);
    if (status == HMZ_OK)
        status = find_kind(self, &kind, err);
    if (status != HMZ_OK)
        return status;
    if (event->bytes > UINT64_MAX - self->sums.payload_bytes)
        return hmz_fail_reach(err, HMZ_E_DAMAGED, HMZ_REACH_RUN,
                              "its events have more than 2^64 bytes together");
    put_event(&self->block, event, kind);
    hmz_index_run_add_event(&self->sums, event);
    if (++self->block_count == HMZ_INDEX_BLOCK_EVENTS)
        return flush_block(self, &self->event_blocks, err);
    return HMZ_OK;
}

int hmz_index_writer_scaler(struct hmz_index_writer *self, const struct hmz_scaler *scaler,
                            struct hmz_error *err)
{
    if (self->sums.scaler_count == 0) {
        int status = flush_block(self, &self->event_blocks, err);
        if (status != HMZ_OK)
            return status;
    }
    hmz_buffer_put_u64(&self->block, scaler->number);
    hmz_buffer_put_u32(&self->block, scaler->start_offset);
    hmz_buffer_put_u32(&self->block, scaler->stop_offset);
    hmz_buffer_put_u32(&self->block, scaler->timestamp);
    hmz_buffer_put_u32(&self->block, scaler->incremental);
    hmz_buffer_put_u32(&self->block, scaler->value_count);
    for (uint32_t i = 0; i < scaler->value_count; i++)
        hmz_buffer_put_u32(&self->block, scaler->values[i]);
    self->sums.scaler_count++;
    hmz_scaler_totals_add(&self->sums.totals, scaler);
    if (scaler->value_count > self->sums.scaler_values_end)
        self->sums.scaler_values_end = scaler->value_count;
    if (++self->block_count == HMZ_INDEX_BLOCK_EVENTS)
        return flush_block(self, &self->scaler_blocks, err);
    return HMZ_OK;
}

int hmz_index_writer_finding(struct hmz_index_writer *self, enum hmz_finding_kind kind, uint64_t number,
                             const struct hmz_error *finding, struct hmz_error *err)
{
    hmz_buffer_put_u32(&self->findings, kind);
    hmz_buffer_put_u32(&self->findings, (uint32_t)finding->status);
    hmz_buffer_put_u64(&self->findings, number);
    hmz_buffer_put_text(&self->findings, finding->text);
    self->finding_count++;
    return hmz_buffer_check(&self->findings, "an index", err);
}

/* ---- trailer ---- */

static void put_run(struct hmz_buffer *to, const struct hmz_index_run *run)
{
    const struct hmz_run_info *info = &run->info;
    hmz_buffer_put_u32(to, (uint32_t)run->run);
    hmz_buffer_put_u64(to, run->identity.bytes);
    hmz_buffer_put_u64(to, (uint64_t)run->identity.mtime_ns);
    hmz_buffer_put_u32(to, info->layout);
    hmz_buffer_put_text(to, info->version);
    hmz_buffer_put_u8(to, info->version_known);
    hmz_buffer_put_u8(to, info->closed);
    hmz_buffer_put_u32(to, info->present);
    hmz_buffer_put_u32(to, info->frib_run);
    hmz_buffer_put_u32(to, info->frib_start);
    hmz_buffer_put_u32(to, info->frib_stop);
    hmz_buffer_put_u32(to, info->frib_time);
    hmz_buffer_put_u64(to, info->min_get_ts);
    hmz_buffer_put_u64(to, info->max_get_ts);
    hmz_buffer_put_text(to, info->title);
    hmz_buffer_put_text(to, info->left_out);
    hmz_buffer_put_u64(to, run->event_count);
    hmz_buffer_put_u64(to, run->payload_bytes);
    hmz_buffer_put_u64(to, run->traces);
    hmz_buffer_put_u64(to, run->events_without_get);
    hmz_buffer_put_u64(to, run->events_after_last_get);
    hmz_buffer_put_u64(to, run->times.first);
    hmz_buffer_put_u64(to, (uint64_t)run->times.least);
    hmz_buffer_put_u64(to, (uint64_t)run->times.most);
    hmz_buffer_put_u64(to, run->scaler_count);
    hmz_buffer_put_u32(to, run->totals.present);
    for (int i = 0; i < HMZ_SCALER_TOTALS; i++) {
        hmz_buffer_put_u64(to, run->totals.counts[i]);
        hmz_buffer_put_u32(to, run->totals.last[i]);
    }
    hmz_buffer_put_u32(to, run->scaler_values_end);
}

static void put_blocks(struct hmz_buffer *to, const struct block_list *list)
{
    hmz_buffer_put_u64(to, list->count);
    for (size_t i = 0; i < list->count; i++) {
        hmz_buffer_put_u64(to, list->items[i].offset);
        hmz_buffer_put_u32(to, list->items[i].length);
        hmz_buffer_put_u32(to, list->items[i].count);
        hmz_buffer_put_u64(to, list->items[i].hash);
    }
}

static void put_trailer(const struct hmz_index_writer *self, const struct hmz_index_run *run,
                        struct hmz_buffer *to)
{
    put_run(to, run);
    hmz_buffer_put_u32(to, (uint32_t)self->names.count);
    for (size_t i = 0; i < self->names.count; i++)
        hmz_buffer_put_text(to, self->names.texts[i]);
    hmz_buffer_put_u32(to, (uint32_t)self->kind_count);
    for (size_t i = 0; i < self->kind_count; i++)
        hmz_buffer_put(to, self->kinds[i].data, self->kinds[i].used);
    hmz_buffer_put_u64(to, self->finding_count);
    hmz_buffer_put(to, self->findings.data, self->findings.used);
    put_blocks(to, &self->event_blocks);
    put_blocks(to, &self->scaler_blocks);
}

static void take_sums(const struct hmz_index_run *sums, struct hmz_index_run *run)
{
    run->event_count = sums->event_count;
    run->payload_bytes = sums->payload_bytes;
    run->traces = sums->traces;
    run->events_without_get = sums->events_without_get;
    run->events_after_last_get = sums->events_after_last_get;
    run->times = sums->times;
    run->scaler_count = sums->scaler_count;
    run->totals = sums->totals;
    run->scaler_values_end = sums->scaler_values_end;
}

int hmz_index_writer_finish(struct hmz_index_writer *self, struct hmz_index_run *run, struct hmz_error *err)
{
    struct block_list *open_blocks = self->sums.scaler_count ? &self->scaler_blocks : &self->event_blocks;
    int status = flush_block(self, open_blocks, err);
    if (status != HMZ_OK)
        return status;
    take_sums(&self->sums, run);
    struct hmz_buffer trailer = {0};
    put_trailer(self, run, &trailer);
    uint64_t length = trailer.used;
    uint64_t hash = trailer.failed ? 0 : XXH3_64bits(trailer.data, trailer.used);
    hmz_buffer_put_u64(&trailer, self->file->length);
    hmz_buffer_put_u64(&trailer, length);
    hmz_buffer_put_u64(&trailer, hash);
    status = hmz_buffer_check(&trailer, "an index", err);
    if (status == HMZ_OK)
        status = hmz_outfile_write(self->file, trailer.data, trailer.used, err);
    hmz_buffer_release(&trailer);
    return status;
}
