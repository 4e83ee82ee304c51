/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include "bar.h"
#include "progress.h"

static const uint64_t ms_ns = 1000000;
static const uint64_t second_ns = 1000000000;
static const uint64_t start_ns = 5 * UINT64_C(1000000000);

/* What the bar writes, piece by piece. */
struct screen {
    FILE *file;
    off_t read_to;
    char text[65536];
};

static int screen_setup(void **state)
{
    struct screen *screen = calloc(1, sizeof *screen);
    if (!screen)
        return -1;
    screen->file = tmpfile();
    *state = screen;
    return screen->file ? 0 : -1;
}

static int screen_teardown(void **state)
{
    struct screen *screen = *state;
    int result = fclose(screen->file);
    free(screen);
    return result;
}

static int screen_fd(const struct screen *screen)
{
    return fileno(screen->file);
}

/* What was written since the last call. */
static const char *screen_new(struct screen *screen)
{
    ssize_t got = pread(screen_fd(screen), screen->text, sizeof screen->text - 1, screen->read_to);
    assert_true(got >= 0 && got < (ssize_t)sizeof screen->text - 1);
    screen->text[got] = '\0';
    screen->read_to += got;
    return screen->text;
}

static size_t count_of(const char *text, char wanted)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == wanted;
    return count;
}

/* Ten seconds of work, so that the rate is exactly worked_bytes / 10 a second. */
static struct hmz_progress progress_after_10_s(const char *stage, const uint64_t total[2],
                                               const uint64_t worked[2])
{
    struct hmz_progress progress;
    hmz_progress_start(&progress, stage, total[0], total[1], start_ns);
    hmz_progress_add(&progress, worked[0], worked[1]);
    hmz_progress_tick(&progress, start_ns + 10 * second_ns);
    return progress;
}

static struct hmz_progress half_done(void)
{
    static const uint64_t total[] = {26000, 21700000000};
    static const uint64_t worked[] = {12345, 10200000000};
    return progress_after_10_s("write", total, worked);
}

static void a_wide_terminal_shows_all(void **state)
{
    struct screen *screen = *state;
    struct hmz_bar bar;
    struct hmz_progress progress = half_done();
    hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_TERMINAL, 200, start_ns);
    hmz_bar_draw(&bar, &progress, start_ns);
    assert_string_equal(screen_new(screen), "\rwrite  [==================>                     ]  47 %  "
                                            "12,345 of 26,000 events  1.02 GB/s  11 s left\033[K");
}

static void an_unknown_width_is_80(void **state)
{
    struct screen *screen = *state;
    struct hmz_bar bar;
    struct hmz_progress progress = half_done();
    hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_TERMINAL, 0, start_ns);
    hmz_bar_draw(&bar, &progress, start_ns);
    assert_string_equal(screen_new(screen), "\rwrite  [====>     ]  47 %  "
                                            "12,345 of 26,000 events  1.02 GB/s  11 s left\033[K");
}

static void narrow_terminals_show_what_matters(void **state)
{
    static const struct {
        uint32_t columns;
        const char *line;
    } cases[] = {
        {60, "\rwrite  47 %  12,345 of 26,000 events  11 s left\033[K"},
        {40, "\rwrite  [==>   ]  47 %  11 s left\033[K"},
        {20, "\rwrite  [=>  ]  47 %\033[K"},
        {12, "\rwrite  47 %\033[K"},
        {10, "\r  47 %\033[K"},
        {1, "\r\033[K"},
    };
    struct screen *screen = *state;
    struct hmz_progress progress = half_done();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hmz_bar bar;
        hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_TERMINAL, cases[i].columns, start_ns);
        hmz_bar_draw(&bar, &progress, start_ns);
        assert_string_equal(screen_new(screen), cases[i].line);
    }
}

static void no_width_is_ever_passed(void **state)
{
    static const uint64_t totals[][2] = {{0, 0},     {26000, 21700000000},     {0, 21700000000},
                                         {26000, 0}, {UINT64_MAX, UINT64_MAX}, {1, 1}};
    static const uint64_t works[][2] = {
        {0, 0}, {12345, 10200000000}, {26000, 21700000000}, {UINT64_MAX, UINT64_MAX}, {1, 999}};
    struct screen *screen = *state;
    for (uint32_t columns = 10; columns <= 400; columns++) {
        for (size_t i = 0; i < 60; i++) {
            struct hmz_progress progress = progress_after_10_s(
                i % 2 ? "verify" : "a stage of a very long name", totals[i / 2 % 6], works[i / 12]);
            struct hmz_bar bar;
            hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_TERMINAL, columns, start_ns);
            hmz_bar_draw(&bar, &progress, start_ns);
            const char *text = screen_new(screen);
            const char *end = strstr(text, "\033[K");
            assert_true(text[0] == '\r' && end && end[3] == '\0');
            assert_true(end - text - 1 < (ptrdiff_t)columns);
        }
    }
}

