/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include "index.h"

enum { EVENTS = 2500, SCALERS = 1100 };

static void make_event(uint64_t i, struct hmz_event *event)
{
    struct hmz_error err;
    struct hmz_piece *piece;
    hmz_event_clear(event);
    event->number = 3 * i;
    if (i % 3) {
        event->flags |= HMZ_EVENT_HAS_GET;
        event->get_id = (uint32_t)i + 1;
        event->get_timestamp = UINT64_MAX - i;
        event->get_timestamp_other = i << 33;
        event->traces = i % 7;
        assert_ok(hmz_event_add_piece(event, "get_traces", &piece, &err), err);
        piece->element = HMZ_ELEMENT_I16LE;
        piece->rank = 2;
        piece->dims[0] = i % 7;
        piece->dims[1] = HMZ_TRACE_COLUMNS;
        piece->bytes = i % 7 * HMZ_TRACE_COLUMNS * 2;
        piece->storage = piece->bytes ? HMZ_STORAGE_RAW : HMZ_STORAGE_NONE;
        piece->offset = piece->bytes ? i << 20 : 0;
    }
    if (i % 2) {
        event->flags |= HMZ_EVENT_HAS_FRIB | HMZ_EVENT_HAS_COINCIDENCE;
        event->frib_id = UINT32_MAX;
        event->frib_timestamp = (uint32_t)i;
        event->coincidence = (uint16_t)(65535 - i % 5);
        assert_ok(hmz_event_add_piece(event, "frib_physics/977", &piece, &err), err);
        piece->element = HMZ_ELEMENT_U16LE;
        piece->storage = HMZ_STORAGE_READ;
        piece->rank = 1;
        piece->dims[0] = 1;
        piece->bytes = 2;
        piece->other_attrs = i % 4 == 1;
    }
    assert_ok(hmz_event_finish(event, &err), err);
}

static void make_scaler(uint64_t i, struct hmz_scaler *scaler)
{
    *scaler = (struct hmz_scaler){
        .number = i, .start_offset = 1, .stop_offset = 2, .timestamp = 3, .incremental = 4};
    scaler->value_count = (uint32_t)(i % 40);
    for (uint32_t k = 0; k < scaler->value_count; k++)
        scaler->values[k] = UINT32_MAX - k;
}

static void write_content(struct hmz_index_writer *writer, struct hmz_error *err)
{
    struct hmz_event event = {0};
    struct hmz_scaler scaler;
    for (uint64_t i = 0; i < EVENTS; i++) {
        make_event(i, &event);
        assert_ok(hmz_index_writer_event(writer, &event, err), *err);
    }
    for (uint64_t i = 0; i < SCALERS; i++) {
        make_scaler(i, &scaler);
        assert_ok(hmz_index_writer_scaler(writer, &scaler, err), *err);
    }
    struct hmz_error finding;
    hmz_fail(&finding, HMZ_E_DAMAGED, "events/event_1: torn");
    assert_ok(hmz_index_writer_finding(writer, HMZ_FINDING_EVENT, 1, &finding, err), *err);
    hmz_event_release(&event);
}

static struct hmz_file_at write_index(const struct hmz_folder *folder)
{
    struct hmz_error err;
    const struct hmz_file_at at = hmz_file_in(folder, "index");
    struct hmz_outfile file;
    struct hmz_index_writer *writer;
    struct hmz_index_run run = {.run = 55, .identity = {.bytes = 7, .mtime_ns = -5}};
    snprintf(run.info.version, sizeof run.info.version, "libattpc_merger:2.0");
    run.info.layout = HMZ_LAYOUT_GROUPED;
    assert_ok(hmz_outfile_create(&file, hmz_file_in(folder, "part"), &err), err);
    assert_ok(hmz_index_writer_new(&file, &writer, &err), err);
    write_content(writer, &err);
    assert_ok(hmz_index_writer_finish(writer, &run, &err), err);
    hmz_index_writer_free(writer);
    assert_ok(hmz_outfile_commit(&file, at, &err), err);
    return at;
}

static void assert_same_event(const struct hmz_event *found, const struct hmz_event *wanted)
{
    assert_true(found->number == wanted->number && found->flags == wanted->flags);
    assert_true(found->get_id == wanted->get_id && found->get_timestamp == wanted->get_timestamp);
    assert_true(found->get_timestamp_other == wanted->get_timestamp_other);
    assert_true(found->frib_id == wanted->frib_id && found->frib_timestamp == wanted->frib_timestamp);
    assert_true(found->coincidence == wanted->coincidence && found->traces == wanted->traces);
    assert_true(found->bytes == wanted->bytes && found->piece_count == wanted->piece_count);
    for (size_t i = 0; i < wanted->piece_count; i++) {
        const struct hmz_piece *a = &found->pieces[i];
        const struct hmz_piece *b = &wanted->pieces[i];
        assert_string_equal(a->path, b->path);
        assert_true(a->storage == b->storage && a->element == b->element && a->rank == b->rank);
        assert_true(a->bytes == b->bytes && a->offset == b->offset && a->other_attrs == b->other_attrs);
        assert_memory_equal(a->dims, b->dims, (size_t)b->rank * sizeof *b->dims);
    }
}

