/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>

#include "path.h"
#include "posix_io.h"
#include "run_set.h"

static void make_file(const char *folder, const char *name, const char *content)
{
    struct hmz_error err;
    char *path = hmz_path_join(folder, name);
    int fd;
    assert_ok(hmz_io_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666, &fd, &err), err);
    assert_ok(hmz_io_write_at(fd, content, strlen(content), 0, &err), err);
    assert_ok(hmz_io_close(fd, &err), err);
    free(path);
}

static void make_runs(const char *folder, int64_t first, int64_t last)
{
    for (int64_t run = first; run <= last; run++) {
        char name[32];
        snprintf(name, sizeof name, "run_%04" PRId64 ".h5", run);
        make_file(folder, name, "");
    }
}

/* What options borrow; of one test at a time. */
static char *paths[2];
static struct hmz_run_folders folders;
static struct hmz_run_range ranges[3];
static struct hmz_run_selection selection;

static struct hmz_run_set_options range(const char *folder, int32_t min_run, int32_t max_run)
{
    paths[0] = (char *)folder;
    ranges[0] = (struct hmz_run_range){min_run, max_run};
    folders = (struct hmz_run_folders){.paths = paths, .count = 1, .text = paths[0]};
    selection = (struct hmz_run_selection){.ranges = ranges, .range_count = 1};
    return (struct hmz_run_set_options){.folders = &folders, .selection = &selection};
}

/* The set has exactly these runs, in this order; -1 ends them. */
static void check_runs(const struct hmz_run_set *set, const int32_t *wanted)
{
    size_t count = 0;
    for (; wanted[count] >= 0; count++) {
        assert_true(count < set->count);
        assert_int_equal(set->runs[count].run, wanted[count]);
    }
    assert_int_equal(set->count, count);
}

static void runs_are_found_by_name(void **state)
{
    static const char *const others[] = {
        "run_55.h5",
        "run_055.h5",
        "run_0056.h5.part",
        "run_0056.hdf5",
        "run_0056.yml",
        "run_.h5",
        "Run_0057.h5",
        "run_0057.H5",
        "run_-0057.h5",
        "run_+0057.h5",
        "run_ 0057.h5",
        "run_0x57.h5",
        "xrun_0057.h5",
        "run_0057.h5~",
        ".run_0057.h5",
        "run_005a.h5",
        "run_0057h5",
        "run_2147483648.h5",
        "run_99999999999999999999.h5",
        "run_4294967351.h5", /* 55, modulo 2^32 */
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        make_file(*state, others[i], "x");
    make_file(*state, "run_12345.h5", "");
    make_file(*state, "run_0055.h5", "");
    make_file(*state, "run_0000.h5", "");
    make_file(*state, "run_2147483647.h5", "");
    make_file(*state, "run_0000000000000000000000099.h5", "");
    struct hmz_run_set_options options = range(*state, 0, INT32_MAX);
    struct hmz_run_set *set;
    struct hmz_error err;
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    check_runs(set, (const int32_t[]){0, 55, 99, 12345, INT32_MAX, -1});
    assert_string_equal(set->runs[1].name, "run_0055.h5");
    assert_true(set->missing_count == (uint64_t)INT32_MAX + 1 - 5);
    assert_string_equal(set->missing_text, "1 to 54, 56 to 98, 100 to 12344, 12346 to 2147483646");
    hmz_run_set_free(set);
}

static void what_stat_says_is_kept(void **state)
{
    make_file(*state, "run_0055.h5", "12345");
    char *path = hmz_path_join(*state, "run_0055.h5");
    const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1700000000, .tv_nsec = 123456789}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    struct hmz_run_set_options options = range(*state, 55, 55);
    struct hmz_run_set *set;
    struct hmz_error err;
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    assert_int_equal(set->count, 1);
    assert_string_equal(set->runs[0].path, path);
    assert_int_equal(set->runs[0].identity.bytes, 5);
    assert_true(set->runs[0].identity.mtime_ns == INT64_C(1700000000123456789));
    assert_true(set->runs[0].inode == found.st_ino && set->runs[0].device == found.st_dev);
    assert_int_equal(set->missing_count, 0);
    assert_string_equal(set->missing_text, "");
    hmz_run_set_free(set);
    free(path);
}

