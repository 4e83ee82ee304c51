/* SPDX-License-Identifier: MIT */
/* Any bytes as the small files of the state folder and as the manifest. The first byte says which (P: plan,
 * U: events that cannot be read, W: note of a written run, M: manifest); the rest gets the magic word and the
 * checksum that the reader asks for, or the last line of a manifest. */
#include "fuzz_target.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fuzz_file.h"
#include "hash.h"
#include "manifest.h"
#include "plan_file.h"
#include "unreadable.h"
#include "written.h"

static void seal(struct hmz_buffer *file, const char *magic, const struct hmz_cursor *content)
{
    hmz_buffer_put(file, magic, 8);
    hmz_buffer_put(file, content->at, (size_t)(content->end - content->at));
    hmz_buffer_put_u64(file, XXH3_64bits(file->data, file->used));
}

static int read_plan(struct hmz_buffer *file, const struct hmz_cursor *content, struct hmz_error *err)
{
    seal(file, HMZ_PLAN_MAGIC, content);
    struct hmz_fuzz_file there = hmz_fuzz_file_new(file->data, file->used);
    struct hmz_plan *plan = NULL;
    char *path = (char[]){"/merged"};
    const struct hmz_run_folders folders = {.paths = &path, .count = 1, .text = path};
    int status = hmz_plan_load(there.at, &folders, &plan, err);
    if (status == HMZ_OK) {
        for (size_t i = 0; i < plan->run_count; i++)
            assert(plan->runs[i].path && (plan->settings.mode == HMZ_MODE_COPY || plan->runs[i].link));
        status = hmz_plan_identify(plan, err);
    }
    hmz_plan_free(plan);
    hmz_fuzz_file_close(&there);
    return status;
}

static int read_unreadable(struct hmz_buffer *file, const struct hmz_cursor *content, struct hmz_error *err)
{
    seal(file, HMZ_UNREADABLE_MAGIC, content);
    struct hmz_fuzz_file there = hmz_fuzz_file_new(file->data, file->used);
    struct hmz_unreadable list;
    int status = hmz_unreadable_load(&list, there.at, err);
    for (size_t i = 0; status == HMZ_OK && i < list.count; i++)
        assert(list.items[i].reason && hmz_unreadable_has(&list, &list.items[i].id));
    hmz_unreadable_release(&list);
    hmz_fuzz_file_close(&there);
    return status;
}

static int read_written(struct hmz_buffer *file, const struct hmz_cursor *content, struct hmz_error *err)
{
    seal(file, HMZ_WRITTEN_MAGIC, content);
    struct hmz_fuzz_file there = hmz_fuzz_file_new(file->data, file->used);
    struct hmz_written written = {0};
    int status = hmz_written_load(&written, there.at, err);
    uint64_t sum = 0;
    for (uint64_t i = 0; status == HMZ_OK && i < written.event_count; i++)
        sum += written.checksums[i];
    hmz_written_release(&written);
    hmz_fuzz_file_close(&there);
    return sum == 1 ? HMZ_OK : status;
}

static int read_manifest(struct hmz_buffer *file, const struct hmz_cursor *content, struct hmz_error *err)
{
    char line[80];
    hmz_buffer_put(file, content->at, (size_t)(content->end - content->at));
    XXH128_hash_t hash = XXH3_128bits(file->data, file->used);
    snprintf(line, sizeof line, "\"xxh3_128\": \"%016" PRIx64 "%016" PRIx64 "\"}\n", hash.high64, hash.low64);
    hmz_buffer_put(file, line, strlen(line));
    struct hmz_fuzz_file there = hmz_fuzz_file_new(file->data, file->used);
    struct hmz_manifest manifest;
    int status = hmz_manifest_load(&manifest, there.at, err);
    for (size_t i = 0; status == HMZ_OK && i < manifest.output_count; i++)
        assert(manifest.outputs[i].file);
    for (size_t i = 0; status == HMZ_OK && i < manifest.input_count; i++)
        assert(manifest.inputs[i].file);
    hmz_manifest_release(&manifest);
    hmz_fuzz_file_close(&there);
    return status;
}

static int read_one(uint8_t which, struct hmz_buffer *file, const struct hmz_cursor *content,
                    struct hmz_error *err)
{
    switch (which) {
    case 'P':
        return read_plan(file, content, err);
    case 'U':
        return read_unreadable(file, content, err);
    case 'W':
        return read_written(file, content, err);
    default:
        return read_manifest(file, content, err);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hmz_cursor content = hmz_cursor_over(data, size);
    uint8_t which = hmz_cursor_u8(&content);
    struct hmz_buffer file = {0};
    struct hmz_error err;
    int status = read_one(which, &file, &content, &err);
    if (status != HMZ_OK)
        hmz_fuzz_check_refused(status, &err);
    hmz_buffer_release(&file);
    return 0;
}
