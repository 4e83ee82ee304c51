/* SPDX-License-Identifier: MIT */
/* Each constant of the predictions against libhdf5: the code that writes harmonic runs makes events of one
 * kind, and what the file grows by is what was predicted. */
#include "test_support.h"

#include <hdf5.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "event_tree.h"
#include "footprint.h"
#include "h5_carry.h"
#include "h5_driver.h"
#include "h5_memory.h"

/* The first events are not measured: after them the nodes of groups even out. */
enum { EVENTS = 96, FIRST_MEASURED = 32, PIECES = 210, NAME_BYTES = 64 };

/* ---- measuring ---- */

/* A tree in a temporary file of no name. */
struct measured {
    FILE *file;
    struct hmz_h5_file driver_file;
    struct hmz_tree tree;
};

static void begin(struct measured *self, uint64_t event_count)
{
    struct hmz_error err;
    hid_t access;
    self->file = tmpfile();
    assert_non_null(self->file);
    self->driver_file = (struct hmz_h5_file){.fd = fileno(self->file)};
    assert_ok(hmz_h5_driver_fapl(&self->driver_file, &access, &err), err);
    assert_true(H5Pset_meta_block_size(access, 0) >= 0);
    assert_ok(hmz_h5_carry_form(access, &err), err);
    assert_ok(hmz_h5_limit_cache(access, hmz_footprint_name_heap(event_count), &err), err);
    assert_ok(hmz_tree_create(access, "footprint", event_count, &self->tree, &err), err);
    H5Pclose(access);
}

static void end(struct measured *self)
{
    hmz_tree_abandon(&self->tree);
    fclose(self->file);
}

static uint64_t length_of(const struct measured *self)
{
    hsize_t bytes = 0;
    assert_true(H5Fflush(self->tree.file, H5F_SCOPE_LOCAL) >= 0 &&
                H5Fget_filesize(self->tree.file, &bytes) >= 0);
    return bytes;
}

/* Hard links to one group, under the names of the events `first` to `last_end` - 1. */
static void add_names(const struct hmz_tree *tree, uint64_t first, uint64_t last_end)
{
    char name[NAME_BYTES];
    for (uint64_t i = first; i < last_end; i++) {
        snprintf(name, sizeof name, "event_%" PRIu64, i);
        assert_true(H5Lcreate_hard(tree->file, "any", tree->events, name, H5P_DEFAULT, H5P_DEFAULT) >= 0);
    }
}

static void begin_names(struct measured *self, uint64_t event_count)
{
    begin(self, event_count);
    H5Gclose(H5Gcreate2(self->tree.file, "any", H5P_DEFAULT, self->tree.group_creation, H5P_DEFAULT));
}

static uint64_t measure_names(uint64_t first, uint64_t last_end)
{
    struct measured measured;
    begin_names(&measured, last_end);
    add_names(&measured.tree, 0, first);
    uint64_t before = length_of(&measured);
    add_names(&measured.tree, first, last_end);
    uint64_t bytes = length_of(&measured) - before;
    end(&measured);
    return bytes;
}

/* Of one event, in thousandths of a byte. `run`: the merged run, -1 where nothing is taken from it. */
static uint64_t measure(const struct hmz_event *event, const struct hmz_footprint_link *link, hid_t run)
{
    struct hmz_error err;
    struct measured measured;
    uint64_t offsets[PIECES];
    uint64_t before = 0;
    struct hmz_tree_request request = {.event = event,
                                       .source = {.file = run, .layout = HMZ_LAYOUT_GROUPED},
                                       .link_file = link ? link->file : NULL};
    begin(&measured, EVENTS);
    for (uint64_t i = 0; i < EVENTS; i++) {
        if (i == FIRST_MEASURED)
            before = length_of(&measured);
        request.harmonic_event = i;
        assert_ok(hmz_tree_add_event(&measured.tree, &request, offsets, &err), err);
    }
    uint64_t bytes = length_of(&measured) - before;
    end(&measured);
    return (bytes - measure_names(FIRST_MEASURED, EVENTS)) * 1000 / (EVENTS - FIRST_MEASURED);
}