static void range_and_skipped_runs_are_left_out(void **state)
{
    make_runs(*state, 50, 59);
    make_runs(*state, 63, 70);
    static const int32_t skip_runs[] = {1, 54, 57, 60, 66, 67, 5000};
    struct hmz_run_set_options options = range(*state, 55, 68);
    selection.skip_runs = (int32_t *)skip_runs;
    selection.skip_count = sizeof skip_runs / sizeof *skip_runs;
    struct hmz_run_set *set;
    struct hmz_error err;
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    check_runs(set, (const int32_t[]){55, 56, 58, 59, 63, 64, 65, 68, -1});
    assert_int_equal(set->missing_count, 2); /* 60 is skipped */
    assert_string_equal(set->missing_text, "61, 62");
    hmz_run_set_free(set);
}

static void missing_runs_are_short_text(void **state)
{
    static const struct {
        int64_t there[4]; /* -1 ends them */
        int32_t min_run;
        int32_t max_run;
        uint64_t count;
        const char *text;
    } cases[] = {
        {{56, -1}, 56, 56, 0, ""},
        {{56, 58, -1}, 55, 58, 2, "55, 57"},
        {{56, 59, 63, -1}, 56, 64, 6, "57, 58, 60 to 62, 64"},
        {{0, -1}, 0, INT32_MAX, INT32_MAX, "1 to 2147483647"},
        {{INT32_MAX, -1}, 0, INT32_MAX, INT32_MAX, "0 to 2147483646"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[32];
        snprintf(name, sizeof name, "case_%zu", i);
        char *folder = hmz_path_join(*state, name);
        assert_int_equal(mkdir(folder, 0777), 0);
        for (size_t k = 0; cases[i].there[k] >= 0; k++)
            make_runs(folder, cases[i].there[k], cases[i].there[k]);
        struct hmz_run_set_options options = range(folder, cases[i].min_run, cases[i].max_run);
        struct hmz_run_set *set;
        struct hmz_error err;
        assert_ok(hmz_run_set_new(&options, &set, &err), err);
        assert_string_equal(set->missing_text, cases[i].text);
        assert_true(set->missing_count == cases[i].count);
        hmz_run_set_free(set);
        free(folder);
    }
}

/* Every second run is there: the text stays short, and what it hides is counted. */
static void many_gaps_are_counted(void **state)
{
    for (int run = 0; run < 100; run += 2)
        make_runs(*state, run, run);
    struct hmz_run_set_options options = range(*state, 0, 1298);
    struct hmz_run_set *set;
    struct hmz_error err;
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    assert_int_equal(set->count, 50);
    assert_int_equal(set->missing_count, 1249);
    assert_string_equal(set->missing_text,
                        "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, "
                        "37, 39 and 1,229 more");
    hmz_run_set_free(set);
}

static void check_no_run(const struct hmz_run_set_options *options, const char *part)
{
    struct hmz_run_set *set;
    struct hmz_error err;
    assert_fails(hmz_run_set_new(options, &set, &err), HMZ_E_USAGE, part, err);
    assert_non_null(strstr(err.text, options->folders->text));
    assert_null(set);
}

static void no_run_tells_what_there_is(void **state)
{
    struct hmz_run_set_options options = range(*state, 55, 69);
    check_no_run(&options, "no run_NNNN.h5 at all; expected merged runs 55 to 69");
    make_file(*state, "run_0055.yml", "");
    check_no_run(&options, "no run_NNNN.h5 at all");
    make_runs(*state, 7, 7);
    check_no_run(&options, "no merged run from 55 to 69; the folder has run_0007 to run_0007, 1 run");
    make_runs(*state, 1, 54);
    check_no_run(&options, "no merged run from 55 to 69; the folder has run_0001 to run_0054, 54 runs");
    make_runs(*state, 12345, 12345);
    check_no_run(&options, "the folder has run_0001 to run_12345, 55 runs");
    char *path = hmz_path_join(*state, "run_0060.h5");
    assert_int_equal(mkdir(path, 0777), 0);
    check_no_run(&options, "the folder has run_0001 to run_12345, 55 runs");
    free(path);
}

static void all_runs_skipped_is_no_run(void **state)
{
    make_runs(*state, 54, 56);
    static const int32_t skip_runs[] = {55, 56};
    struct hmz_run_set_options options = range(*state, 55, 69);
    selection.skip_runs = (int32_t *)skip_runs;
    selection.skip_count = 2;
    check_no_run(&options,
                 "no merged run from 55 to 69 that skip_runs leaves (it takes 2 away); the folder has "
                 "run_0054 to run_0056, 3 runs");
}

static void two_files_for_one_run_are_named(void **state)
{
    make_runs(*state, 54, 56);
    make_file(*state, "run_00055.h5", "");
    struct hmz_run_set_options options = range(*state, 0, 69);
    check_no_run(&options, "merged run 55 is there twice");
    check_no_run(&options, "run_00055.h5 and run_0055.h5");
    /* Where the run is not wanted, nobody has to choose. */
    static const int32_t skip_runs[] = {55};
    selection.skip_runs = (int32_t *)skip_runs;
    selection.skip_count = 1;
    struct hmz_run_set *set;
    struct hmz_error err;
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    check_runs(set, (const int32_t[]){54, 56, -1});
    hmz_run_set_free(set);
}

static void several_folders_are_one(void **state)
{
    char *here = hmz_path_join(*state, "here");
    char *there = hmz_path_join(*state, "there");
    assert_int_equal(mkdir(here, 0777) + mkdir(there, 0777), 0);
    make_runs(here, 58, 59);
    make_runs(there, 55, 57);
    make_runs(there, 60, 60);
    struct hmz_run_set_options options = range(here, 55, 61);
    paths[1] = there;
    folders.count = 2;
    struct hmz_run_set *set;
    struct hmz_error err;
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    check_runs(set, (const int32_t[]){55, 56, 57, 58, 59, 60, -1});
    assert_true(strncmp(set->runs[3].path, here, strlen(here)) == 0);
    assert_true(strncmp(set->runs[5].path, there, strlen(there)) == 0);
    assert_string_equal(set->missing_text, "61");
    hmz_run_set_free(set);
    make_runs(here, 56, 56);
    check_no_run(&options, "merged run 56 is there twice");
    check_no_run(&options, "here/run_0056.h5");
    check_no_run(&options, "there/run_0056.h5");
    free(here);
    free(there);
}

static void runs_of_a_list_are_taken(void **state)
{
    make_runs(*state, 50, 70);
    struct hmz_run_set_options options = range(*state, 63, 72);
    ranges[1] = (struct hmz_run_range){49, 52};
    ranges[2] = (struct hmz_run_range){60, 60};
    static int32_t skip_runs[] = {70, 51};
    selection.range_count = 3;
    selection.skip_runs = skip_runs;
    selection.skip_count = 2;
    selection.as_list = true;
    hmz_run_selection_sort(&selection);
    struct hmz_run_set *set;
    struct hmz_error err;
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    check_runs(set, (const int32_t[]){50, 52, 60, 63, 64, 65, 66, 67, 68, 69, -1});
    assert_string_equal(set->missing_text, "49, 71, 72");
    hmz_run_set_free(set);
    selection.range_count = 0; /* all that are there */
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    assert_int_equal(set->count, 19);
    assert_int_equal(set->missing_count, 0);
    hmz_run_set_free(set);
    ranges[0] = ranges[1] = (struct hmz_run_range){80, 81};
    ranges[1].first = ranges[1].last = 90;
    selection.range_count = 2;
    check_no_run(&options, "no merged run of 80, 81, 90; the folder has run_0050 to run_0070, 21 runs");
}

static void only_plain_files_are_runs(void **state)
{
    make_runs(*state, 55, 55);
    make_file(*state, "elsewhere", "1234567");
    char *link_to_file = hmz_path_join(*state, "run_0056.h5");
    char *folder = hmz_path_join(*state, "run_0057.h5");
    char *pipe_path = hmz_path_join(*state, "run_0058.h5");
    assert_int_equal(symlink("elsewhere", link_to_file), 0);
    assert_int_equal(mkdir(folder, 0777), 0);
    assert_int_equal(mkfifo(pipe_path, 0666), 0);
    struct hmz_run_set_options options = range(*state, 55, 59);
    struct hmz_run_set *set;
    struct hmz_error err;
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    check_runs(set, (const int32_t[]){55, 56, -1});
    assert_int_equal(set->runs[1].identity.bytes, 7);
    assert_string_equal(set->missing_text, "57 to 59");
    hmz_run_set_free(set);
    free(link_to_file);
    free(folder);
    free(pipe_path);
}

static void a_dangling_link_is_not_left_out_in_silence(void **state)
{
    make_runs(*state, 55, 55);
    char *path = hmz_path_join(*state, "run_0056.h5");
    assert_int_equal(symlink("no such file", path), 0);
    struct hmz_run_set_options options = range(*state, 55, 59);
    struct hmz_run_set *set;
    struct hmz_error err;
    assert_fails(hmz_run_set_new(&options, &set, &err), HMZ_E_FAILED, "merged run 56", err);
    assert_non_null(strstr(err.text, path));
    ranges[0].last = 55;
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    hmz_run_set_free(set);
    free(path);
}

static void a_folder_that_is_none_is_named(void **state)
{
    make_file(*state, "file", "");
    char *file = hmz_path_join(*state, "file");
    struct hmz_run_set_options options = range(file, 55, 59);
    struct hmz_run_set *set;
    struct hmz_error err;
    assert_fails(hmz_run_set_new(&options, &set, &err), HMZ_E_FAILED, "/file: cannot list: Not a directory",
                 err);
    assert_null(set);
    free(file);
    hmz_run_set_free(NULL);
}

static void what_becomes_of_skipped_runs_is_told(void **state)
{
    static const int32_t skip[] = {0, 54, 55, 57, 58, 59, 60, 63, 70, INT32_MAX};
    struct hmz_run_set_options options = range(*state, 55, 65);
    struct hmz_run_set *set;
    struct hmz_error err;
    make_runs(*state, 55, 59);
    make_runs(*state, 64, 70);
    selection.skip_runs = (int32_t *)skip;
    selection.skip_count = sizeof skip / sizeof *skip;
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    assert_string_equal(set->skipped_text, "55, 57 to 59");
    assert_string_equal(set->absent_text, "60, 63");
    assert_string_equal(set->outside_text, "0, 54, 70, 2147483647");
    assert_string_equal(set->missing_text, "61, 62");
    hmz_run_set_free(set);
}

static void names_that_are_nearly_those_of_missing_runs_are_told(void **state)
{
    static const char *const names[] = {"run_0055.h5",   "run_55.h5", "run_57.h5",
                                        "RUN-0058.HDF5", "run_0.h5",  "run_999.h5"};
    struct hmz_run_set_options options = range(*state, 0, 60);
    struct hmz_run_set *set;
    struct hmz_error err;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        make_file(*state, names[i], "");
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    assert_string_equal(set->near_text,
                        "run_0.h5 (run_0000.h5?), run_57.h5 (run_0057.h5?), RUN-0058.HDF5 (run_0058.h5?)");
    hmz_run_set_free(set);
    ranges[0] = (struct hmz_run_range){55, 56};
    assert_ok(hmz_run_set_new(&options, &set, &err), err);
    assert_string_equal(set->near_text, "");
    hmz_run_set_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(runs_are_found_by_name),
        folder_test(what_stat_says_is_kept),
        folder_test(range_and_skipped_runs_are_left_out),
        folder_test(missing_runs_are_short_text),
        folder_test(many_gaps_are_counted),
        folder_test(no_run_tells_what_there_is),
        folder_test(all_runs_skipped_is_no_run),
        folder_test(two_files_for_one_run_are_named),
        folder_test(several_folders_are_one),
        folder_test(runs_of_a_list_are_taken),
        folder_test(only_plain_files_are_runs),
        folder_test(a_dangling_link_is_not_left_out_in_silence),
        folder_test(a_folder_that_is_none_is_named),
        folder_test(what_becomes_of_skipped_runs_is_told),
        folder_test(names_that_are_nearly_those_of_missing_runs_are_told),
    };
    return cmocka_run_group_tests_name("run_set", tests, NULL, NULL);
}
