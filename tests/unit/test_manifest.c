/* SPDX-License-Identifier: MIT */
#include "test_support.h"

#include <fcntl.h>
#include <unistd.h>

#include "manifest.h"

static void fill(struct hmz_manifest *manifest)
{
    struct hmz_error err;
    struct hmz_manifest_config *config = &manifest->config;
    config->harmonic_path = strdup("/data/\xff latin");
    config->settings.target_bytes = 10000000000;
    assert_ok(hmz_run_folders_add(&config->merger, "/data/\"merged\"/\xc3\xa4", &err), err);
    const struct hmz_run_range range = {55, INT32_MAX};
    assert_ok(hmz_run_selection_add_range(&config->selection, range, &err), err);
    assert_ok(hmz_run_selection_add_skipped(&config->selection, 0, &err), err);
    assert_ok(hmz_run_selection_add_skipped(&config->selection, 57, &err), err);
    *hmz_manifest_add_input(manifest) =
        (struct hmz_manifest_input){.run = 55,
                                    .file = strdup("run_0055.h5"),
                                    .folder = strdup("/data/other"),
                                    .identity = {.bytes = INT64_MAX, .mtime_ns = 1700000000123456789}};
    for (int i = 0; i < 5; i++)
        *hmz_manifest_add_output(manifest) = (struct hmz_manifest_output){.file = strdup("run_0000.h5"),
                                                                          .bytes = 1,
                                                                          .is_run = i < 4,
                                                                          .events = 7,
                                                                          .first = {55, 0},
                                                                          .last = {56, INT64_MAX},
                                                                          .hash = {UINT64_MAX, (uint64_t)i}};
    *hmz_manifest_add_skipped(manifest) = (struct hmz_skipped){
        .run = 55, .kind = HMZ_SKIPPED_EVENT, .number = 9, .reason = strdup("torn\nin two")};
    *hmz_manifest_add_skipped(manifest) =
        (struct hmz_skipped){.run = 56, .kind = HMZ_SKIPPED_SCALER, .number = 3, .reason = strdup("x")};
    *hmz_manifest_add_skipped(manifest) =
        (struct hmz_skipped){.run = 57, .kind = HMZ_SKIPPED_RUN, .reason = strdup("y")};
}

static struct hmz_file_at save(const struct hmz_folder *folder)
{
    struct hmz_error err;
    struct hmz_manifest manifest = {0};
    const struct hmz_file_at at = hmz_file_in(folder, HMZ_MANIFEST_NAME);
    fill(&manifest);
    assert_ok(hmz_manifest_save(&manifest, hmz_file_in(folder, "part"), at, &err), err);
    hmz_manifest_release(&manifest);
    return at;
}

static void it_comes_back(void **state)
{
    struct hmz_error err;
    struct hmz_manifest found;
    struct hmz_folder folder = test_folder(state);
    const struct hmz_file_at at = save(&folder);
    assert_ok(hmz_manifest_load(&found, at, &err), err);
    assert_int_equal(found.config.merger.count, 1);
    assert_string_equal(found.config.merger.paths[0], "/data/\"merged\"/\xc3\xa4");
    assert_string_equal(found.config.harmonic_path, "/data/\xc3\xbf latin"); /* no UTF-8: shown as Latin-1 */
    assert_true(found.config.settings.target_bytes == 10000000000 &&
                found.config.settings.harmonic_count == 0);
    assert_true(found.config.selection.skip_count == 2 && found.config.selection.skip_runs[1] == 57);
    assert_true(found.input_count == 1 && found.inputs[0].identity.mtime_ns == 1700000000123456789);
    assert_true(found.output_count == 5 && found.outputs[3].is_run && !found.outputs[4].is_run);
    assert_true(found.outputs[2].hash.high == UINT64_MAX && found.outputs[2].hash.low == 2);
    assert_true(found.outputs[0].last.run == 56 && found.outputs[0].last.event == INT64_MAX);
    assert_true(found.skipped_count == 3 && found.skipped[0].kind == HMZ_SKIPPED_EVENT);
    assert_true(found.skipped[1].kind == HMZ_SKIPPED_SCALER && found.skipped[1].number == 3);
    assert_string_equal(found.skipped[0].reason, "torn\\x0ain two"); /* as it is shown */
    hmz_manifest_release(&found);
    hmz_folder_close(&folder);
}

static void every_changed_bit_is_found(void **state)
{
    struct hmz_error err;
    struct hmz_manifest found;
    uint8_t *bytes;
    size_t length;
    struct hmz_folder folder = test_folder(state);
    const struct hmz_file_at at = save(&folder);
    assert_ok(hmz_file_read(at, 1000000, &bytes, &length, &err), err);
    /* In place: a file cut to nothing and written again goes to the disk each time. */
    int fd = openat(folder.fd, at.name, O_WRONLY);
    assert_true(fd >= 0);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        const uint8_t *byte = bytes + bit / 8;
        const uint8_t changed = (uint8_t)(*byte ^ 1u << bit % 8);
        assert_int_equal(pwrite(fd, &changed, 1, (off_t)(bit / 8)), 1);
        if (hmz_manifest_load(&found, at, &err) != HMZ_E_DAMAGED)
            fail_msg("bit %zu changed: not noticed", bit);
        assert_int_equal(pwrite(fd, byte, 1, (off_t)(bit / 8)), 1);
    }
    assert_ok(hmz_manifest_load(&found, at, &err), err);
    hmz_manifest_release(&found);
    assert_int_equal(close(fd), 0);
    free(bytes);
    hmz_folder_close(&folder);
}

static void no_manifest_is_no_error(void **state)
{
    struct hmz_error err;
    struct hmz_manifest found;
    struct hmz_folder folder = test_folder(state);
    const struct hmz_file_at at = hmz_file_in(&folder, HMZ_MANIFEST_NAME);
    assert_int_equal(hmz_manifest_load(&found, at, &err), HMZ_END);
    hmz_folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(it_comes_back),
        folder_test(every_changed_bit_is_found),
        folder_test(no_manifest_is_no_error),
    };
    return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
