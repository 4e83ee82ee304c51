/* SPDX-License-Identifier: MIT */
/* The plan on disk, for the workers and the later steps. Little-endian, sealed (sealed_file.h). */
#include "plan_file.h"

#include <stdlib.h>

#include "hash.h"
#include "path.h"
#include "sealed_file.h"

static const char magic[] = HMZ_PLAN_MAGIC;

void hmz_event_id_put(struct hmz_buffer *to, const struct hmz_event_id *id)
{
    hmz_buffer_put_u32(to, (uint32_t)id->run);
    hmz_buffer_put_u64(to, id->event);
}

struct hmz_event_id hmz_event_id_get(struct hmz_cursor *from)
{
    struct hmz_event_id id = {.run = (int32_t)hmz_cursor_u32(from)};
    id.event = hmz_cursor_u64(from);
    return id;
}

/* Links are content of the output: their texts decide the plan, where it is one of links. */
static void put_run(struct hmz_buffer *to, const struct hmz_plan_run *run, enum hmz_mode mode)
{
    hmz_buffer_put_u32(to, (uint32_t)run->run);
    hmz_buffer_put_text(to, hmz_path_name(run->path));
    if (mode == HMZ_MODE_LINK)
        hmz_buffer_put_text(to, run->link);
    hmz_buffer_put_u64(to, run->identity.bytes);
    hmz_buffer_put_u64(to, (uint64_t)run->identity.mtime_ns);
    hmz_buffer_put_u64(to, run->first);
    hmz_buffer_put_u64(to, run->event_count);
}

static void put_file(struct hmz_buffer *to, const struct hmz_plan_file *file)
{
    hmz_buffer_put_u64(to, file->first);
    hmz_buffer_put_u64(to, file->end);
    hmz_buffer_put_u64(to, file->payload_bytes);
    hmz_buffer_put_u64(to, file->file_bytes);
    for (int mode = 0; mode < HMZ_MODE_COUNT; mode++)
        hmz_buffer_put_u64(to, file->mode_bytes[mode]);
    hmz_event_id_put(to, &file->first_id);
    hmz_event_id_put(to, &file->last_id);
    for (int verdict = 0; verdict < HMZ_SPYRAL_VERDICTS; verdict++)
        hmz_buffer_put_u64(to, file->spyral.events[verdict]);
    hmz_buffer_put_u64(to, file->spyral.dropped);
}

static void put_plan(struct hmz_buffer *to, const struct hmz_plan *plan)
{
    hmz_buffer_put_u32(to, plan->settings.mode);
    hmz_buffer_put_u32(to, plan->settings.frib);
    hmz_buffer_put_u64(to, plan->event_count);
    hmz_buffer_put_u64(to, plan->payload_bytes);
    hmz_buffer_put_u64(to, plan->wanted_files);
    hmz_buffer_put_u64(to, plan->run_count);
    for (size_t i = 0; i < plan->run_count; i++)
        put_run(to, &plan->runs[i], plan->settings.mode);
    hmz_buffer_put_u64(to, plan->file_count);
    for (size_t i = 0; i < plan->file_count; i++)
        put_file(to, &plan->files[i]);
}

int hmz_plan_identify(struct hmz_plan *self, struct hmz_error *err)
{
    struct hmz_buffer content = {0};
    put_plan(&content, self);
    int status = hmz_buffer_check(&content, "a plan", err);
    if (status == HMZ_OK)
        self->id = XXH3_64bits(content.data, content.used);
    hmz_buffer_release(&content);
    return status;
}

int hmz_plan_save(const struct hmz_plan *self, struct hmz_file_at at, struct hmz_error *err)
{
    struct hmz_buffer content = {0};
    hmz_buffer_put_u64(&content, self->id);
    hmz_buffer_put_u8(&content, self->linkable);
    hmz_buffer_put_u64(&content, self->settings.target_bytes);
    hmz_buffer_put_u64(&content, self->settings.harmonic_count);
    hmz_buffer_put_u32(&content, self->settings.processes);
    put_plan(&content, self);
    for (size_t i = 0; i < self->run_count; i++)
        hmz_buffer_put_u64(&content, self->runs[i].index_hash);
    int status = hmz_sealed_save(at, magic, &content, err);
    hmz_buffer_release(&content);
    return status;
}

/* A count that the rest of the file cannot hold is not believed. */
static size_t get_count(struct hmz_cursor *from)
{
    uint64_t count = hmz_cursor_u64(from);
    if (count > (uint64_t)(from->end - from->at)) {
        from->failed = true;
        return 0;
    }
    return (size_t)count;
}

