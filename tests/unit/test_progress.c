/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include <math.h>

#include "progress.h"

static const uint64_t second_ns = 1000000000;
static const uint64_t clock_start_ns = 77 * UINT64_C(1000000000);

#define assert_near(value, wanted) assert_true(fabs((value) - (wanted)) <= 1e-6 * fabs(wanted))

/* Works `seconds` long in ten ticks a second, `bytes` and one event in each; returns the clock. */
static uint64_t work(struct hmz_progress *progress, uint64_t now_ns, uint64_t seconds, uint64_t bytes)
{
    for (uint64_t i = 0; i < 10 * seconds; i++) {
        now_ns += second_ns / 10;
        hmz_progress_add(progress, 1, bytes);
        hmz_progress_tick(progress, now_ns);
    }
    return now_ns;
}

static void a_new_stage_knows_nothing(void **state)
{
    (void)state;
    struct hmz_progress progress;
    hmz_progress_start(&progress, "write", 100, 1000, clock_start_ns);
    struct hmz_progress_view view = hmz_progress_view(&progress);
    assert_true(view.has_fraction && view.fraction == 0);
    assert_false(view.has_rate);
    assert_false(view.has_left);
    assert_true(view.elapsed_s == 0);
}

static void a_steady_rate_is_measured(void **state)
{
    (void)state;
    struct hmz_progress progress;
    hmz_progress_start(&progress, "write", 1000, UINT64_C(1000000), clock_start_ns);
    work(&progress, clock_start_ns, 30, 1000);
    struct hmz_progress_view view = hmz_progress_view(&progress);
    assert_near(view.bytes_per_s, 10000.0);
    assert_near(view.events_per_s, 10.0);
    assert_near(view.fraction, 0.3);
    assert_true(view.has_left);
    assert_near(view.left_s, 70.0);
    assert_near(view.elapsed_s, 30.0);
}

static void the_rate_forgets_what_left_the_window(void **state)
{
    (void)state;
    struct hmz_progress progress;
    hmz_progress_start(&progress, "write", 0, 1u << 30, clock_start_ns);
    uint64_t now_ns = work(&progress, clock_start_ns, 60, 1000);
    now_ns = work(&progress, now_ns, 5, 3000);
    double between = hmz_progress_view(&progress).bytes_per_s;
    assert_true(between > 10000 && between < 30000);
    work(&progress, now_ns, 11, 3000);
    assert_near(hmz_progress_view(&progress).bytes_per_s, 30000.0);
}

static void a_stall_ends_in_no_prediction(void **state)
{
    (void)state;
    struct hmz_progress progress;
    hmz_progress_start(&progress, "write", 0, 1u << 30, clock_start_ns);
    uint64_t now_ns = work(&progress, clock_start_ns, 20, 1000);
    assert_true(hmz_progress_view(&progress).has_left);
    work(&progress, now_ns, 11, 0);
    struct hmz_progress_view view = hmz_progress_view(&progress);
    assert_true(view.has_rate && view.bytes_per_s == 0);
    assert_false(view.has_left);
}

static void rare_ticks_are_enough(void **state)
{
    (void)state;
    struct hmz_progress progress;
    hmz_progress_start(&progress, "verify", 0, 1u << 30, clock_start_ns);
    for (uint64_t minute = 1; minute <= 50; minute++) {
        hmz_progress_add(&progress, 1, minute <= 48 ? 60000 : 120000);
        hmz_progress_tick(&progress, clock_start_ns + 60 * minute * second_ns);
    }
    assert_near(hmz_progress_view(&progress).bytes_per_s, 2000.0);
}

static void kept_work_counts_but_was_not_done_now(void **state)
{
    (void)state;
    struct hmz_progress progress;
    hmz_progress_start(&progress, "write", 0, 1000000, clock_start_ns);
    hmz_progress_keep(&progress, 5, 500000);
    work(&progress, clock_start_ns, 5, 1000);
    struct hmz_progress_view view = hmz_progress_view(&progress);
    assert_near(view.fraction, 0.55);
    assert_near(view.bytes_per_s, 10000.0);
    assert_near(view.left_s, 45.0);
    assert_int_equal(progress.done_events, 55);
}

