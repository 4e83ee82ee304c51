/* SPDX-License-Identifier: MIT */
#include "spyral.h"

#include "test_support.h"

/* What 977 and 1903 of an event hold. */
struct frib {
    int coincidence; /* -1: no 977, or no value in it */
    int rank;        /* of 1903; -1: none */
    uint64_t dims[2];
    bool object;
    enum hmz_spyral expected;
};

static void fill(struct hmz_event *event, const struct frib *frib)
{
    struct hmz_error err;
    struct hmz_piece *piece;
    hmz_event_clear(event);
    event->flags = HMZ_EVENT_HAS_FRIB | (frib->coincidence >= 0 ? HMZ_EVENT_HAS_COINCIDENCE : 0);
    event->coincidence = (uint16_t)(frib->coincidence >= 0 ? frib->coincidence : 0);
    if (frib->rank >= 0) {
        assert_ok(hmz_event_add_piece(event, "frib_physics/1903", &piece, &err), err);
        piece->rank = frib->rank;
        piece->dims[0] = frib->dims[0];
        piece->dims[1] = frib->dims[1];
        piece->storage = frib->object ? HMZ_STORAGE_OBJECT : HMZ_STORAGE_RAW;
    }
    assert_ok(hmz_event_add_piece(event, "frib_physics/977", &piece, &err), err);
}

/* The lowest number that applies. */
static void test_the_verdict(void **state)
{
    static const struct frib cases[] = {
        {0, 2, {2048, 8}, false, HMZ_SPYRAL_READS},
        {3, 2, {2048, 8}, false, HMZ_SPYRAL_READS},
        {7, -1, {0}, false, HMZ_SPYRAL_NO_1903},
        {-1, -1, {0}, false, HMZ_SPYRAL_NO_1903},
        {9, 2, {2047, 7}, false, HMZ_SPYRAL_SAMPLES},
        {0, 2, {0, 8}, false, HMZ_SPYRAL_SAMPLES},
        {0, 1, {64}, false, HMZ_SPYRAL_SAMPLES},
        {4, 2, {2048, 7}, false, HMZ_SPYRAL_COINCIDENCE},
        {65535, 2, {2048, 8}, false, HMZ_SPYRAL_COINCIDENCE},
        {-1, 2, {2048, 9}, false, HMZ_SPYRAL_NO_COINCIDENCE},
        {2, 2, {2048, 9}, false, HMZ_SPYRAL_NO_MATRIX},
        {2, 1, {2048}, false, HMZ_SPYRAL_NO_MATRIX},
        {2, 0, {0}, false, HMZ_SPYRAL_NO_MATRIX},
        {2, 2, {2048, 8}, true, HMZ_SPYRAL_NO_MATRIX},
    };
    struct hmz_event event = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hmz_names names = {0};
        struct hmz_error err;
        fill(&event, &cases[i]);
        assert_int_equal(hmz_spyral_judge(&event), cases[i].expected);
        assert_ok(hmz_spyral_set_aside(&event, &names, &err), err);
        assert_int_equal(hmz_spyral_judge(&event), cases[i].expected);
        event.flags &= ~(uint32_t)(HMZ_EVENT_HAS_FRIB | HMZ_EVENT_SET_ASIDE);
        assert_int_equal(hmz_spyral_judge(&event), HMZ_SPYRAL_READS);
        hmz_names_release(&names);
    }
    hmz_event_release(&event);
}

static void assert_source(const struct hmz_event *event, enum hmz_layout layout, const char *path,
                          const char *expected)
{
    assert_string_equal(hmz_event_source_path(layout, event, path).text, expected);
}

/* The pieces are in the order of the names as written, and all are found where they lie in the merged run. */
static void test_setting_aside(void **state)
{
    static const char *const before[] = {"frib_physics/1903", "frib_physics/977", "frib_physics_a",
                                         "frib_physics_set_asides", "get_traces"};
    static const char *const after[] = {"frib_physics_a", "frib_physics_set_aside/1903",
                                        "frib_physics_set_aside/977", "frib_physics_set_asides",
                                        "get_traces"};
    struct hmz_event event = {.number = 12, .flags = HMZ_EVENT_HAS_FRIB};
    struct hmz_names names = {0};
    struct hmz_piece *piece;
    struct hmz_error err;
    (void)state;
    for (size_t i = 0; i < 5; i++)
        assert_ok(hmz_event_add_piece(&event, before[i], &piece, &err), err);
    assert_ok(hmz_event_finish(&event, &err), err);
    assert_string_equal(hmz_event_frib_name(&event), "frib_physics");
    assert_source(&event, HMZ_LAYOUT_GROUPED, "frib_physics_set_aside",
                  "events/event_12/frib_physics_set_aside");
    assert_ok(hmz_spyral_set_aside(&event, &names, &err), err);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(event.pieces[i].path, after[i]);
    assert_string_equal(hmz_event_frib_name(&event), "frib_physics_set_aside");
    assert_source(&event, HMZ_LAYOUT_GROUPED, "", "events/event_12");
    assert_source(&event, HMZ_LAYOUT_GROUPED, "get", "events/event_12/get_traces");
    assert_source(&event, HMZ_LAYOUT_GROUPED, "frib_physics_set_aside", "events/event_12/frib_physics");
    assert_source(&event, HMZ_LAYOUT_GROUPED, after[1], "events/event_12/frib_physics/1903");
    assert_source(&event, HMZ_LAYOUT_GROUPED, after[3], "events/event_12/frib_physics_set_asides");
    assert_source(&event, HMZ_LAYOUT_FLAT, "frib_physics_set_aside", "frib/evt/evt12_header");
    assert_source(&event, HMZ_LAYOUT_FLAT, after[2], "frib/evt/evt12_977");
    assert_source(&event, HMZ_LAYOUT_FLAT, "get_traces", "get/evt12_data");
    hmz_event_release(&event);
    hmz_names_release(&names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_verdict),
        cmocka_unit_test(test_setting_aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
