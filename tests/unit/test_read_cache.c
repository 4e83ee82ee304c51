/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include <errno.h>
#include <fcntl.h>

#include "path.h"
#include "posix_io.h"
#include "read_cache.h"

/* No whole number of pages, and more pages than the cache has room for. */
enum { FILE_BYTES = 70 * 4096 * 2 + 1234, READS = 20000 };

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static uint8_t *write_file(const char *path, int *fd)
{
    struct hmz_error err;
    uint32_t random = 1;
    uint8_t *bytes = malloc(FILE_BYTES);
    assert_non_null(bytes);
    for (size_t i = 0; i < FILE_BYTES; i++)
        bytes[i] = (uint8_t)next_random(&random);
    assert_ok(hmz_io_open(path, O_RDWR | O_CREAT, 0666, fd, &err), err);
    assert_ok(hmz_io_write_at(*fd, bytes, FILE_BYTES, 0, &err), err);
    return bytes;
}

static void reads_are_those_of_the_file(void **state)
{
    struct hmz_error err;
    struct hmz_read_cache *cache;
    int fd;
    uint32_t random = 7;
    char *path = hmz_path_join(*state, "x");
    uint8_t *bytes = write_file(path, &fd);
    assert_ok(hmz_read_cache_new(fd, &cache, &err), err);
    for (int i = 0; i < READS; i++) {
        uint8_t found[12000];
        size_t got;
        uint64_t offset = next_random(&random) % (FILE_BYTES + 5000);
        size_t length = next_random(&random) % (i % 10 ? 600 : sizeof found);
        size_t there = offset < FILE_BYTES ? FILE_BYTES - (size_t)offset : 0;
        size_t wanted = length < there ? length : there;
        assert_int_equal(hmz_read_cache_read(cache, found, length, offset, &got), 0);
        assert_int_equal(got, wanted);
        if (wanted)
            assert_memory_equal(found, bytes + offset, wanted);
    }
    hmz_read_cache_free(cache);
    close(fd);
    free(bytes);
    free(path);
}

static void a_failed_read_is_told_and_not_kept(void **state)
{
    struct hmz_error err;
    struct hmz_read_cache *cache;
    int fd;
    int good;
    uint8_t found[10];
    size_t got;
    char *path = hmz_path_join(*state, "x");
    uint8_t *bytes = write_file(path, &good);
    assert_ok(hmz_io_open(path, O_WRONLY, 0, &fd, &err), err);
    assert_ok(hmz_read_cache_new(fd, &cache, &err), err);
    assert_int_equal(hmz_read_cache_read(cache, found, sizeof found, 5000, &got), EBADF);
    assert_int_equal(dup2(good, fd), fd);
    assert_int_equal(hmz_read_cache_read(cache, found, sizeof found, 5000, &got), 0);
    assert_int_equal(got, sizeof found);
    assert_memory_equal(found, bytes + 5000, sizeof found);
    hmz_read_cache_free(cache);
    close(fd);
    close(good);
    free(bytes);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(reads_are_those_of_the_file),
        folder_test(a_failed_read_is_told_and_not_kept),
    };
    return cmocka_run_group_tests_name("read_cache", tests, NULL, NULL);
}