/* NULL too where the name cannot be read: then the cursor has failed. */
static char *get_path(const struct hmz_run_folders *folders, struct hmz_cursor *from)
{
    char *name = hmz_cursor_text(from);
    char *path = name ? hmz_run_folders_path(folders, name) : NULL;
    free(name);
    return path;
}

static int get_runs(struct hmz_plan *plan, const struct hmz_run_folders *folders, struct hmz_cursor *from,
                    struct hmz_error *err)
{
    size_t count = get_count(from);
    plan->runs = calloc(count ? count : 1, sizeof *plan->runs);
    if (!plan->runs)
        return hmz_fail_nomem(err, "a plan");
    for (; plan->run_count < count && !from->failed; plan->run_count++) {
        struct hmz_plan_run *run = &plan->runs[plan->run_count];
        run->run = (int32_t)hmz_cursor_u32(from);
        run->path = get_path(folders, from);
        if (!run->path && !from->failed)
            return hmz_fail_nomem(err, "a plan");
        run->link = plan->settings.mode == HMZ_MODE_LINK ? hmz_cursor_text(from) : NULL;
        run->identity.bytes = hmz_cursor_u64(from);
        run->identity.mtime_ns = (int64_t)hmz_cursor_u64(from);
        run->first = hmz_cursor_u64(from);
        run->event_count = hmz_cursor_u64(from);
    }
    return HMZ_OK;
}

static int get_files(struct hmz_plan *plan, struct hmz_cursor *from, struct hmz_error *err)
{
    size_t count = get_count(from);
    plan->files = calloc(count ? count : 1, sizeof *plan->files);
    if (!plan->files)
        return hmz_fail_nomem(err, "a plan");
    for (; plan->file_count < count && !from->failed; plan->file_count++) {
        struct hmz_plan_file *file = &plan->files[plan->file_count];
        file->first = hmz_cursor_u64(from);
        file->end = hmz_cursor_u64(from);
        file->payload_bytes = hmz_cursor_u64(from);
        file->file_bytes = hmz_cursor_u64(from);
        for (int mode = 0; mode < HMZ_MODE_COUNT; mode++)
            file->mode_bytes[mode] = hmz_cursor_u64(from);
        file->first_id = hmz_event_id_get(from);
        file->last_id = hmz_event_id_get(from);
        for (int verdict = 0; verdict < HMZ_SPYRAL_VERDICTS; verdict++)
            file->spyral.events[verdict] = hmz_cursor_u64(from);
        file->spyral.dropped = hmz_cursor_u64(from);
    }
    return HMZ_OK;
}

static int get_plan(struct hmz_plan *plan, const struct hmz_run_folders *folders, struct hmz_cursor *from,
                    struct hmz_error *err)
{
    plan->id = hmz_cursor_u64(from);
    plan->linkable = hmz_cursor_u8(from) != 0;
    plan->settings.target_bytes = hmz_cursor_u64(from);
    plan->settings.harmonic_count = hmz_cursor_u64(from);
    plan->settings.processes = hmz_cursor_u32(from);
    plan->settings.mode = hmz_cursor_u32(from) ? HMZ_MODE_LINK : HMZ_MODE_COPY;
    plan->settings.frib = hmz_cursor_u32(from) ? HMZ_FRIB_KEEP : HMZ_FRIB_SET_ASIDE;
    plan->event_count = hmz_cursor_u64(from);
    plan->payload_bytes = hmz_cursor_u64(from);
    plan->wanted_files = hmz_cursor_u64(from);
    int status = get_runs(plan, folders, from, err);
    if (status == HMZ_OK)
        status = get_files(plan, from, err);
    for (size_t i = 0; status == HMZ_OK && i < plan->run_count; i++)
        plan->runs[i].index_hash = hmz_cursor_u64(from);
    return status;
}

int hmz_plan_load(struct hmz_file_at at, const struct hmz_run_folders *folders, struct hmz_plan **plan_out,
                  struct hmz_error *err)
{
    uint8_t *bytes;
    struct hmz_cursor cursor;
    int status = hmz_sealed_load(at, magic, &bytes, &cursor, err);
    if (status != HMZ_OK)
        return status;
    struct hmz_plan *plan = calloc(1, sizeof *plan);
    status = plan ? get_plan(plan, folders, &cursor, err) : hmz_fail_nomem(err, "a plan");
    if (status == HMZ_OK && (cursor.failed || cursor.at != cursor.end))
        status = hmz_sealed_broken(at, err);
    free(bytes);
    if (status != HMZ_OK) {
        hmz_plan_free(plan);
        return status;
    }
    *plan_out = plan;
    return HMZ_OK;
}
