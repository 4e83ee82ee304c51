/* SPDX-License-Identifier: MIT */
/* Properties of the cuts over random sets of events. The seed is printed; HMZ_TEST_SEED repeats a run. */
#include "test_support.h"

#include <inttypes.h>
#include <time.h>

#include "cut.h"

enum { SET_ROOM = 400, SETS_PER_KIND = 1500 };

__extension__ typedef unsigned __int128 wide;

static uint64_t random_state;

/* splitmix64 (Steele, Lea, Flood 2014): the same numbers on every machine. */
static uint64_t random_u64(void)
{
    uint64_t z = (random_state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static uint64_t random_below(uint64_t limit)
{
    return random_u64() % limit;
}

struct set {
    uint64_t sizes[SET_ROOM];
    uint64_t event_count;
    uint64_t file_count;
    uint64_t total;
    uint64_t largest;
};

static uint64_t size_uniform(void)
{
    return random_below(1000000);
}

static uint64_t size_small(void)
{
    return 1 + random_below(4); /* many exact ties */
}

static uint64_t size_heavy_tailed(void)
{
    return random_u64() >> (24 + random_below(40));
}

static uint64_t size_mostly_zero(void)
{
    return random_below(5) ? 0 : random_below(100);
}

static uint64_t size_zero(void)
{
    return 0;
}

static uint64_t size_equal(void)
{
    return UINT64_C(1034);
}

static uint64_t size_near_2_60(void)
{
    return (UINT64_C(1) << 60) - 50 + random_below(100);
}

enum finish { AS_DRAWN, ONE_GIANT, SORTED_UP, SORTED_DOWN };

static const struct kind {
    const char *name;
    uint64_t (*size)(void);
    enum finish finish;
    uint64_t event_limit;
} kinds[] = {
    {"uniform", size_uniform, AS_DRAWN, SET_ROOM},
    {"small", size_small, AS_DRAWN, 60},
    {"heavy tailed", size_heavy_tailed, AS_DRAWN, SET_ROOM},
    {"one giant", size_uniform, ONE_GIANT, 80},
    {"one giant among zeros", size_mostly_zero, ONE_GIANT, 80},
    {"many zeros", size_mostly_zero, AS_DRAWN, 120},
    {"all zeros", size_zero, AS_DRAWN, 40},
    {"equal", size_equal, AS_DRAWN, 100},
    {"sorted up", size_heavy_tailed, SORTED_UP, 120},
    {"sorted down", size_heavy_tailed, SORTED_DOWN, 120},
    {"near 2^60", size_near_2_60, AS_DRAWN, 15},
};

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void draw_set(struct set *set, const struct kind *kind)
{
    set->event_count = 1 + random_below(random_below(4) ? kind->event_limit : 8);
    uint64_t choice = random_below(8);
    set->file_count = choice == 0 ? 1 : choice == 1 ? set->event_count : 1 + random_below(set->event_count);
    for (uint64_t i = 0; i < set->event_count; i++)
        set->sizes[i] = kind->size();
    if (kind->finish == ONE_GIANT)
        set->sizes[random_below(set->event_count)] = 1000000000 + random_below(1000);
    if (kind->finish == SORTED_UP || kind->finish == SORTED_DOWN)
        qsort(set->sizes, set->event_count, sizeof *set->sizes, compare_u64);
    for (uint64_t i = 0; kind->finish == SORTED_DOWN && i < set->event_count / 2; i++) {
        uint64_t swap = set->sizes[i];
        set->sizes[i] = set->sizes[set->event_count - 1 - i];
        set->sizes[set->event_count - 1 - i] = swap;
    }
    set->total = 0;
    set->largest = 0;
    for (uint64_t i = 0; i < set->event_count; i++) {
        set->total += set->sizes[i];
        set->largest = set->sizes[i] > set->largest ? set->sizes[i] : set->largest;
    }
}

static wide distance(wide a, wide b)
{
    return a > b ? a - b : b - a;
}

/* By the definition: every boundary is looked at, the first of the nearest ones is taken. */
static uint64_t nearest_by_search(const struct set *set, uint64_t k)
{
    wide target = (wide)set->total * k;
    wide position = 0;
    wide best_distance = target;
    uint64_t best = 0;
    for (uint64_t b = 1; b <= set->event_count; b++) {
        position += set->sizes[b - 1];
        wide here = distance(position * set->file_count, target);
        if (here < best_distance) {
            best_distance = here;
            best = b;
        }
    }
    return best;
}

static void check_files(const struct set *set, const uint64_t *first)
{
    assert_int_equal(first[0], 0);
    assert_int_equal(first[set->file_count], set->event_count);
    wide bound = (wide)set->largest * set->file_count;
    for (uint64_t k = 0; k < set->file_count; k++) {
        assert_true(first[k] < first[k + 1]);
        wide bytes = 0;
        for (uint64_t i = first[k]; i < first[k + 1]; i++)
            bytes += set->sizes[i];
        assert_true(distance(bytes * set->file_count, set->total) <= bound);
    }
}

/* Each cut is the nearest boundary, or the first one that leaves the file before it one event, or the last
 * one that leaves an event to each file after it. */
static void check_cuts(const struct set *set, const uint64_t *first)
{
    for (uint64_t k = 1; k < set->file_count; k++) {
        uint64_t nearest = nearest_by_search(set, k);
        uint64_t earliest = first[k - 1] + 1;
        uint64_t latest = set->event_count - (set->file_count - k);
        if (nearest < earliest)
            assert_int_equal(first[k], earliest);
        else if (nearest > latest)
            assert_int_equal(first[k], latest);
        else
            assert_int_equal(first[k], nearest);
    }
}

static void check_again(const struct set *set, const uint64_t *first)
{
    struct hmz_error err;
    struct set scaled = *set;
    uint64_t factor = 1 + random_below(1000);
    if (set->total > UINT64_MAX / factor)
        factor = 1;
    for (uint64_t i = 0; i < set->event_count; i++)
        scaled.sizes[i] *= factor;
    uint64_t *again;
    assert_ok(hmz_cut_new(scaled.sizes, set->event_count, set->file_count, &again, &err), err);
    assert_memory_equal(first, again, (set->file_count + 1) * sizeof *first);
    free(again);
}

static void random_sets_keep_every_promise(void **state)
{
    (void)state;
    struct hmz_error err;
    struct set set;
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        for (int i = 0; i < SETS_PER_KIND; i++) {
            draw_set(&set, &kinds[kind]);
            uint64_t *first;
            assert_ok(hmz_cut_new(set.sizes, set.event_count, set.file_count, &first, &err), err);
            check_files(&set, first);
            check_cuts(&set, first);
            check_again(&set, first);
            free(first);
        }
    }
}

struct case_of_cuts {
    uint64_t sizes[8];
    uint64_t event_count;
    uint64_t file_count;
    uint64_t first[9];
};

static void cuts_by_hand(void **state)
{
    (void)state;
    static const struct case_of_cuts cases[] = {
        {{1, 1, 1, 1}, 4, 2, {0, 2, 4}},
        {{1, 1, 1}, 3, 2, {0, 1, 3}},             /* 1.5 lies between 1 and 2: the earlier */
        {{2, 0, 0, 2}, 4, 2, {0, 1, 4}},          /* three boundaries at 2: the earliest */
        {{0, 0, 2, 1, 1}, 5, 2, {0, 3, 5}},       /* the events of no bytes go to the first file */
        {{0, 0, 3}, 3, 2, {0, 1, 3}},             /* 1.5 of 0 and 3: boundary 0, moved by one event */
        {{9, 1, 1, 1}, 4, 3, {0, 1, 2, 4}},       /* 4 is nearest to 0, 8 to 9: moved, then behind it */
        {{1, 1, 1, 9}, 4, 3, {0, 2, 3, 4}},       /* 4 and 8: 3 (boundary 3), 12 (boundary 4), both pulled */
        {{1, 1, 1, 99, 1}, 5, 3, {0, 3, 4, 5}},   /* 34.3 and 68.7: before and after the giant */
        {{0, 0, 0, 0, 0}, 5, 3, {0, 1, 2, 5}},    /* all at position 0 */
        {{5, 5, 5, 5, 5, 5, 5, 5}, 8, 1, {0, 8}}, /* one file */
        {{8, 7, 6, 5, 4}, 5, 5, {0, 1, 2, 3, 4, 5}} /* one event a file */
    };
    struct hmz_error err;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t *first;
        assert_ok(hmz_cut_new(cases[i].sizes, cases[i].event_count, cases[i].file_count, &first, &err), err);
        for (uint64_t k = 0; k <= cases[i].file_count; k++)
            assert_int_equal(first[k], cases[i].first[k]);
        free(first);
    }
}

