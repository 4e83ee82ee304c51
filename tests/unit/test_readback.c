/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include <fcntl.h>

#include "hash.h"
#include "path.h"
#include "posix_io.h"
#include "readback.h"

enum { FILE_BYTES = 3000000 };

/* Events as in a harmonic run: two pieces each, of which the smaller may lie before the larger of another. */
static const struct {
    uint64_t offset, bytes, small_offset;
} events[] = {{100, 600000, 50}, {700000, 1, 60}, {700010, 1200000, 1900020}, {2000000, 900000, 2900001}};
enum { EVENTS = sizeof events / sizeof *events, SMALL_BYTES = 8 };

static uint8_t *make_bytes(void)
{
    uint8_t *bytes = malloc(FILE_BYTES);
    assert_non_null(bytes);
    for (uint32_t i = 0; i < FILE_BYTES; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 24);
    return bytes;
}

static struct hmz_readback *note_all(const uint8_t *bytes)
{
    struct hmz_error err;
    struct hmz_readback *readback;
    XXH3_state_t *hash = XXH3_createState();
    assert_ok(hmz_readback_new(&readback, &err), err);
    for (size_t i = 0; i < EVENTS; i++) {
        XXH3_64bits_reset(hash);
        XXH3_64bits_update(hash, bytes + events[i].small_offset, SMALL_BYTES);
        XXH3_64bits_update(hash, bytes + events[i].offset, events[i].bytes);
        hmz_readback_note(readback, events[i].small_offset, SMALL_BYTES);
        hmz_readback_note(readback, events[i].offset, events[i].bytes);
        hmz_readback_note_end(readback, XXH3_64bits_digest(hash));
    }
    XXH3_freeState(hash);
    return readback;
}

static int run(const char *folder, struct hmz_readback *readback, const uint8_t *bytes, uint64_t length,
               struct hmz_file_hash *hash, struct hmz_error *err)
{
    const struct hmz_tick nobody = {0};
    char *path = hmz_path_join(folder, "x");
    int fd;
    assert_ok(hmz_io_open(path, O_RDWR | O_CREAT | O_TRUNC, 0666, &fd, err), *err);
    assert_ok(hmz_io_write_at(fd, bytes, length, 0, err), *err);
    int status = hmz_readback_run(readback, fd, length, &nobody, hash, err);
    close(fd);
    free(path);
    return status;
}

static void a_good_file_passes_with_its_hash(void **state)
{
    struct hmz_error err;
    struct hmz_file_hash hash;
    uint8_t *bytes = make_bytes();
    struct hmz_readback *readback = note_all(bytes);
    assert_ok(run(*state, readback, bytes, FILE_BYTES, &hash, &err), err);
    XXH128_hash_t wanted = XXH3_128bits(bytes, FILE_BYTES);
    assert_true(hash.high == wanted.high64 && hash.low == wanted.low64);
    hmz_readback_free(readback);
    free(bytes);
}

static void one_wrong_bit_in_any_event_is_found(void **state)
{
    uint8_t *bytes = make_bytes();
    struct hmz_readback *readback = note_all(bytes);
    for (size_t i = 0; i < EVENTS; i++) {
        const uint64_t offsets[] = {events[i].offset, events[i].offset + events[i].bytes - 1,
                                    events[i].small_offset};
        for (size_t k = 0; k < 3; k++) {
            struct hmz_error err;
            struct hmz_file_hash hash;
            char name[32];
            snprintf(name, sizeof name, "event_%zu: checksum", i);
            bytes[offsets[k]] ^= 4;
            assert_fails(run(*state, readback, bytes, FILE_BYTES, &hash, &err), HMZ_E_FAILED, name, err);
            bytes[offsets[k]] ^= 4;
        }
    }
    hmz_readback_free(readback);
    free(bytes);
}

static void a_file_that_is_too_short_is_found(void **state)
{
    struct hmz_error err;
    struct hmz_file_hash hash;
    uint8_t *bytes = make_bytes();
    struct hmz_readback *readback = note_all(bytes);
    assert_fails(run(*state, readback, bytes, 2899999, &hash, &err), HMZ_E_FAILED,
                 "event_3: data end at byte 2900009, the file at 2899999", err);
    hmz_readback_free(readback);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_good_file_passes_with_its_hash),
        folder_test(one_wrong_bit_in_any_event_is_found),
        folder_test(a_file_that_is_too_short_is_found),
    };
    return cmocka_run_group_tests_name("readback", tests, NULL, NULL);
}
