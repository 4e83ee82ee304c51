/* SPDX-License-Identifier: MIT */
/* The encoders, byte by byte, and failures. That whole files read as they should is the matter of
 * tests/interop/test_parquet.py, where other people's readers read them. */
#include "test_support.h"

#include <fcntl.h>

#include "parquet_writer.h"
#include "path.h"
#include "posix_io.h"
#include "thrift_compact.h"

static void assert_bytes(struct hmz_buffer *buffer, const char *wanted, size_t length)
{
    assert_false(buffer->failed);
    assert_int_equal(buffer->used, length);
    assert_memory_equal(buffer->data, wanted, length);
    hmz_buffer_clear(buffer);
}

static void varints(void **state)
{
    struct hmz_buffer buffer = {0};
    (void)state;
    hmz_buffer_put_varint(&buffer, 0);
    hmz_buffer_put_varint(&buffer, 127);
    hmz_buffer_put_varint(&buffer, 300);
    assert_bytes(&buffer, "\x00\x7f\xac\x02", 4);
    hmz_buffer_put_varint(&buffer, UINT64_MAX);
    assert_bytes(&buffer, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10);
    hmz_thrift_element_i32(&buffer, -1);
    hmz_thrift_element_i32(&buffer, 1);
    hmz_thrift_element_i32(&buffer, INT32_MIN);
    assert_bytes(&buffer, "\x01\x02\xff\xff\xff\xff\x0f", 7);
    hmz_buffer_release(&buffer);
}

/* By hand from the specification of the compact protocol. */
static void thrift_structs(void **state)
{
    struct hmz_buffer buffer = {0};
    (void)state;
    struct hmz_thrift_struct outer = hmz_thrift_begin(&buffer);
    hmz_thrift_i32(&outer, 1, 1);
    hmz_thrift_text(&outer, 4, "ab");
    struct hmz_thrift_struct inner = hmz_thrift_struct_field(&outer, 5);
    hmz_thrift_bool(&inner, 2, false);
    hmz_thrift_i8(&inner, 3, -2);
    hmz_thrift_end(&inner);
    hmz_thrift_i64(&outer, 40, -3); /* too far for a step of four bits */
    hmz_thrift_list_field(&outer, 41, HMZ_THRIFT_I32, 1);
    hmz_thrift_element_i32(&buffer, 2);
    hmz_thrift_list_field(&outer, 42, HMZ_THRIFT_STRUCT, 15);
    hmz_thrift_end(&outer);
    assert_bytes(&buffer,
                 "\x15\x02\x38\x02"
                 "ab\x1c\x22\x13\xfe\x00\x06\x50\x05\x19\x15\x04\x19\xfc\x0f\x00",
                 21);
    hmz_buffer_release(&buffer);
}

static const struct hmz_parquet_column columns[] = {{"a", HMZ_PARQUET_U32, "a number", "m"},
                                                    {"b", HMZ_PARQUET_TEXT, "a text", NULL}};

static int write_rows(struct hmz_outfile *file, uint32_t rows, struct hmz_error *err)
{
    const struct hmz_parquet_options options = {.created_by = "test", .row_group_rows = 100};
    struct hmz_parquet *table;
    int status = hmz_parquet_new(columns, 2, &options, file, &table, err);
    if (status != HMZ_OK)
        return status;
    for (uint32_t i = 0; status == HMZ_OK && i < rows; i++) {
        hmz_parquet_put_u32(table, 0, i);
        if (i % 3)
            hmz_parquet_put_text(table, 1, "text");
        status = hmz_parquet_end_row(table, err);
    }
    if (status == HMZ_OK)
        status = hmz_parquet_finish(table, err);
    hmz_parquet_free(table);
    return status;
}

static void a_full_disk_is_told(void **state)
{
    static const uint32_t rows[] = {0, 1, 99, 100, 1000};
    const struct hmz_folder dev = {.path = "/dev"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct hmz_error err;
        struct hmz_outfile file = {.part = hmz_file_in(&dev, "full")};
        assert_ok(hmz_io_open("/dev/full", O_RDWR, 0, &file.fd, &err), err);
        assert_fails(write_rows(&file, rows[i], &err), HMZ_E_SPACE, "No space left", err);
        close(file.fd);
    }
}

static void same_rows_same_bytes(void **state)
{
    struct hmz_error err;
    struct hmz_folder folder = test_folder(state);
    uint8_t *bytes[2];
    size_t lengths[2];
    for (int i = 0; i < 2; i++) {
        const struct hmz_file_at at = hmz_file_in(&folder, i ? "b" : "a");
        struct hmz_outfile file;
        assert_ok(hmz_outfile_create(&file, at, &err), err);
        assert_ok(write_rows(&file, 1234, &err), err);
        assert_ok(hmz_file_read(at, 1000000, &bytes[i], &lengths[i], &err), err);
        hmz_outfile_discard(&file);
    }
    hmz_folder_close(&folder);
    assert_int_equal(lengths[0], lengths[1]);
    assert_memory_equal(bytes[0], bytes[1], lengths[0]);
    assert_memory_equal(bytes[0], "PAR1", 4);
    assert_memory_equal(bytes[0] + lengths[0] - 4, "PAR1", 4);
    free(bytes[0]);
    free(bytes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(varints),
        cmocka_unit_test(thrift_structs),
        cmocka_unit_test(a_full_disk_is_told),
        folder_test(same_rows_same_bytes),
    };
    return cmocka_run_group_tests_name("parquet", tests, NULL, NULL);
}
