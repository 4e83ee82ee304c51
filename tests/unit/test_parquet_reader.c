/* SPDX-License-Identifier: MIT */
/* What the writer of tables writes, read again; and what is no such table, refused. */
#include "test_support.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buffer.h"
#include "hash.h"
#include "parquet_compare.h"
#include "parquet_reader.h"
#include "parquet_writer.h"
#include "path.h"
#include "posix_io.h"

enum { A_U32, A_I32, A_U64, A_DOUBLE, A_TEXT, COLUMN_COUNT };
static const struct hmz_parquet_column columns[COLUMN_COUNT] = {
    [A_U32] = {"a_u32", HMZ_PARQUET_U32, "a number", "counts"},
    [A_I32] = {"a_i32", HMZ_PARQUET_I32, NULL, NULL},
    [A_U64] = {"a_u64", HMZ_PARQUET_U64, "of many digits", NULL},
    [A_DOUBLE] = {"a_double", HMZ_PARQUET_DOUBLE, "a time", "s"},
    [A_TEXT] = {"a_text", HMZ_PARQUET_TEXT, NULL, NULL},
};

/* The cells of row `i`: extremes, nulls alone, in runs, and by turns. */
struct row {
    bool has[COLUMN_COUNT];
    uint32_t u32;
    int32_t i32;
    uint64_t u64;
    double number;
    char text[600];
};

static struct row make_row(uint32_t i)
{
    static const char *const texts[] = {"", "µ", "run_0055.h5", "a \"text\"\n"};
    struct row row = {.u32 = i % 5 ? i * 2654435761u : UINT32_MAX,
                      .i32 = i % 7 ? (int32_t)(i * 2654435761u) : INT32_MIN,
                      .u64 = i % 11 ? i * UINT64_C(0x9e3779b97f4a7c15) : UINT64_MAX,
                      .number = ((double)i - 500) / 3};
    row.has[A_DOUBLE] = i % 4 != 1;
    row.has[A_U32] = true;
    row.has[A_I32] = i % 2;
    row.has[A_U64] = i / 1000 % 2 == 0;
    row.has[A_TEXT] = i % 97 != 3;
    snprintf(row.text, sizeof row.text, "%s%*s", texts[i % 4], i % 501 == 500 ? 590 : 0, "");
    return row;
}

static void write_table(const char *path, uint32_t rows, uint32_t group_rows)
{
    struct hmz_error err;
    struct hmz_outfile file;
    struct hmz_parquet *table;
    const struct hmz_parquet_options options = {.created_by = "test", .row_group_rows = group_rows};
    struct hmz_folder folder;
    char *folder_path = hmz_path_folder(path);
    assert_ok(hmz_folder_open(&folder, folder_path, &err), err);
    const struct hmz_file_at at = hmz_file_in(&folder, "%s", hmz_path_name(path));
    assert_ok(hmz_outfile_create(&file, at, &err), err);
    assert_ok(hmz_parquet_new(columns, COLUMN_COUNT, &options, &file, &table, &err), err);
    for (uint32_t i = 0; i < rows; i++) {
        const struct row row = make_row(i);
        if (row.has[A_U32])
            hmz_parquet_put_u32(table, A_U32, row.u32);
        if (row.has[A_I32])
            hmz_parquet_put_i32(table, A_I32, row.i32);
        if (row.has[A_U64])
            hmz_parquet_put_u64(table, A_U64, row.u64);
        if (row.has[A_DOUBLE])
            hmz_parquet_put_double(table, A_DOUBLE, row.number);
        if (row.has[A_TEXT])
            hmz_parquet_put_text(table, A_TEXT, row.text);
        assert_ok(hmz_parquet_end_row(table, &err), err);
    }
    assert_ok(hmz_parquet_finish(table, &err), err);
    hmz_parquet_free(table);
    assert_ok(hmz_outfile_commit(&file, hmz_file_in(&folder, "%s.kept", at.name), &err), err);
    hmz_folder_close(&folder);
    free(folder_path);
}

static int open_table(const char *path, int *fd_out)
{
    char *kept = hmz_text_new("%s.kept", path);
    *fd_out = open(kept, O_RDWR | O_CLOEXEC);
    free(kept);
    assert_true(*fd_out >= 0);
    return *fd_out;
}

static void check_row(const struct hmz_parquet_reader *table, const size_t at[COLUMN_COUNT], uint32_t i)
{
    const struct row row = make_row(i);
    uint32_t u32;
    int32_t i32;
    uint64_t u64;
    double number;
    const char *text;
    size_t length;
    assert_int_equal(hmz_parquet_get_u32(table, at[A_U32], &u32), row.has[A_U32]);
    assert_int_equal(hmz_parquet_get_i32(table, at[A_I32], &i32), row.has[A_I32]);
    assert_int_equal(hmz_parquet_get_u64(table, at[A_U64], &u64), row.has[A_U64]);
    assert_int_equal(hmz_parquet_get_double(table, at[A_DOUBLE], &number), row.has[A_DOUBLE]);
    assert_true(!row.has[A_DOUBLE] || number == row.number);
    assert_int_equal(hmz_parquet_get_text(table, at[A_TEXT], &text, &length), row.has[A_TEXT]);
    assert_true(!row.has[A_U32] || u32 == row.u32);
    assert_true(!row.has[A_I32] || i32 == row.i32);
    assert_true(!row.has[A_U64] || u64 == row.u64);
    assert_true(!row.has[A_TEXT] || (length == strlen(row.text) && memcmp(text, row.text, length) == 0));
}