static void assert_within(uint64_t part, const struct hmz_event *event, const struct hmz_footprint_link *link,
                          hid_t run, const char *what)
{
    uint64_t predicted = 1000 * hmz_footprint_event(event, link);
    uint64_t found = measure(event, link, run);
    uint64_t apart = predicted > found ? predicted - found : found - predicted;
    if (apart > found / part)
        fail_msg("%s, %zu pieces, %s: %.1f bytes an event, predicted %.1f", what, event->piece_count,
                 link ? link->file : "a copy", (double)found / 1000, (double)predicted / 1000);
}

/* Within half a per cent, so that predictions are within one. */
static void assert_predicted(const struct hmz_event *event, const struct hmz_footprint_link *link,
                             const char *what)
{
    assert_within(200, event, link, -1, what);
}

/* ---- events ---- */

static const struct kind {
    const char *name;
    uint32_t flags;
    const char *pieces[8];
} kinds[] = {
    {"no data", 0, {NULL}},
    {"no FRIB dataset", HMZ_EVENT_HAS_FRIB, {NULL}},
    {"traces", HMZ_EVENT_HAS_GET, {"get_traces"}},
    {"traces, no FRIB dataset", HMZ_EVENT_HAS_GET | HMZ_EVENT_HAS_FRIB, {"get_traces"}},
    {"1.0", HMZ_EVENT_HAS_GET | HMZ_EVENT_HAS_FRIB, {"frib_physics/1903", "frib_physics/977", "get_traces"}},
    {"FRIB only", HMZ_EVENT_HAS_FRIB, {"frib_physics/1903", "frib_physics/977"}},
    {"set aside",
     HMZ_EVENT_HAS_GET | HMZ_EVENT_HAS_FRIB | HMZ_EVENT_SET_ASIDE,
     {"frib_physics_set_aside/1903", "frib_physics_set_aside/977", "get_traces"}},
    {"2.0",
     HMZ_EVENT_HAS_GET | HMZ_EVENT_HAS_FRIB | HMZ_EVENT_GET_GROUP,
     {"frib_physics/1903", "frib_physics/977", "get_traces"}},
    {"2.0 with silicon",
     HMZ_EVENT_HAS_GET | HMZ_EVENT_HAS_FRIB | HMZ_EVENT_GET_GROUP,
     {"frib_physics/1903", "frib_physics/977", "get/si_downstream_back", "get/si_downstream_front",
      "get/si_upstream_back", "get/si_upstream_front", "get_traces"}},
    {"unknown datasets", HMZ_EVENT_HAS_GET, {"get_traces", "something", "something_else"}},
};

static void add_piece(struct hmz_event *event, const char *path, int rank)
{
    struct hmz_piece *piece;
    struct hmz_error err;
    assert_ok(hmz_event_add_piece(event, path, &piece, &err), err);
    piece->storage = HMZ_STORAGE_RAW; /* without elements, as in `dims`: metadata and no data */
    piece->element = HMZ_ELEMENT_I16LE;
    piece->rank = rank;
}

static struct hmz_event event_of(const struct kind *kind)
{
    struct hmz_event event = {.flags = kind->flags};
    for (size_t i = 0; i < sizeof kind->pieces / sizeof *kind->pieces && kind->pieces[i]; i++)
        add_piece(&event, kind->pieces[i], 2);
    return event;
}

static void every_kind_is_predicted(void **state)
{
    (void)state;
    static const char *const files[] = {NULL, "run_0055.h5", "../merged/run_0055.h5",
                                        "../../../../mnt/research/attpc/e20009/merged_runs/run_0055.h5"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct hmz_event event = event_of(&kinds[i]);
        for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
            const struct hmz_footprint_link link = {.file = files[k], .layout = HMZ_LAYOUT_GROUPED};
            for (event.number = 7; event.number < 10000000; event.number *= 1000)
                assert_predicted(&event, files[k] ? &link : NULL, kinds[i].name);
        }
        hmz_event_release(&event);
    }
}