static void a_terminal_sees_at_most_five_drawings_a_second(void **state)
{
    struct screen *screen = *state;
    struct hmz_bar bar;
    struct hmz_progress progress = half_done();
    hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_TERMINAL, 80, start_ns);
    for (uint64_t ms = 0; ms < 10000; ms++)
        hmz_bar_draw(&bar, &progress, start_ns + ms * ms_ns);
    assert_int_equal(count_of(screen_new(screen), '\r'), 50);
}

static void messages_do_not_add_drawings(void **state)
{
    struct screen *screen = *state;
    struct hmz_bar bar;
    struct hmz_progress progress = half_done();
    hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_TERMINAL, 80, start_ns);
    hmz_bar_draw(&bar, &progress, start_ns);
    screen_new(screen);
    hmz_bar_clear(&bar);
    assert_string_equal(screen_new(screen), "\r\033[K");
    hmz_bar_clear(&bar);
    hmz_bar_draw(&bar, &progress, start_ns + 199 * ms_ns);
    assert_string_equal(screen_new(screen), "");
    hmz_bar_draw(&bar, &progress, start_ns + 200 * ms_ns);
    assert_int_equal(count_of(screen_new(screen), '\r'), 1);
}

static void a_bar_that_was_never_drawn_wipes_nothing(void **state)
{
    struct screen *screen = *state;
    struct hmz_bar bar;
    hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_TERMINAL, 80, start_ns);
    hmz_bar_clear(&bar);
    assert_string_equal(screen_new(screen), "");
}

static void a_new_width_counts_from_the_next_drawing_on(void **state)
{
    struct screen *screen = *state;
    struct hmz_bar bar;
    struct hmz_progress progress = half_done();
    hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_TERMINAL, 80, start_ns);
    hmz_bar_draw(&bar, &progress, start_ns);
    screen_new(screen);
    hmz_bar_resize(&bar, 12);
    hmz_bar_draw(&bar, &progress, start_ns + second_ns);
    assert_string_equal(screen_new(screen), "\rwrite  47 %\033[K");
}

static void a_log_gets_a_line_every_30_s(void **state)
{
    struct screen *screen = *state;
    struct hmz_bar bar;
    struct hmz_progress progress = half_done();
    hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_LINES, 80, start_ns);
    for (uint64_t ms = 0; ms < 30000; ms += 50)
        hmz_bar_draw(&bar, &progress, start_ns + ms * ms_ns);
    assert_string_equal(screen_new(screen), "");
    hmz_bar_draw(&bar, &progress, start_ns + 30 * second_ns);
    assert_string_equal(screen_new(screen), "write  47 %  12,345 of 26,000 events  1.02 GB/s  11 s left\n");
    for (uint64_t ms = 30050; ms < 100000; ms += 50)
        hmz_bar_draw(&bar, &progress, start_ns + ms * ms_ns);
    assert_int_equal(count_of(screen_new(screen), '\n'), 2);
    hmz_bar_clear(&bar);
    assert_string_equal(screen_new(screen), "");
}

static void quiet_is_silent(void **state)
{
    struct screen *screen = *state;
    struct hmz_bar bar;
    struct hmz_progress progress = half_done();
    hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_QUIET, 80, start_ns);
    for (uint64_t s = 0; s < 100; s++)
        hmz_bar_draw(&bar, &progress, start_ns + s * second_ns);
    hmz_bar_clear(&bar);
    assert_string_equal(screen_new(screen), "");
}

