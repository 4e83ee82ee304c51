/* SPDX-License-Identifier: MIT */
#include "walk_index.h"

#include <assert.h>
#include <string.h>

static void check_run(const struct hmz_index *index)
{
    const struct hmz_run_info *info = &hmz_index_get_run(index)->info;
    assert(strnlen(info->version, sizeof info->version) < sizeof info->version);
    assert(strnlen(info->title, sizeof info->title) < sizeof info->title);
    assert(strnlen(info->left_out, sizeof info->left_out) < sizeof info->left_out);
    uint64_t count;
    const struct hmz_finding *findings = hmz_index_findings(index, &count);
    for (uint64_t i = 0; i < count; i++)
        assert(findings[i].text);
}

static void check_piece(const struct hmz_piece *piece, uint64_t run_bytes)
{
    assert(piece->path && piece->rank >= 0 && piece->rank <= HMZ_RANK_LIMIT);
    assert(piece->element < HMZ_ELEMENT_COUNT && piece->storage <= HMZ_STORAGE_OBJECT);
    if (run_bytes != UINT64_MAX && piece->storage == HMZ_STORAGE_RAW)
        assert(piece->offset <= run_bytes && piece->bytes <= run_bytes - piece->offset);
}

static void check_event(const struct hmz_event *event, uint64_t run_bytes)
{
    for (size_t i = 0; i < event->piece_count; i++)
        check_piece(&event->pieces[i], run_bytes);
}

static int walk_events(struct hmz_index *index, struct hmz_event *event, uint64_t run_bytes,
                       struct hmz_error *err)
{
    int status;
    while ((status = hmz_index_next_event(index, event, err)) == HMZ_OK)
        check_event(event, run_bytes);
    return status == HMZ_END ? HMZ_OK : status;
}

static int walk_scalers(struct hmz_index *index, struct hmz_error *err)
{
    struct hmz_scaler scaler;
    int status;
    while ((status = hmz_index_next_scaler(index, &scaler, err)) == HMZ_OK)
        assert(scaler.value_count <= HMZ_SCALER_VALUES_LAST);
    return status == HMZ_END ? HMZ_OK : status;
}

int hmz_walk_index(struct hmz_index *index, uint64_t run_bytes, struct hmz_error *err)
{
    struct hmz_event event = {0};
    check_run(index);
    int status = walk_events(index, &event, run_bytes, err);
    for (uint64_t position = 0; status == HMZ_OK && position < UINT64_C(3) * HMZ_INDEX_BLOCK_EVENTS;
         position = 3 * position + 1) {
        status = hmz_index_seek_event(index, position, err);
        if (status == HMZ_OK && (status = hmz_index_next_event(index, &event, err)) == HMZ_END)
            status = HMZ_OK;
    }
    if (status == HMZ_OK)
        status = walk_scalers(index, err);
    hmz_event_release(&event);
    return status;
}
