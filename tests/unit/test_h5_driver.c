/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "h5_driver.h"
#include "h5_error.h"
#include "h5_memory.h"
#include "path.h"
#include "posix_io.h"

/* A file like a small harmonic run: groups, attributes, contiguous data. Results are not looked at: the point
 * is that libhdf5 comes through whatever happens to its writes. */
static herr_t fill(hid_t file)
{
    static int16_t data[64 * 517];
    const hsize_t dims[2] = {64, 517};
    hid_t scalar = H5Screate(H5S_SCALAR);
    hid_t space = H5Screate_simple(2, dims, NULL);
    hid_t plain = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plain, 0);
    for (int i = 0; i < 12; i++) {
        char name[32];
        snprintf(name, sizeof name, "event_%d", i);
        hid_t group = H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        hid_t dataset =
            H5Dcreate2(group, "get_traces", H5T_STD_I16LE, space, H5P_DEFAULT, plain, H5P_DEFAULT);
        hid_t attr = H5Acreate2(dataset, "id", H5T_STD_I32LE, scalar, H5P_DEFAULT, H5P_DEFAULT);
        H5Awrite(attr, H5T_NATIVE_INT, &i);
        H5Dwrite(dataset, H5T_STD_I16LE, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
        H5Idec_ref(attr);
        H5Idec_ref(dataset);
        H5Idec_ref(group);
    }
    H5Idec_ref(plain);
    H5Idec_ref(space);
    H5Idec_ref(scalar);
    return H5Fclose(file);
}

static hid_t plain_creation(void)
{
    hid_t creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_obj_track_times(creation, 0);
    return creation;
}

static struct hmz_h5_file open_file(const char *path, int flags)
{
    struct hmz_error err;
    struct hmz_h5_file file = {0};
    assert_ok(hmz_io_open(path, flags, 0666, &file.fd, &err), err);
    return file;
}

static hid_t driver_access(struct hmz_h5_file *file)
{
    struct hmz_error err;
    hid_t access = -1;
    assert_ok(hmz_h5_driver_fapl(file, &access, &err), err);
    H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
    return access;
}

static void writes_what_the_stock_driver_writes(void **state)
{
    struct hmz_error err;
    char *ours = hmz_path_join(*state, "ours.h5");
    char *stock = hmz_path_join(*state, "stock.h5");
    hid_t creation = plain_creation();
    struct hmz_h5_file file = open_file(ours, O_RDWR | O_CREAT);
    hid_t access = driver_access(&file);
    assert_true(fill(H5Fcreate("ours", H5F_ACC_TRUNC, creation, access)) >= 0);
    assert_int_equal(file.write_error, 0);
    close(file.fd);
    hid_t stock_access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(stock_access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V18);
    assert_true(fill(H5Fcreate(stock, H5F_ACC_TRUNC, creation, stock_access)) >= 0);
    uint8_t *a;
    uint8_t *b;
    size_t a_length;
    size_t b_length;
    assert_ok(hmz_io_read_file(ours, 10000000, &a, &a_length, &err), err);
    assert_ok(hmz_io_read_file(stock, 10000000, &b, &b_length, &err), err);
    assert_int_equal(a_length, b_length);
    assert_memory_equal(a, b, a_length);
    free(a);
    free(b);
    H5Pclose(access);
    H5Pclose(stock_access);
    H5Pclose(creation);
    free(ours);
    free(stock);
}

/* The disk is "full" at any size, by the limit of this process: as ENOSPC, but without privileges. */
static void a_full_disk_at_any_byte_is_survived(void **state)
{
    char *path = hmz_path_join(*state, "x.h5");
    hid_t creation = plain_creation();
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    int failures = 0;
    for (rlim_t size = 0; size < 800000; size += 2003) {
        const struct rlimit limit = {.rlim_cur = size, .rlim_max = before.rlim_max};
        struct hmz_h5_file file = open_file(path, O_RDWR | O_CREAT | O_TRUNC);
        hid_t access = driver_access(&file);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        hid_t created = H5Fcreate("x", H5F_ACC_TRUNC, creation, access);
        assert_true(created >= 0);
        assert_true(fill(created) >= 0);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        assert_int_equal(file.write_error, EFBIG);
        failures++;
        H5Pclose(access);
        close(file.fd);
    }
    assert_true(failures > 390);
    H5Pclose(creation);
    free(path);
}

