/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "buffer.h"
#include "bytes.h"
#include "outfile.h"
#include "path.h"
#include "plain_text.h"
#include "posix_io.h"

static void error_context_goes_in_front(void **state)
{
    (void)state;
    struct hmz_error err;
    assert_int_equal(hmz_fail(&err, HMZ_E_DAMAGED, "%d columns, expected %d", 516, 517), HMZ_E_DAMAGED);
    assert_int_equal(hmz_context(&err, "events/event_%d/get_traces", 12), HMZ_E_DAMAGED);
    assert_string_equal(err.text, "events/event_12/get_traces: 516 columns, expected 517");
}

static void parts_of_a_path_are_joined(void **state)
{
    (void)state;
    struct hmz_error err;
    hmz_fail(&err, HMZ_E_DAMAGED, "516 columns");
    hmz_context_path(&err, "pads");
    hmz_context_path(&err, "get");
    assert_int_equal(hmz_context_path(&err, "events/event_%d", 3), HMZ_E_DAMAGED);
    hmz_context(&err, "merged run 5");
    assert_string_equal(err.text, "merged run 5: events/event_3/get/pads: 516 columns");
    hmz_context_path(&err, "x");
    assert_string_equal(err.text, "x: merged run 5: events/event_3/get/pads: 516 columns");
}