static void round_trip(const char *folder, uint32_t rows, uint32_t group_rows)
{
    struct hmz_error err;
    struct hmz_parquet_reader *table;
    size_t at[COLUMN_COUNT];
    int fd;
    int status;
    char *path = hmz_text_new("%s/%u_%u", folder, rows, group_rows);
    write_table(path, rows, group_rows);
    assert_ok(hmz_parquet_open(open_table(path, &fd), "table", &table, &err), err);
    assert_int_equal(hmz_parquet_row_count(table), rows);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        assert_ok(hmz_parquet_find(table, columns[i].name, columns[i].type, &at[i], &err), err);
    uint32_t seen = 0;
    while ((status = hmz_parquet_next_row(table, &err)) == HMZ_OK)
        check_row(table, at, seen++);
    assert_int_equal(status, HMZ_END);
    assert_int_equal(hmz_parquet_next_row(table, &err), HMZ_END);
    assert_int_equal(seen, rows);
    hmz_parquet_close(table);
    close(fd);
    free(path);
}

/* Packed alike or not; a signal ends it. */
static void tables_are_compared_by_their_rows(void **state)
{
    struct hmz_error err;
    struct hmz_parquet_difference difference;
    volatile sig_atomic_t stop = 0;
    int fds[3];
    static const uint32_t sizes[3][2] = {{500, 100}, {500, 77}, {499, 100}};
    for (int i = 0; i < 3; i++) {
        char *path = hmz_text_new("%s/compared_%d", (const char *)*state, i);
        write_table(path, sizes[i][0], sizes[i][1]);
        open_table(path, &fds[i]);
        free(path);
    }
    assert_ok(hmz_parquet_compare(fds[0], fds[1], &stop, &difference, &err), err);
    assert_string_equal(difference.text, "");
    assert_ok(hmz_parquet_compare(fds[2], fds[0], &stop, &difference, &err), err);
    assert_string_equal(difference.text, "it has 499 rows, expected 500");
    stop = 1;
    assert_fails(hmz_parquet_compare(fds[0], fds[1], &stop, &difference, &err), HMZ_E_INTERRUPTED, "", err);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}

static void what_was_written_is_read(void **state)
{
    round_trip(*state, 0, 10);
    round_trip(*state, 1, 10);
    round_trip(*state, 9, 10);
    round_trip(*state, 10, 10);
    round_trip(*state, 11, 10);
    round_trip(*state, 1000, 1);
    round_trip(*state, 200000, 70000); /* several pages, the row group ends within one */
    round_trip(*state, 70000, HMZ_PARQUET_ROW_GROUP_ROWS_LAST);
}

static void only_some_columns_are_read(void **state)
{
    struct hmz_error err;
    struct hmz_parquet_reader *table;
    size_t at;
    uint64_t value;
    int fd;
    char *path = hmz_path_join(*state, "t");
    write_table(path, 3000, 100);
    assert_ok(hmz_parquet_open(open_table(path, &fd), "table", &table, &err), err);
    assert_int_equal(hmz_parquet_find(table, "of_later", HMZ_PARQUET_U64, &at, &err), HMZ_END);
    assert_fails(hmz_parquet_find(table, "a_u32", HMZ_PARQUET_U64, &at, &err), HMZ_E_DAMAGED,
                 "table: column a_u32", err);
    assert_ok(hmz_parquet_find(table, "a_u64", HMZ_PARQUET_U64, &at, &err), err);
    for (uint32_t i = 0; i < 3000; i++) {
        const struct row row = make_row(i);
        assert_ok(hmz_parquet_next_row(table, &err), err);
        assert_int_equal(hmz_parquet_get_u64(table, at, &value), row.has[A_U64]);
        assert_true(!row.has[A_U64] || value == row.u64);
    }
    assert_int_equal(hmz_parquet_next_row(table, &err), HMZ_END);
    hmz_parquet_close(table);
    close(fd);
    free(path);
}

/* ---- what is not as it was written ---- */

