/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include "footprint.h"

static void count(void *data, uint64_t events, uint64_t bytes)
{
    (void)events;
    (void)bytes;
    ++*(uint64_t *)data;
}

/* A plan of many events is no loop: its watch is told of each. */
static void names_are_measured_with_ticks(void **state)
{
    static const uint64_t counts[] = {0, 10, 10, 3000};
    uint64_t bytes[4];
    uint64_t ticks = 0;
    struct hmz_error err;
    const struct hmz_tick tick = {.call = count, .data = &ticks};
    (void)state;
    assert_ok(hmz_footprint_names(counts, 4, &tick, bytes, &err), err);
    assert_true(ticks >= 3000);
    assert_true(bytes[0] == 8 && bytes[1] == bytes[2] && bytes[1] < bytes[3]);
    /* A name of 11 bytes, its entry of 40 and its share of nodes that are half full at least. */
    assert_true(bytes[3] > UINT64_C(3000) * 50 && bytes[3] < UINT64_C(3000) * 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_measured_with_ticks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