static void events_stand_in_where_bytes_are_not_known(void **state)
{
    (void)state;
    struct hmz_progress progress;
    hmz_progress_start(&progress, "scan", 200, 0, clock_start_ns);
    work(&progress, clock_start_ns, 5, 1000);
    struct hmz_progress_view view = hmz_progress_view(&progress);
    assert_near(view.fraction, 0.25);
    assert_near(view.left_s, 15.0);
    hmz_progress_start(&progress, "scan", 0, 0, clock_start_ns);
    work(&progress, clock_start_ns, 5, 1000);
    view = hmz_progress_view(&progress);
    assert_false(view.has_fraction);
    assert_false(view.has_left);
    assert_true(view.has_rate);
}

static void more_than_the_total_is_all_of_it(void **state)
{
    (void)state;
    struct hmz_progress progress;
    hmz_progress_start(&progress, "write", 40, 1000, clock_start_ns);
    work(&progress, clock_start_ns, 5, 1000);
    struct hmz_progress_view view = hmz_progress_view(&progress);
    assert_true(view.fraction == 1);
    assert_false(view.has_left);
    hmz_progress_add(&progress, UINT64_MAX, UINT64_MAX);
    assert_true(progress.done_bytes == UINT64_MAX);
}

static void a_clock_that_stands_still_gives_no_rate(void **state)
{
    (void)state;
    struct hmz_progress progress;
    hmz_progress_start(&progress, "write", 1000, 100000, clock_start_ns);
    for (int i = 0; i < 100; i++) {
        hmz_progress_add(&progress, 1, 100);
        hmz_progress_tick(&progress, clock_start_ns);
    }
    struct hmz_progress_view view = hmz_progress_view(&progress);
    assert_false(view.has_rate);
    assert_false(view.has_left);
    assert_near(view.fraction, 0.1);
}

static void a_clock_that_jumps_is_survived(void **state)
{
    (void)state;
    struct hmz_progress progress;
    hmz_progress_start(&progress, "write", 0, 1u << 30, clock_start_ns);
    uint64_t now_ns = work(&progress, clock_start_ns, 20, 1000);
    now_ns = work(&progress, now_ns - 60 * second_ns, 10, 1000);
    struct hmz_progress_view view = hmz_progress_view(&progress);
    assert_true(fabs(view.bytes_per_s - 10000) < 500);
    assert_true(fabs(view.elapsed_s - 30) < 0.2);
    now_ns = work(&progress, now_ns + 3600 * second_ns, 1, 1000);
    assert_true(hmz_progress_view(&progress).bytes_per_s < 1000);
    work(&progress, now_ns, 11, 1000);
    assert_near(hmz_progress_view(&progress).bytes_per_s, 10000.0);
    hmz_progress_tick(&progress, 0);
    hmz_progress_tick(&progress, UINT64_MAX);
    hmz_progress_tick(&progress, 0);
    hmz_progress_tick(&progress, UINT64_MAX);
    assert_true(hmz_progress_view(&progress).bytes_per_s < 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_stage_knows_nothing),
        cmocka_unit_test(a_steady_rate_is_measured),
        cmocka_unit_test(the_rate_forgets_what_left_the_window),
        cmocka_unit_test(a_stall_ends_in_no_prediction),
        cmocka_unit_test(rare_ticks_are_enough),
        cmocka_unit_test(kept_work_counts_but_was_not_done_now),
        cmocka_unit_test(events_stand_in_where_bytes_are_not_known),
        cmocka_unit_test(more_than_the_total_is_all_of_it),
        cmocka_unit_test(a_clock_that_stands_still_gives_no_rate),
        cmocka_unit_test(a_clock_that_jumps_is_survived),
    };
    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