static void error_text_is_cut_with_a_mark(void **state)
{
    (void)state;
    struct hmz_error err;
    char longer[3000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    hmz_fail(&err, HMZ_E_FAILED, "%s", longer);
    assert_int_equal(strlen(err.text), HMZ_ERROR_TEXT_BYTES - 1);
    assert_string_equal(err.text + strlen(err.text) - 3, "\xe2\x80\xa6");
    hmz_context(&err, "%s", longer);
    assert_int_equal(strlen(err.text), HMZ_ERROR_TEXT_BYTES - 1);
}

static void errno_decides_the_status(void **state)
{
    (void)state;
    struct hmz_error err;
    assert_fails(hmz_fail_write(&err, ENOSPC, "x"), HMZ_E_SPACE, "x: No space", err);
    assert_fails(hmz_fail_write(&err, EDQUOT, "x"), HMZ_E_SPACE, "quotas are not seen beforehand", err);
    assert_fails(hmz_fail_write(&err, EIO, "x"), HMZ_E_FAILED, "x: Input/output error", err);
    assert_fails(hmz_fail_errno(&err, ENOSPC, "x"), HMZ_E_FAILED, "x: No space", err);
    assert_fails(hmz_fail_errno(&err, EDQUOT, "x"), HMZ_E_FAILED, "x: Disk quota exceeded", err);
    assert_fails(hmz_fail_errno(&err, ENOMEM, "x"), HMZ_E_NOMEM, "x: Cannot allocate memory", err);
}

static void numbers_read_well(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {{0, "0 bytes"},         {999, "999 bytes"},  {1000, "1.00 kB"},
                 {9994, "9.99 kB"},      {9995, "10.0 kB"},   {12345, "12.3 kB"},
                 {999499, "999 kB"},     {999500, "1.00 MB"}, {412000000000u, "412 GB"},
                 {UINT64_MAX, "18.4 EB"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(hmz_bytes_text(cases[i].bytes).text, cases[i].text);
    assert_string_equal(hmz_count_text(0).text, "0");
    assert_string_equal(hmz_count_text(4212).text, "4,212");
    assert_string_equal(hmz_count_text(UINT64_MAX).text, "18,446,744,073,709,551,615");
    assert_string_equal(hmz_duration_text(12.34).text, "12.3 s");
    assert_string_equal(hmz_duration_text(187).text, "3 min 07 s");
    assert_string_equal(hmz_duration_text(3725).text, "1 h 02 min");
    assert_string_equal(hmz_duration_text(-1).text, "0.0 s");
}

static void records_come_back(void **state)
{
    (void)state;
    struct hmz_buffer buffer = {0};
    struct hmz_error err;
    hmz_buffer_put_u8(&buffer, 7);
    hmz_buffer_put_u32(&buffer, UINT32_MAX);
    hmz_buffer_put_u64(&buffer, UINT64_MAX - 1);
    static const int64_t steps[] = {0, -1, 1, -64, 64, INT64_MIN, INT64_MAX};
    enum { STEPS = sizeof steps / sizeof *steps };
    for (size_t i = 0; i < STEPS; i++)
        hmz_buffer_put_zigzag(&buffer, steps[i]);
    hmz_buffer_put_varint(&buffer, UINT64_MAX);
    hmz_buffer_put_text(&buffer, "frib_physics");
    assert_ok(hmz_buffer_check(&buffer, "a record", &err), err);
    struct hmz_cursor cursor = hmz_cursor_over(buffer.data, buffer.used);
    assert_int_equal(hmz_cursor_u8(&cursor), 7);
    assert_int_equal(hmz_cursor_u32(&cursor), UINT32_MAX);
    assert_true(hmz_cursor_u64(&cursor) == UINT64_MAX - 1);
    for (size_t i = 0; i < STEPS; i++)
        assert_true(hmz_cursor_zigzag(&cursor) == steps[i]);
    assert_true(hmz_cursor_varint(&cursor) == UINT64_MAX);
    char *text = hmz_cursor_text(&cursor);
    assert_string_equal(text, "frib_physics");
    free(text);
    assert_false(cursor.failed);
    assert_int_equal(hmz_cursor_u8(&cursor), 0);
    assert_true(cursor.failed);
    hmz_buffer_release(&buffer);
}

static void cut_records_never_read_past_the_end(void **state)
{
    (void)state;
    const uint8_t text_of_200_bytes[] = {200, 0, 0, 0, 'a', 'b'};
    struct hmz_cursor cursor = hmz_cursor_over(text_of_200_bytes, sizeof text_of_200_bytes);
    assert_null(hmz_cursor_text(&cursor));
    assert_true(cursor.failed);
    assert_int_equal(hmz_cursor_u64(&cursor), 0);
}

static void a_file_appears_only_at_commit(void **state)
{
    struct hmz_error err;
    struct hmz_folder folder = test_folder(state);
    const struct hmz_file_at part = hmz_file_in(&folder, "x.part");
    const struct hmz_file_at final = hmz_file_in(&folder, "x");
    struct hmz_outfile file;
    assert_ok(hmz_outfile_create(&file, part, &err), err);
    assert_ok(hmz_outfile_write(&file, "abc", 3, &err), err);
    assert_false(hmz_file_is_there(final));
    assert_ok(hmz_outfile_commit(&file, final, &err), err);
    assert_false(hmz_file_is_there(part));
    uint8_t *data;
    size_t length;
    assert_ok(hmz_file_read(final, 100, &data, &length, &err), err);
    assert_int_equal(length, 3);
    assert_string_equal((char *)data, "abc");
    free(data);
    assert_fails(hmz_file_read(final, 2, &data, &length, &err), HMZ_E_DAMAGED, "3 bytes, at most 2", err);
    hmz_outfile_discard(&file);
    assert_true(hmz_file_is_there(final));
    hmz_folder_close(&folder);
}

static void a_discarded_file_leaves_nothing(void **state)
{
    struct hmz_error err;
    struct hmz_folder folder = test_folder(state);
    const struct hmz_file_at part = hmz_file_in(&folder, "x.part");
    struct hmz_outfile file;
    assert_ok(hmz_outfile_create(&file, part, &err), err);
    hmz_outfile_discard(&file);
    assert_false(hmz_file_is_there(part));
    hmz_outfile_discard(&file);
    hmz_folder_close(&folder);
}

static void part_files_of_two_writers_are_two(void **state)
{
    struct hmz_error err;
    struct hmz_folder folder = test_folder(state);
    struct hmz_outfile files[2];
    for (int i = 0; i < 2; i++) {
        assert_ok(hmz_outfile_create_own(&files[i], hmz_file_in(&folder, "run_0003.h5.part"), &err), err);
        const char *name = files[i].part.name;
        assert_true(strncmp(name, "run_0003.", 9) == 0 && strcmp(name + 25, ".h5.part") == 0);
        assert_ok(hmz_outfile_remove_left(files[i].part, &err), err);
        assert_true(hmz_file_is_there(files[i].part));
    }
    assert_string_not_equal(files[0].part.name, files[1].part.name);
    close(files[0].fd); /* as if its process had been killed */
    files[0].fd = -1;
    assert_ok(hmz_outfile_remove_left(files[0].part, &err), err);
    assert_ok(hmz_outfile_remove_left(files[1].part, &err), err);
    assert_false(hmz_file_is_there(files[0].part));
    assert_true(hmz_file_is_there(files[1].part));
    hmz_outfile_discard(&files[0]);
    hmz_outfile_discard(&files[1]);
    hmz_folder_close(&folder);
}

static void a_failed_rename_names_both_paths(void **state)
{
    struct hmz_error err;
    struct hmz_folder folder = test_folder(state);
    const struct hmz_file_at part = hmz_file_in(&folder, "x.part");
    struct hmz_outfile file;
    assert_ok(hmz_outfile_create(&file, part, &err), err);
    assert_fails(hmz_outfile_commit(&file, hmz_file_in(&folder, "no/such/folder/x"), &err), HMZ_E_FAILED,
                 "no/such/folder/x: No such file", err);
    hmz_outfile_discard(&file);
    assert_false(hmz_file_is_there(part));
    hmz_folder_close(&folder);
}

/* ---- names that are no regular files ---- */

static void make_precious(const struct hmz_folder *folder)
{
    struct hmz_error err;
    int fd;
    assert_ok(hmz_file_create(hmz_file_in(folder, "precious"), &fd, &err), err);
    assert_int_equal(write(fd, "abc", 3), 3);
    close(fd);
    assert_int_equal(symlinkat("precious", folder->fd, "link"), 0);
    assert_int_equal(symlinkat("nothing", folder->fd, "dangling"), 0);
    assert_int_equal(mkdirat(folder->fd, "folder", 0777), 0);
    assert_int_equal(mkfifoat(folder->fd, "fifo", 0666), 0);
}

static void assert_precious(const struct hmz_folder *folder, const char *other)
{
    struct hmz_error err;
    uint8_t *data;
    size_t length;
    assert_ok(hmz_file_read(hmz_file_in(folder, "precious"), 100, &data, &length, &err), err);
    assert_string_equal((char *)data, "abc");
    assert_true(hmz_file_is_there(hmz_file_in(folder, "%s", other)));
    assert_false(hmz_file_is_there(hmz_file_in(folder, "nothing")));
    free(data);
}

static void only_regular_files_are_touched(void **state)
{
    static const char *const others[][2] = {{"link", "link is a symbolic link, a regular file was expected"},
                                            {"dangling", "dangling is a symbolic link"},
                                            {"folder", "folder is a folder"},
                                            {"fifo", "fifo is a FIFO"}};
    struct hmz_error err;
    struct hmz_folder folder = test_folder(state);
    make_precious(&folder);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const struct hmz_file_at at = hmz_file_in(&folder, "%s", others[i][0]);
        const char *text = strchr(others[i][1], ' ') + 1; /* the name stands before, with a colon */
        struct hmz_outfile file;
        uint8_t *data;
        size_t length;
        int fd;
        assert_fails(hmz_file_read(at, 100, &data, &length, &err), HMZ_E_USAGE, text, err);
        assert_fails(hmz_file_open(at, O_RDWR, &fd, &err), HMZ_E_USAGE, text, err);
        assert_fails(hmz_file_remove(at, &err), HMZ_E_USAGE, text, err);
        assert_int_equal(hmz_file_create(at, &fd, &err), HMZ_END);
        assert_fails(hmz_outfile_create(&file, at, &err), HMZ_E_USAGE, text, err);
        assert_ok(hmz_outfile_create(&file, hmz_file_in(&folder, "x.part"), &err), err);
        assert_fails(hmz_outfile_commit(&file, at, &err), HMZ_E_USAGE, text, err);
        hmz_outfile_discard(&file);
        assert_precious(&folder, at.name);
    }
    hmz_folder_close(&folder);
}

static void a_folder_in_a_folder_is_a_real_one(void **state)
{
    struct hmz_error err;
    struct hmz_folder folder = test_folder(state);
    struct hmz_folder in;
    make_precious(&folder);
    assert_int_equal(symlinkat("folder", folder.fd, "alias"), 0);
    assert_ok(hmz_folder_open_in(&in, hmz_file_in(&folder, "folder"), &err), err);
    hmz_folder_close(&in);
    assert_int_equal(hmz_folder_open_in(&in, hmz_file_in(&folder, "nothing"), &err), HMZ_END);
    assert_fails(hmz_folder_open_in(&in, hmz_file_in(&folder, "alias"), &err), HMZ_E_USAGE, "a symbolic link",
                 err);
    assert_fails(hmz_folder_open_in(&in, hmz_file_in(&folder, "dangling"), &err), HMZ_E_USAGE,
                 "a symbolic link", err);
    assert_fails(hmz_folder_open_in(&in, hmz_file_in(&folder, "precious"), &err), HMZ_E_USAGE, "is a file",
                 err);
    hmz_folder_close(&folder);
}

static void reading_past_the_end_tells_both(void **state)
{
    struct hmz_error err;
    char *path = hmz_path_join(*state, "x");
    int fd;
    assert_ok(hmz_io_open(path, O_RDWR | O_CREAT, 0666, &fd, &err), err);
    assert_ok(hmz_io_write_at(fd, "12345", 5, 10, &err), err);
    uint8_t data[8];
    assert_fails(hmz_io_read_at(fd, data, 8, 10, &err), HMZ_E_DAMAGED,
                 "8 bytes expected at byte 10, the file ends after 5", err);
    assert_ok(hmz_io_close(fd, &err), err);
    free(path);
}

static void paths_are_joined_and_split(void **state)
{
    (void)state;
    char *path = hmz_path_join("/a/", "b");
    assert_string_equal(path, "/a/b");
    free(path);
    static const char *const cases[][2] = {{"a/b", "a"}, {"b", "."}, {"/b", "/"}, {"/a/b/c", "/a/b"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *folder = hmz_path_folder(cases[i][0]);
        assert_string_equal(folder, cases[i][1]);
        free(folder);
    }
    assert_string_equal(hmz_path_name("/a/b.h5"), "b.h5");
}

static void percents_are_decimal(void **state)
{
    (void)state;
    static const struct {
        double percent;
        const char *text;
    } cases[] = {{200, "200 %"},      {123456789, "123456789 %"},
                 {99.96, "100 %"},    {12.4, "12 %"},
                 {9.96, "10 %"},      {1.24, "1.2 %"},
                 {0.996, "1.0 %"},    {0.344, "0.34 %"},
                 {0.0123, "0.012 %"}, {0.00123, "0.0012 %"},
                 {0.00001, "0 %"},    {0, "0 %"},
                 {-1, "0 %"},         {1e300, "1000000000 %"},
                 {0.0 / 0.0, "0 %"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(hmz_percent_text(cases[i].percent).text, cases[i].text);
}

static void texts_of_any_bytes_are_shown_as_utf8_without_control_characters(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"plain", "plain"},
        {"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"caf\xe9", "caf\xc3\xa9"},
        {"\xc3\xa9\xe9", "\xc3\xa9\xc3\xa9"}, /* each byte for itself */
        {"\x1b[2J\a\r\n\t\x7f", "\\x1b[2J\\x07\\x0d\\x0a\\x09\\x7f"},
        {"\x9b"
         "31m",
         "\\x9b31m"}, /* CSI in Latin-1 */
        {"\xc2\x9b"
         "31m",
         "\\x9b31m"}, /* and in UTF-8 */
        {"a\xe2\x80\xa9"
         "b",
         "a\\u2029b"},                                   /* ends a line */
        {"\xc0\x9b", "\xc3\x80\\x9b"},                   /* not the shortest form */
        {"\xed\xa0\x80", "\xc3\xad\xc2\xa0\\x80"},       /* half of a pair */
        {"\xf4\x90\x80\x80", "\xc3\xb4\\x90\\x80\\x80"}, /* beyond Unicode */
        {"\xe2\x82", "\xc3\xa2\\x82"},                   /* cut */
        {"\xff\xfe", "\xc3\xbf\xc3\xbe"},
    };
    char shown[200];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hmz_text_to_shown(cases[i][0], shown, sizeof shown);
        assert_string_equal(shown, cases[i][1]);
        hmz_text_to_shown(cases[i][1], shown, sizeof shown); /* once more changes nothing */
        assert_string_equal(shown, cases[i][1]);
    }
}

static void texts_as_data_are_latin1_where_they_are_no_utf8(void **state)
{
    (void)state;
    char text[20];
    hmz_text_to_utf8("caf\xc3\xa9\n", text, sizeof text);
    assert_string_equal(text, "caf\xc3\xa9\n");
    hmz_text_to_utf8("\xc3\xa9\xe9\x1b", text, sizeof text);
    assert_string_equal(text, "\xc3\x83\xc2\xa9\xc3\xa9\x1b");
}

static void texts_are_cut_between_characters(void **state)
{
    (void)state;
    char text[8];
    hmz_text_to_shown("abcd\xc3\xa9xyz", text, sizeof text);
    assert_string_equal(text, "abcd\xe2\x80\xa6");
    hmz_text_to_shown("abcdefg", text, sizeof text);
    assert_string_equal(text, "abcdefg");
    hmz_text_to_shown("abc\x1b\x1b", text, sizeof text);
    assert_string_equal(text, "abc\xe2\x80\xa6");
    hmz_text_to_utf8("abcdef\xc3\xa9", text, sizeof text);
    assert_string_equal(text, "abcdef");
    hmz_text_to_shown("abc", text, 1);
    assert_string_equal(text, "");
    struct hmz_error err;
    char longer[3001] = "";
    for (size_t i = 0; i < 1500; i++)
        memcpy(longer + 2 * i, "\xc3\xa9", 2);
    longer[3000] = '\0';
    for (size_t i = 0; i < 2; i++) {
        hmz_fail(&err, HMZ_E_FAILED, "%s%s", i ? "x" : "", longer);
        char shown[HMZ_TEXT_ROOM(HMZ_ERROR_TEXT_BYTES)];
        hmz_text_to_shown(err.text, shown, sizeof shown);
        assert_string_equal(shown, err.text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_context_goes_in_front),
        cmocka_unit_test(parts_of_a_path_are_joined),
        cmocka_unit_test(error_text_is_cut_with_a_mark),
        cmocka_unit_test(errno_decides_the_status),
        cmocka_unit_test(numbers_read_well),
        cmocka_unit_test(records_come_back),
        cmocka_unit_test(cut_records_never_read_past_the_end),
        folder_test(a_file_appears_only_at_commit),
        folder_test(a_discarded_file_leaves_nothing),
        folder_test(part_files_of_two_writers_are_two),
        folder_test(a_failed_rename_names_both_paths),
        folder_test(only_regular_files_are_touched),
        folder_test(a_folder_in_a_folder_is_a_real_one),
        folder_test(reading_past_the_end_tells_both),
        cmocka_unit_test(paths_are_joined_and_split),
        cmocka_unit_test(percents_are_decimal),
        cmocka_unit_test(texts_of_any_bytes_are_shown_as_utf8_without_control_characters),
        cmocka_unit_test(texts_as_data_are_latin1_where_they_are_no_utf8),
        cmocka_unit_test(texts_are_cut_between_characters),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