static void add_cell(struct hmz_buffer *to, const struct hmz_parquet_reader *table, size_t i, size_t at)
{
    uint32_t u32 = 0;
    int32_t i32 = 0;
    uint64_t u64 = 0;
    double number = 0;
    const char *text = "";
    size_t length = 0;
    bool present = i == A_U32      ? hmz_parquet_get_u32(table, at, &u32)
                   : i == A_I32    ? hmz_parquet_get_i32(table, at, &i32)
                   : i == A_U64    ? hmz_parquet_get_u64(table, at, &u64)
                   : i == A_DOUBLE ? hmz_parquet_get_double(table, at, &number)
                                   : hmz_parquet_get_text(table, at, &text, &length);
    hmz_buffer_put_u8(to, present);
    hmz_buffer_put(to, &number, sizeof number);
    hmz_buffer_put_u64(to, u32 + (uint64_t)(uint32_t)i32 + u64 + length);
    hmz_buffer_put(to, text, length);
}

/* Reads all of it. HMZ_OK: *hash_out stands for names and values. */
static int read_all(int fd, uint64_t *hash_out, struct hmz_error *err)
{
    struct hmz_parquet_reader *table;
    struct hmz_buffer content = {0};
    size_t at[COLUMN_COUNT];
    int found[COLUMN_COUNT];
    int status = hmz_parquet_open(fd, "table", &table, err);
    if (status != HMZ_OK)
        return status;
    for (size_t i = 0; i < COLUMN_COUNT && (status == HMZ_OK || status == HMZ_END); i++)
        found[i] = status = hmz_parquet_find(table, columns[i].name, columns[i].type, &at[i], err);
    if (status == HMZ_END)
        status = HMZ_OK;
    while (status == HMZ_OK && (status = hmz_parquet_next_row(table, err)) == HMZ_OK)
        for (size_t i = 0; i < COLUMN_COUNT; i++)
            if (found[i] == HMZ_OK)
                add_cell(&content, table, i, at[i]);
    *hash_out = XXH3_64bits(content.data, content.used);
    hmz_buffer_release(&content);
    hmz_parquet_close(table);
    return status == HMZ_END ? HMZ_OK : status;
}

struct spoiled {
    int fd;
    uint8_t *bytes;
    size_t length;
    uint64_t hash;
};

static struct spoiled begin_spoiling(const char *folder, uint32_t rows)
{
    struct hmz_error err;
    struct spoiled self;
    struct stat found;
    char *path = hmz_text_new("%s/spoiled_%u", folder, rows);
    write_table(path, rows, rows / 3 + 1);
    open_table(path, &self.fd);
    free(path);
    assert_int_equal(fstat(self.fd, &found), 0);
    self.length = (size_t)found.st_size;
    self.bytes = malloc(self.length);
    assert_ok(hmz_io_read_at(self.fd, self.bytes, self.length, 0, &err), err);
    assert_ok(read_all(self.fd, &self.hash, &err), err);
    return self;
}

static void end_spoiling(struct spoiled *self)
{
    close(self->fd);
    free(self->bytes);
}

static void a_table_that_is_cut_off_is_refused(void **state)
{
    struct hmz_error err;
    uint64_t hash;
    struct spoiled table = begin_spoiling(*state, 40);
    for (size_t length = table.length; length-- > 0;) {
        assert_int_equal(ftruncate(table.fd, (off_t)length), 0);
        assert_fails(read_all(table.fd, &hash, &err), HMZ_E_DAMAGED, "table: ", err);
    }
    end_spoiling(&table);
}

/* Every byte, or 1,000 of them, each changed in one bit and as a whole: refused, or the same values. */
static void flip(struct spoiled *table, size_t at, uint8_t bits)
{
    struct hmz_error err;
    uint64_t hash;
    uint8_t changed = table->bytes[at] ^ bits;
    assert_ok(hmz_io_write_at(table->fd, &changed, 1, at, &err), err);
    int status = read_all(table->fd, &hash, &err);
    if (status != HMZ_OK)
        assert_true(status == HMZ_E_DAMAGED && strncmp(err.text, "table: ", 7) == 0);
    else if (hash != table->hash)
        fail_msg("byte %zu of %zu xor %02x: accepted with other values", at, table->length, bits);
    assert_ok(hmz_io_write_at(table->fd, &table->bytes[at], 1, at, &err), err);
}

static void a_flip_is_refused_or_changes_no_value(void **state)
{
    struct spoiled table = begin_spoiling(*state, 40);
    for (size_t at = 0; at < table.length; at++) {
        for (unsigned bit = 0; bit < 8; bit++)
            flip(&table, at, (uint8_t)(1u << bit));
        flip(&table, at, 0xff);
    }
    end_spoiling(&table);
    table = begin_spoiling(*state, 6000);
    uint64_t random = 1;
    for (int i = 0; i < 1000; i++) {
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407; /* Knuth, MMIX */
        flip(&table, (size_t)((random >> 32) % table.length), (uint8_t)(1 + random % 255));
    }
    end_spoiling(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(tables_are_compared_by_their_rows),
        folder_test(what_was_written_is_read),
        folder_test(only_some_columns_are_read),
        folder_test(a_table_that_is_cut_off_is_refused),
        folder_test(a_flip_is_refused_or_changes_no_value),
    };
    return cmocka_run_group_tests_name("parquet_reader", tests, NULL, NULL);
}