static void everything_comes_back(void **state)
{
    struct hmz_error err;
    struct hmz_index *index;
    struct hmz_event found = {0};
    struct hmz_event wanted = {0};
    struct hmz_folder folder = test_folder(state);
    const struct hmz_file_at at = write_index(&folder);
    assert_ok(hmz_index_open(at, &index, &err), err);
    const struct hmz_index_run *run = hmz_index_get_run(index);
    assert_true(run->run == 55 && run->event_count == EVENTS && run->scaler_count == SCALERS);
    assert_true(run->identity.mtime_ns == -5 && run->scaler_values_end == 39);
    assert_string_equal(run->info.version, "libattpc_merger:2.0");
    for (uint64_t i = 0; i < EVENTS; i++) {
        make_event(i, &wanted);
        assert_ok(hmz_index_next_event(index, &found, &err), err);
        assert_same_event(&found, &wanted);
    }
    assert_int_equal(hmz_index_next_event(index, &found, &err), HMZ_END);
    uint64_t count;
    const struct hmz_finding *findings = hmz_index_findings(index, &count);
    assert_true(count == 1 && findings[0].number == 1 && findings[0].status == HMZ_E_DAMAGED);
    assert_string_equal(findings[0].text, "events/event_1: torn");
    hmz_event_release(&found);
    hmz_event_release(&wanted);
    hmz_index_close(index);
    hmz_folder_close(&folder);
}

static void any_event_is_found_by_its_position(void **state)
{
    static const uint64_t positions[] = {0, 1, 1023, 1024, 1025, 2047, 2048, EVENTS - 1};
    struct hmz_error err;
    struct hmz_index *index;
    struct hmz_event found = {0};
    struct hmz_folder folder = test_folder(state);
    const struct hmz_file_at at = write_index(&folder);
    assert_ok(hmz_index_open(at, &index, &err), err);
    for (size_t i = 0; i < sizeof positions / sizeof *positions; i++) {
        assert_ok(hmz_index_seek_event(index, positions[i], &err), err);
        assert_ok(hmz_index_next_event(index, &found, &err), err);
        assert_true(found.number == 3 * positions[i]);
    }
    assert_ok(hmz_index_seek_event(index, EVENTS, &err), err);
    assert_int_equal(hmz_index_next_event(index, &found, &err), HMZ_END);
    hmz_event_release(&found);
    hmz_index_close(index);
    hmz_folder_close(&folder);
}

static void scalers_come_back(void **state)
{
    struct hmz_error err;
    struct hmz_index *index;
    struct hmz_scaler found;
    struct hmz_scaler wanted;
    struct hmz_folder folder = test_folder(state);
    const struct hmz_file_at at = write_index(&folder);
    assert_ok(hmz_index_open(at, &index, &err), err);
    for (uint64_t i = 0; i < SCALERS; i++) {
        make_scaler(i, &wanted);
        assert_ok(hmz_index_next_scaler(index, &found, &err), err);
        assert_true(found.number == i && found.value_count == wanted.value_count && found.incremental == 4);
        assert_memory_equal(found.values, wanted.values, wanted.value_count * sizeof *wanted.values);
    }
    assert_int_equal(hmz_index_next_scaler(index, &found, &err), HMZ_END);
    hmz_index_close(index);
    hmz_folder_close(&folder);
}

/* All of an index, or an error: what was read is never something else. */
static int read_all(struct hmz_file_at at)
{
    struct hmz_error err;
    struct hmz_index *index;
    struct hmz_event event = {0};
    struct hmz_scaler scaler;
    int status = hmz_index_open(at, &index, &err);
    if (status != HMZ_OK)
        return status;
    while ((status = hmz_index_next_event(index, &event, &err)) == HMZ_OK)
        ;
    while (status == HMZ_END && (status = hmz_index_next_scaler(index, &scaler, &err)) == HMZ_OK)
        status = HMZ_END;
    hmz_event_release(&event);
    hmz_index_close(index);
    return status;
}

static void a_changed_or_cut_index_is_refused(void **state)
{
    struct hmz_error err;
    uint8_t *bytes;
    size_t length;
    struct hmz_folder folder = test_folder(state);
    const struct hmz_file_at at = write_index(&folder);
    assert_int_equal(read_all(at), HMZ_END);
    assert_ok(hmz_file_read(at, 100000000, &bytes, &length, &err), err);
    for (size_t byte = 0; byte < length; byte += 1 + length / 701) {
        struct hmz_outfile file;
        assert_ok(hmz_outfile_create(&file, at, &err), err);
        bytes[byte] ^= 0x10;
        assert_ok(hmz_outfile_write(&file, bytes, length, &err), err);
        bytes[byte] ^= 0x10;
        if (read_all(at) != HMZ_E_DAMAGED)
            fail_msg("byte %zu changed: not noticed", byte);
        assert_int_equal(ftruncate(file.fd, (off_t)byte), 0);
        if (read_all(at) != HMZ_E_DAMAGED)
            fail_msg("cut at byte %zu: not noticed", byte);
        hmz_outfile_discard(&file);
    }
    free(bytes);
    hmz_folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(everything_comes_back),
        folder_test(any_event_is_found_by_its_position),
        folder_test(scalers_come_back),
        folder_test(a_changed_or_cut_index_is_refused),
    };
    return cmocka_run_group_tests_name("index", tests, NULL, NULL);
}
