/* SPDX-License-Identifier: MIT */
#include "event_sums.h"

#include <inttypes.h>
#include <stdlib.h>

#include "buffer.h"
#include "event_data.h"
#include "index.h"
#include "offsets.h"
#include "run_source.h"
#include "sealed_file.h"
#include "spyral.h"

static const char magic[] = "HMZSUM1";
enum { ITEM_BYTES = 9 };

struct taker {
    const struct hmz_event_sums_request *request;
    struct hmz_run_source source;
    struct hmz_mover *mover;
    struct hmz_offsets offsets; /* of nothing: no byte is written */
    struct hmz_names names;
    struct hmz_buffer content;
};

static bool has_object(const struct hmz_event *event)
{
    for (size_t i = 0; i < event->piece_count; i++)
        if (event->pieces[i].storage == HMZ_STORAGE_OBJECT)
            return true;
    return false;
}

static int read_event(struct taker *self, const struct hmz_event *event, uint64_t *checksum_out,
                      struct hmz_error *err)
{
    int status = hmz_offsets_reserve(&self->offsets, event->piece_count, err);
    if (status == HMZ_OK && hmz_event_needs_library(event)) {
        hmz_tick_event(&self->request->tick, self->source.run, event->number);
        status = hmz_run_source_library(&self->source, err);
    }
    const struct hmz_move move = {.source = &self->source, .event = event, .offsets = self->offsets.at};
    return status == HMZ_OK ? hmz_mover_move(self->mover, &move, checksum_out, err) : status;
}

static int take_event(struct taker *self, struct hmz_event *event, struct hmz_error *err)
{
    uint64_t checksum = 0;
    int status = HMZ_OK;
    if (self->request->frib == HMZ_FRIB_SET_ASIDE && hmz_spyral_judge(event) != HMZ_SPYRAL_READS)
        status = hmz_spyral_set_aside(event, &self->names, err);
    if (status == HMZ_OK)
        status = read_event(self, event, &checksum, err);
    hmz_tick(&self->request->tick, 1, event->bytes);
    if (status != HMZ_OK && status != HMZ_E_DAMAGED)
        return hmz_context(err, "event %" PRIu64, event->number);
    enum hmz_sum_kind kind = status == HMZ_E_DAMAGED ? HMZ_SUM_UNREADABLE
                             : has_object(event)     ? HMZ_SUM_UNKNOWN
                                                     : HMZ_SUM_KNOWN;
    hmz_buffer_put_u8(&self->content, (uint8_t)kind);
    hmz_buffer_put_u64(&self->content, checksum);
    return HMZ_OK;
}

static int take_events(struct taker *self, struct hmz_index *index, struct hmz_error *err)
{
    struct hmz_event event = {0};
    int status;
    while ((status = hmz_index_next_event(index, &event, err)) == HMZ_OK) {
        status = take_event(self, &event, err);
        if (status != HMZ_OK)
            break;
    }
    hmz_event_release(&event);
    return status == HMZ_END ? HMZ_OK : status;
}

int hmz_event_sums_take(const struct hmz_event_sums_request *request, struct hmz_error *err)
{
    struct taker self = {.request = request, .source = HMZ_RUN_SOURCE_CLOSED};
    struct hmz_index *index;
    int status = hmz_index_open(request->index, &index, err);
    if (status != HMZ_OK)
        return status;
    self.source.run = hmz_index_get_run(index)->run;
    self.source.path = request->run_path;
    self.source.layout = hmz_index_get_run(index)->info.layout;
    status = hmz_run_source_open(&self.source, err);
    if (status == HMZ_OK)
        status = hmz_mover_new(&self.mover, err);
    if (status == HMZ_OK)
        status = take_events(&self, index, err);
    if (status == HMZ_OK)
        status = hmz_sealed_save(request->out, magic, &self.content, err);
    hmz_run_source_close(&self.source);
    hmz_mover_free(self.mover);
    hmz_offsets_release(&self.offsets);
    hmz_names_release(&self.names);
    hmz_buffer_release(&self.content);
    hmz_index_close(index);
    return status;
}

void hmz_event_sums_release(struct hmz_event_sums *self)
{
    free(self->items);
    *self = (struct hmz_event_sums){0};
}

int hmz_event_sums_load(struct hmz_event_sums *self_out, struct hmz_file_at at, struct hmz_error *err)
{
    uint8_t *bytes;
    struct hmz_cursor from;
    *self_out = (struct hmz_event_sums){0};
    int status = hmz_sealed_load(at, magic, &bytes, &from, err);
    if (status == HMZ_END)
        return hmz_sealed_broken(at, err);
    if (status != HMZ_OK)
        return status;
    self_out->count = (uint64_t)(from.end - from.at) / ITEM_BYTES;
    self_out->items = calloc(self_out->count + 1, sizeof *self_out->items);
    if (!self_out->items)
        status = hmz_fail_nomem(err, "checksums");
    for (uint64_t i = 0; status == HMZ_OK && i < self_out->count; i++) {
        self_out->items[i].kind = (enum hmz_sum_kind)hmz_cursor_u8(&from);
        self_out->items[i].checksum = hmz_cursor_u64(&from);
    }
    free(bytes);
    return status;
}