/* Nodes split, heaps grow, links leave the header. */
static void any_number_of_datasets_is_predicted(void **state)
{
    static const size_t counts[] = {1, 2, 5, 8, 9, 10, 12, 13, 17, 20, 21, 40, 100, 131, 140, 200};
    static char paths[PIECES][NAME_BYTES];
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct hmz_event event = {.flags = HMZ_EVENT_HAS_GET | HMZ_EVENT_HAS_FRIB};
        for (size_t k = 0; k < counts[i]; k++) {
            snprintf(paths[k], sizeof paths[k], "frib_physics/%03zu", k);
            add_piece(&event, paths[k], 1);
        }
        add_piece(&event, "get_traces", 2);
        assert_predicted(&event, NULL, "datasets");
        hmz_event_release(&event);
    }
}

static void any_number_of_links_is_predicted(void **state)
{
    static const char *const files[] = {"run_0055.h5", "../merged/run_0055.h5",
                                        "../../mnt/merged_runs/run_0055.h5"};
    static char paths[20][NAME_BYTES];
    (void)state;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        const struct hmz_footprint_link link = {.file = files[f], .layout = HMZ_LAYOUT_GROUPED};
        for (size_t count = 1; count <= 16; count++) {
            struct hmz_event event = {.flags = HMZ_EVENT_HAS_GET | HMZ_EVENT_HAS_FRIB, .number = 1234};
            for (size_t k = 0; k < count; k++) {
                snprintf(paths[k], sizeof paths[k], "frib_physics/%zu", 1900 + k);
                add_piece(&event, paths[k], 1);
            }
            add_piece(&event, "get_traces", 2);
            assert_predicted(&event, &link, "links");
            hmz_event_release(&event);
        }
    }
}

static void any_name_and_rank_is_predicted(void **state)
{
    char path[200];
    (void)state;
    for (int i = 1; i < 180; i += 11) {
        struct hmz_event event = {.flags = HMZ_EVENT_HAS_GET};
        memset(path, 'x', (size_t)i);
        path[i] = '\0';
        add_piece(&event, "get_traces", 2);
        add_piece(&event, path, i % (HMZ_RANK_LIMIT + 1));
        assert_predicted(&event, NULL, "a long name");
        hmz_event_release(&event);
    }
}

/* ---- what libhdf5 carries over ---- */

enum { CARRIED_NUMBER = 7 };

static void put_attr(hid_t object, const char *name, hid_t type, hsize_t count, const void *value)
{
    hid_t space = count == 1 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, NULL);
    hid_t attr = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(attr >= 0 && H5Awrite(attr, type, value) >= 0);
    H5Aclose(attr);
    H5Sclose(space);
}

static void put_attrs(hid_t object, unsigned count)
{
    static const double numbers[] = {1, 2, 3, 4};
    char name[NAME_BYTES];
    for (unsigned i = 0; i < count; i++) {
        snprintf(name, sizeof name, "attribute%*u", (int)i, i);
        if (i % 3 == 0)
            put_attr(object, name, H5T_IEEE_F64LE, 3, numbers);
        else if (i % 3 == 1)
            put_attr(object, name, H5T_STD_I16BE, 1, numbers);
        else
            put_attr(object, name, H5T_STD_U64LE, 2, numbers);
    }
}