static void a_set_without_events_has_no_file(void **state)
{
    (void)state;
    struct hmz_error err;
    uint64_t *first;
    assert_int_equal(hmz_cut_count(0, 1000, 0, 0), 0);
    assert_int_equal(hmz_cut_count(0, 1000, 5, 0), 0);
    assert_ok(hmz_cut_new(NULL, 0, 0, &first, &err), err);
    assert_int_equal(first[0], 0);
    free(first);
}

static void the_count_is_the_sum_over_the_target_rounded_up(void **state)
{
    (void)state;
    static const struct {
        uint64_t total, target, harmonic_count, event_count, count;
    } cases[] = {
        {100, 10, 0, 50, 10},
        {101, 10, 0, 50, 11},
        {99, 10, 0, 50, 10},
        {1, 10, 0, 50, 1},
        {0, 10, 0, 50, 1},
        {100, 10, 0, 3, 3},
        {100, 1, 0, 100, 100},
        {100, 10, 7, 50, 7},
        {0, 0, 7, 50, 7},
        {100, 10, 51, 50, 50},
        {100, 0, 0, 50, 50},
        {0, 0, 0, 50, 1},
        {UINT64_MAX, UINT64_MAX - 1, 0, 50, 2},
        {UINT64_MAX, 2, 0, UINT64_MAX, UINT64_C(1) << 63},
        {UINT64_MAX, 1, 0, UINT64_MAX, UINT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(hmz_cut_count(cases[i].total, cases[i].target, cases[i].harmonic_count,
                                  cases[i].event_count) == cases[i].count);
}

/* |S / (p m) - T| over all m, in exact fractions: a / b stands for it, b = p m. */
static uint64_t nearest_multiple(uint64_t total, uint64_t target, uint64_t processes, uint64_t event_count)
{
    uint64_t best = 0;
    uint64_t best_away = 0;
    if (event_count < processes)
        return event_count;
    for (uint64_t files = processes; files <= event_count; files += processes) {
        uint64_t all = target * files;
        uint64_t away = total > all ? total - all : all - total;
        if (best == 0 || away * best < best_away * files) {
            best = files;
            best_away = away;
        }
    }
    return best;
}

static void the_count_is_a_multiple_of_the_processes(void **state)
{
    (void)state;
    assert_true(hmz_cut_count_of_processes(1000, 10, 16, 500) == 96);
    assert_true(hmz_cut_count_of_processes(10, 10, 16, 500) == 16);
    assert_true(hmz_cut_count_of_processes(1000, 10, 16, 7) == 7);
    assert_true(hmz_cut_count_of_processes(1000, 10, 16, 95) == 80);
    assert_true(hmz_cut_count_of_processes(0, 10, 4, 0) == 0);
    assert_true(hmz_cut_count_of_processes(0, 10, 4, 9) == 4);
    assert_true(hmz_cut_count_of_processes(UINT64_MAX, 1, 1, UINT64_MAX) == UINT64_MAX);
    assert_true(hmz_cut_count_of_processes(UINT64_MAX, UINT64_MAX, 4096, UINT64_MAX) == 4096);
    uint64_t random = 1;
    for (int i = 0; i < 20000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407;
        uint64_t total = (random >> 20) % 3000;
        uint64_t target = (random >> 33) % 60 + 1;
        uint64_t processes = (random >> 40) % 12 + 1;
        uint64_t events = (random >> 48) % 400;
        assert_true(hmz_cut_count_of_processes(total, target, processes, events) ==
                    nearest_multiple(total, target, processes, events));
    }
}

static void a_sum_beyond_64_bits_is_damage(void **state)
{
    (void)state;
    struct hmz_error err;
    const uint64_t fits[] = {UINT64_MAX - 7, 7};
    const uint64_t too_much[] = {UINT64_MAX - 7, 7, 1, 5};
    uint64_t *first;
    assert_ok(hmz_cut_new(fits, 2, 2, &first, &err), err);
    assert_int_equal(first[1], 1);
    free(first);
    assert_fails(hmz_cut_new(too_much, 4, 2, &first, &err), HMZ_E_DAMAGED, "first 3 of 4 events", err);
    assert_null(first);
}

/* A search from the start for every cut would take 10^11 steps here. */
static void many_events_and_many_files_take_one_pass(void **state)
{
    (void)state;
    struct hmz_error err;
    enum { EVENTS = 1000000, FILES = 300000 };
    uint64_t *sizes = malloc(EVENTS * sizeof *sizes);
    assert_non_null(sizes);
    for (size_t i = 0; i < EVENTS; i++)
        sizes[i] = 300000 + random_below(700000);
    uint64_t *first;
    clock_t start = clock();
    assert_ok(hmz_cut_new(sizes, EVENTS, FILES, &first, &err), err);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 5);
    assert_int_equal(first[FILES], EVENTS);
    free(first);
    free(sizes);
}

int main(void)
{
    const char *seed = getenv("HMZ_TEST_SEED");
    random_state = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    printf("# HMZ_TEST_SEED=%" PRIu64 "\n", random_state);
    fflush(stdout);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_sets_keep_every_promise),
        cmocka_unit_test(cuts_by_hand),
        cmocka_unit_test(a_set_without_events_has_no_file),
        cmocka_unit_test(the_count_is_the_sum_over_the_target_rounded_up),
        cmocka_unit_test(the_count_is_a_multiple_of_the_processes),
        cmocka_unit_test(a_sum_beyond_64_bits_is_damage),
        cmocka_unit_test(many_events_and_many_files_take_one_pass),
    };
    return cmocka_run_group_tests_name("cut", tests, NULL, NULL);
}