static void a_log_line_says_what_is_known(void **state)
{
    static const struct {
        uint64_t total[2], worked[2];
        const char *line;
    } cases[] = {
        {{0, 0}, {12345, 0}, "scan  12,345 events  1,235 events/s\n"},
        {{0, 0}, {0, 0}, "scan  0 events  0 events/s\n"},
        {{0, 0}, {12345, 5000}, "scan  12,345 events  500 bytes/s\n"},
        {{0, 20000}, {0, 5000}, "scan  25 %  5.00 kB of 20.0 kB  500 bytes/s  30 s left\n"},
        {{2000, 0}, {10, 0}, "scan   0 %  10 of 2,000 events  1 events/s  33 min 10 s left\n"},
        {{2000, 100000}, {1999, 99999}, "scan  99 %  1,999 of 2,000 events  10.0 kB/s  0 s left\n"},
        {{2000, 100000}, {2000, 100000}, "scan 100 %  2,000 of 2,000 events  10.0 kB/s\n"},
        {{2000, 100000}, {2001, 100001}, "scan 100 %  2,001 of 2,000 events  10.0 kB/s\n"},
        {{2000, 100000}, {0, 0}, "scan   0 %  0 of 2,000 events  0 bytes/s\n"},
    };
    struct screen *screen = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hmz_progress progress = progress_after_10_s("scan", cases[i].total, cases[i].worked);
        struct hmz_bar bar;
        hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_LINES, 0, start_ns);
        hmz_bar_draw(&bar, &progress, start_ns + 30 * second_ns);
        assert_string_equal(screen_new(screen), cases[i].line);
    }
}

static void the_bar_is_full_at_the_end_only(void **state)
{
    static const uint64_t total[] = {2000, 100000};
    static const uint64_t nearly[] = {1999, 99999};
    struct screen *screen = *state;
    struct hmz_bar bar;
    struct hmz_progress progress = progress_after_10_s("verify", total, nearly);
    hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_TERMINAL, 20, start_ns);
    hmz_bar_draw(&bar, &progress, start_ns);
    assert_string_equal(screen_new(screen), "\rverify  99 %\033[K");
    hmz_bar_resize(&bar, 21);
    hmz_bar_draw(&bar, &progress, start_ns + second_ns);
    assert_string_equal(screen_new(screen), "\rverify  [===>]  99 %\033[K");
    hmz_progress_add(&progress, 1, 1);
    hmz_bar_draw(&bar, &progress, start_ns + 2 * second_ns);
    assert_string_equal(screen_new(screen), "\rverify  [====] 100 %\033[K");
}

static void a_clock_that_jumps_costs_one_line_at_most(void **state)
{
    struct screen *screen = *state;
    struct hmz_bar bar;
    struct hmz_progress progress = half_done();
    hmz_bar_start(&bar, screen_fd(screen), HMZ_BAR_LINES, 80, start_ns);
    hmz_bar_draw(&bar, &progress, start_ns + 86400 * second_ns);
    hmz_bar_draw(&bar, &progress, start_ns + 86400 * second_ns);
    assert_int_equal(count_of(screen_new(screen), '\n'), 1);
    hmz_bar_draw(&bar, &progress, start_ns);
    hmz_bar_draw(&bar, &progress, start_ns + 29 * second_ns);
    assert_string_equal(screen_new(screen), "");
    hmz_bar_draw(&bar, &progress, start_ns + 30 * second_ns);
    assert_int_equal(count_of(screen_new(screen), '\n'), 1);
}

static void a_terminal_that_is_gone_ends_nothing(void **state)
{
    (void)state;
    struct hmz_bar bar;
    struct hmz_progress progress = half_done();
    hmz_bar_start(&bar, -1, HMZ_BAR_TERMINAL, 80, start_ns);
    hmz_bar_draw(&bar, &progress, start_ns);
    hmz_bar_clear(&bar);
    assert_false(bar.shown);
}

#define screen_test(function) cmocka_unit_test_setup_teardown(function, screen_setup, screen_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        screen_test(a_wide_terminal_shows_all),
        screen_test(an_unknown_width_is_80),
        screen_test(narrow_terminals_show_what_matters),
        screen_test(no_width_is_ever_passed),
        screen_test(a_terminal_sees_at_most_five_drawings_a_second),
        screen_test(messages_do_not_add_drawings),
        screen_test(a_bar_that_was_never_drawn_wipes_nothing),
        screen_test(a_new_width_counts_from_the_next_drawing_on),
        screen_test(a_log_gets_a_line_every_30_s),
        screen_test(quiet_is_silent),
        screen_test(a_log_line_says_what_is_known),
        screen_test(the_bar_is_full_at_the_end_only),
        screen_test(a_clock_that_jumps_costs_one_line_at_most),
        screen_test(a_terminal_that_is_gone_ends_nothing),
    };
    return cmocka_run_group_tests_name("bar", tests, NULL, NULL);
}