static void a_write_only_device_that_is_full(void **state)
{
    (void)state;
    hid_t creation = plain_creation();
    struct hmz_h5_file file = open_file("/dev/full", O_RDWR);
    hid_t access = driver_access(&file);
    hid_t created = H5Fcreate("full", H5F_ACC_TRUNC, creation, access);
    assert_true(created >= 0);
    fill(created);
    assert_int_equal(file.write_error, ENOSPC);
    close(file.fd);
    H5Pclose(access);
    H5Pclose(creation);
}

static void two_files_at_once_and_reading(void **state)
{
    char *paths[2] = {hmz_path_join(*state, "a.h5"), hmz_path_join(*state, "b.h5")};
    struct hmz_h5_file files[2];
    hid_t access[2];
    hid_t open[2];
    hid_t creation = plain_creation();
    for (int i = 0; i < 2; i++) {
        files[i] = open_file(paths[i], O_RDWR | O_CREAT);
        access[i] = driver_access(&files[i]);
        open[i] = H5Fcreate("same name", H5F_ACC_TRUNC, creation, access[i]);
        assert_true(open[i] >= 0);
    }
    for (int i = 0; i < 2; i++)
        assert_true(fill(open[i]) >= 0);
    for (int i = 0; i < 2; i++) {
        open[i] = H5Fopen("same name", H5F_ACC_RDONLY, access[i]);
        assert_true(open[i] >= 0);
        assert_true(H5Lexists(open[i], "event_11", H5P_DEFAULT) > 0);
    }
    for (int i = 0; i < 2; i++) {
        assert_true(H5Fclose(open[i]) >= 0);
        assert_int_equal(files[i].write_error | files[i].read_error, 0);
        H5Pclose(access[i]);
        close(files[i].fd);
        free(paths[i]);
    }
    H5Pclose(creation);
}

static void a_read_that_fails_is_told_and_kept(void **state)
{
    char *path = hmz_path_join(*state, "x.h5");
    hid_t creation = plain_creation();
    struct hmz_h5_file file = open_file(path, O_RDWR | O_CREAT);
    hid_t access = driver_access(&file);
    assert_true(fill(H5Fcreate("x", H5F_ACC_TRUNC, creation, access)) >= 0);
    close(file.fd);
    H5Pclose(access);
    struct hmz_h5_file unreadable = open_file(path, O_WRONLY);
    access = driver_access(&unreadable);
    assert_true(H5Fopen("x", H5F_ACC_RDONLY, access) < 0);
    assert_int_equal(unreadable.read_error, EBADF);
    close(unreadable.fd);
    H5Pclose(access);
    H5Pclose(creation);
    free(path);
}

static void an_object_left_open_fails_the_close(void **state)
{
    char *path = hmz_path_join(*state, "x.h5");
    hid_t creation = plain_creation();
    struct hmz_h5_file file = open_file(path, O_RDWR | O_CREAT);
    hid_t access = driver_access(&file);
    hid_t created = H5Fcreate("x", H5F_ACC_TRUNC, creation, access);
    hid_t group = H5Gcreate2(created, "left open", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    assert_true(H5Fclose(created) < 0);
    H5Gclose(group);
    assert_true(H5Fclose(created) >= 0);
    close(file.fd);
    H5Pclose(access);
    H5Pclose(creation);
    free(path);
}

/* Names of any number: libhdf5 refuses a cache that is too large. */
static void the_cache_has_a_size_that_libhdf5_takes(void **state)
{
    static const uint64_t names[] = {0, 88, 89, 1 << 20, 127 << 20, UINT64_C(1) << 40, UINT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct hmz_error err;
        hid_t access = H5Pcreate(H5P_FILE_ACCESS);
        assert_ok(hmz_h5_limit_cache(access, hmz_h5_heap_bytes(names[i]), &err), err);
        assert_ok(hmz_h5_limit_cache(access, names[i], &err), err);
        H5Pclose(access);
    }
    assert_int_equal(hmz_h5_heap_bytes(88), 88);
    assert_int_equal(hmz_h5_heap_bytes(89), 176);
}

int main(void)
{
    hmz_h5_silence();
    const struct CMUnitTest tests[] = {
        folder_test(writes_what_the_stock_driver_writes),
        folder_test(a_full_disk_at_any_byte_is_survived),
        cmocka_unit_test(a_write_only_device_that_is_full),
        cmocka_unit_test(the_cache_has_a_size_that_libhdf5_takes),
        folder_test(two_files_at_once_and_reading),
        folder_test(a_read_that_fails_is_told_and_kept),
        folder_test(an_object_left_open_fails_the_close),
    };
    return cmocka_run_group_tests_name("h5_driver", tests, NULL, NULL);
}