/* A merged run of one event whose groups and traces have attributes of others. */
static hid_t run_with_attrs(const unsigned counts[3], struct hmz_event *event)
{
    static const char *const paths[] = {"events/event_7", "events/event_7/frib_physics",
                                        "events/event_7/get_traces"};
    uint64_t *const bytes[] = {&event->attrs_bytes, &event->frib_attrs_bytes,
                               &event->pieces[1].carried_bytes};
    static const char *const own[] = {NULL};
    struct hmz_h5_carry carry = HMZ_H5_CARRY_CLOSED;
    struct hmz_error err;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    assert_true(H5Pset_fapl_core(access, 1 << 16, 0) >= 0);
    hid_t run = H5Fcreate("/dev/null/run", H5F_ACC_TRUNC, H5P_DEFAULT, access);
    hid_t way = H5Pcreate(H5P_LINK_CREATE);
    assert_true(run >= 0 && H5Pset_create_intermediate_group(way, 1) >= 0);
    for (int i = 0; i < 3; i++) {
        hid_t group = H5Gcreate2(run, paths[i], way, H5P_DEFAULT, H5P_DEFAULT);
        put_attrs(group, counts[i]);
        assert_ok(hmz_h5_carry_attrs(&carry, group, own, bytes[i], &err), err);
        H5Gclose(group);
    }
    event->flags |= (counts[0] ? HMZ_EVENT_OTHER_ATTRS : 0) | (counts[1] ? HMZ_EVENT_FRIB_OTHER_ATTRS : 0);
    event->pieces[1].other_attrs = counts[2];
    hmz_h5_carry_close(&carry);
    H5Pclose(way);
    H5Pclose(access);
    return run;
}

/* Attributes of others beside links: where a header has no room, libhdf5 moves one of them, and how long that
 * one is, is not known. */
enum { COPY_PART = 200, LINK_PART = 25 };

static void any_number_of_attributes_is_predicted(void **state)
{
    static const unsigned counts[] = {0, 1, 2, 3, 4, 5, 8, 15};
    enum { COUNTS = sizeof counts / sizeof *counts };
    const struct hmz_footprint_link link = {.file = "../merged/run_0055.h5", .layout = HMZ_LAYOUT_GROUPED};
    (void)state;
    for (size_t i = 0; i < (size_t)COUNTS * COUNTS * COUNTS; i++) {
        const unsigned each[] = {counts[i % COUNTS], counts[i / COUNTS % COUNTS],
                                 counts[i / COUNTS / COUNTS]};
        char what[NAME_BYTES];
        snprintf(what, sizeof what, "%u, %u and %u attributes", each[0], each[1], each[2]);
        struct hmz_event event = {.flags = HMZ_EVENT_HAS_GET | HMZ_EVENT_HAS_FRIB, .number = CARRIED_NUMBER};
        add_piece(&event, "frib_physics/977", 1);
        add_piece(&event, "get_traces", 2);
        hid_t run = run_with_attrs(each, &event);
        assert_within(COPY_PART, &event, NULL, run, what);
        assert_within(LINK_PART, &event, &link, run, what);
        H5Fclose(run);
        hmz_event_release(&event);
    }
}

/* From one event to a million: within 1 % of what an event takes at least. */
static void the_names_of_the_events_are_predicted(void **state)
{
    static const uint64_t counts[] = {1,    9,     10,    11,     99,     100,    1000,
                                      4096, 10000, 30000, 100000, 200000, 500000, 1000000};
    enum { LAST = sizeof counts / sizeof *counts - 1, LEAST_EVENT_BYTES = 728, SMALL_BYTES = 2048 };
    struct measured measured;
    uint64_t there = 0;
    (void)state;
    begin_names(&measured, counts[LAST]);
    uint64_t before = length_of(&measured);
    for (size_t i = 0; i <= LAST; i++) {
        add_names(&measured.tree, there, counts[i]);
        there = counts[i];
        uint64_t found = length_of(&measured) - before + hmz_footprint_name_heap(counts[i]);
        uint64_t predicted = hmz_footprint_names(counts[i]);
        uint64_t apart = predicted > found ? predicted - found : found - predicted;
        if (apart > SMALL_BYTES + counts[i] * LEAST_EVENT_BYTES / 200)
            fail_msg("%" PRIu64 " names take %" PRIu64 " bytes, predicted %" PRIu64, counts[i], found,
                     predicted);
    }
    end(&measured);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kind_is_predicted),
                                       cmocka_unit_test(any_number_of_datasets_is_predicted),
                                       cmocka_unit_test(any_number_of_links_is_predicted),
                                       cmocka_unit_test(any_name_and_rank_is_predicted),
                                       cmocka_unit_test(any_number_of_attributes_is_predicted),
                                       cmocka_unit_test(the_names_of_the_events_are_predicted)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
