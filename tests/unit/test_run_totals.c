/* SPDX-License-Identifier: MIT */
/* Times by the clock of GET, and sums over scaler readouts. */
#include "test_support.h"

#include "run_totals.h"

static struct hmz_event at(uint64_t timestamp)
{
    return (struct hmz_event){.flags = HMZ_EVENT_HAS_GET, .get_timestamp = timestamp};
}

static void check_time(const struct hmz_get_times *times, uint64_t timestamp, double seconds)
{
    const struct hmz_event event = at(timestamp);
    double found;
    assert_true(hmz_get_times_of_event(times, &event, &found));
    assert_true(found == seconds);
}

static void times_are_of_the_first_timestamp(void **state)
{
    (void)state;
    struct hmz_get_times times = {0};
    double seconds;
    const uint64_t stamps[] = {0, 500000000, 700000001, 400000000, 0};
    for (size_t i = 0; i < sizeof stamps / sizeof *stamps; i++) {
        const struct hmz_event event = at(stamps[i]);
        hmz_get_times_add(&times, &event);
    }
    check_time(&times, 500000000, 0);
    check_time(&times, 700000001, 2.00000001);
    check_time(&times, 400000000, -1);
    assert_true(hmz_get_times_duration(&times, &seconds) && seconds == 3.00000001);
    const struct hmz_event zero = at(0);
    const struct hmz_event none = {.get_timestamp = 5};
    assert_false(hmz_get_times_of_event(&times, &zero, &seconds));
    assert_false(hmz_get_times_of_event(&times, &none, &seconds));
    struct hmz_get_times empty = {0};
    hmz_get_times_add(&empty, &zero);
    hmz_get_times_add(&empty, &none);
    assert_false(hmz_get_times_duration(&empty, &seconds));
    const struct hmz_event one = at(1);
    assert_false(hmz_get_times_of_event(&empty, &one, &seconds));
}

/* 48 bits: 32.6 days. */
static void the_clock_wraps(void **state)
{
    (void)state;
    const uint64_t last = ((uint64_t)1 << 48) - 1;
    struct hmz_get_times times = {0};
    double seconds;
    const struct hmz_event first = at(last - 99999999);
    const struct hmz_event later = at(100000000);
    hmz_get_times_add(&times, &first);
    hmz_get_times_add(&times, &later);
    check_time(&times, 100000000, 2);
    assert_true(hmz_get_times_duration(&times, &seconds) && seconds == 2);
    check_time(&times, last - 199999999, -1);
}

static void counts_of_intervals_add_up(void **state)
{
    (void)state;
    struct hmz_scaler_totals totals = {0};
    uint64_t counts;
    double live;
    assert_false(hmz_scaler_totals_get(&totals, HMZ_SCALER_MESH, &counts));
    assert_false(hmz_scaler_totals_live(&totals, &live));
    for (int i = 0; i < 3; i++) {
        const struct hmz_scaler readout = {
            .incremental = 1, .value_count = 5, .values = {4000000000, 3000000000, 1, 1, 7}};
        hmz_scaler_totals_add(&totals, &readout);
    }
    assert_true(hmz_scaler_totals_get(&totals, HMZ_SCALER_CLOCK_FREE, &counts) && counts == 12000000000);
    assert_true(hmz_scaler_totals_get(&totals, HMZ_SCALER_ION_CHAMBER, &counts) && counts == 21);
    assert_false(hmz_scaler_totals_get(&totals, HMZ_SCALER_MESH, &counts));
    assert_true(hmz_scaler_totals_live(&totals, &live) && live == 0.75);
}

static void counts_since_the_start_wrap(void **state)
{
    (void)state;
    static const uint32_t values[] = {5, 4294967290, 10, 10, 20, 3};
    struct hmz_scaler_totals totals = {0};
    uint64_t counts;
    double live;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const struct hmz_scaler readout = {.value_count = 2, .values = {values[i], 0}};
        hmz_scaler_totals_add(&totals, &readout);
    }
    assert_true(hmz_scaler_totals_get(&totals, HMZ_SCALER_CLOCK_FREE, &counts));
    assert_true(counts == 2 * UINT64_C(4294967296) + 3);
    assert_true(hmz_scaler_totals_live(&totals, &live) && live == 0);
    struct hmz_scaler_totals still = {0};
    const struct hmz_scaler stopped = {.incremental = 1, .value_count = 2};
    hmz_scaler_totals_add(&still, &stopped);
    assert_false(hmz_scaler_totals_live(&still, &live));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_of_the_first_timestamp),
        cmocka_unit_test(the_clock_wraps),
        cmocka_unit_test(counts_of_intervals_add_up),
        cmocka_unit_test(counts_since_the_start_wrap),
    };
    return cmocka_run_group_tests_name("run_totals", tests, NULL, NULL);
}
