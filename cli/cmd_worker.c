/* SPDX-License-Identifier: MIT */
/* The hidden command of the worker processes (lib/jobs/pool.h):
 *
 *     harmonizer worker STALL_SECONDS scan RUN RUN_PATH INDEX_PATH
 *     harmonizer worker STALL_SECONDS plan REQUEST_PATH PLAN_PATH
 *     harmonizer worker STALL_SECONDS write HARMONIC_PATH NUMBER MERGER_PATH skip|stop
 *     harmonizer worker STALL_SECONDS compare HARMONIC_PATH STATE_FOLDER NUMBER MERGER_PATH
 *     harmonizer worker STALL_SECONDS hash PATH XXH3_128
 *     harmonizer worker STALL_SECONDS find PATH EVENT_COUNT RUN EVENT
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "compare_run.h"
#include "file_hash.h"
#include "find.h"
#include "find_event.h"
#include "h5_error.h"
#include "h5_library.h"
#include "h5_memory.h"
#include "harmonic_file.h"
#include "plan_file.h"
#include "plan_request.h"
#include "posix_io.h"
#include "scan.h"
#include "state.h"
#include "worker.h"

static int scan(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    const struct hmz_scan_request request = {.run = (int32_t)strtol(opts->args[2], NULL, 10),
                                             .run_path = opts->args[3],
                                             .index_path = opts->args[4],
                                             .tick = hmz_worker_tick(worker)};
    return hmz_scan_run(&request, err);
}

static int make_plan(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    return hmz_plan_make(opts->args[2], opts->args[3], hmz_worker_tick(worker), err);
}

/* The plan, which must have harmonic run `number`. */
static int load_plan(const struct hmz_state *state, const char *merger_path, size_t number,
                     struct hmz_plan **plan_out, struct hmz_error *err)
{
    char *path = hmz_state_plan_path(state);
    int status = path ? hmz_plan_load(path, merger_path, plan_out, err) : hmz_fail_nomem(err, "a path");
    if (status == HMZ_END)
        status = hmz_fail(err, HMZ_E_FAILED, "%s: missing", path);
    free(path);
    if (status == HMZ_OK && number >= (*plan_out)->file_count)
        status = hmz_fail(err, HMZ_E_FAILED, "the plan has no harmonic run %zu", number);
    return status;
}

static int write_run(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    struct hmz_state state;
    struct hmz_plan *plan = NULL;
    size_t number = strtoul(opts->args[3], NULL, 10);
    int status = hmz_state_open(&state, opts->args[2], HMZ_LOCK_NONE, err);
    if (status != HMZ_OK)
        return status;
    status = load_plan(&state, opts->args[4], number, &plan, err);
    const struct hmz_harmonic_task task = {.state = &state,
                                           .plan = plan,
                                           .number = number,
                                           .tick = hmz_worker_tick(worker),
                                           .skip_bad = strcmp(opts->args[5], "skip") == 0};
    if (status == HMZ_OK)
        status = hmz_harmonic_file_write(&task, err);
    hmz_plan_free(plan);
    hmz_state_close(&state);
    return status;
}

/* Leaves what differs in the state folder, and the checksums for the tables. */
static int save_comparison(const struct hmz_state *state, size_t number,
                           const struct hmz_differences *differences, const struct hmz_written *written,
                           struct hmz_error *err)
{
    char *differences_path = hmz_state_differences_path(state, number);
    char *written_path = hmz_state_written_path(state, number);
    int status = differences_path && written_path ? HMZ_OK : hmz_fail_nomem(err, "a path");
    if (status == HMZ_OK)
        status = hmz_differences_save(differences, differences_path, err);
    if (status == HMZ_OK)
        status = hmz_written_save(written, written_path, err);
    free(differences_path);
    free(written_path);
    return status;
}

static int compare_run(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    struct hmz_state state;
    struct hmz_plan *plan = NULL;
    struct hmz_differences differences = {0};
    struct hmz_written written = {0};
    size_t number = strtoul(opts->args[4], NULL, 10);
    int status = hmz_state_open_at(&state, opts->args[2], opts->args[3], err);
    if (status != HMZ_OK)
        return status;
    status = load_plan(&state, opts->args[5], number, &plan, err);
    const struct hmz_compare_task task = {
        .state = &state, .plan = plan, .number = number, .tick = hmz_worker_tick(worker)};
    if (status == HMZ_OK)
        status = hmz_compare_run(&task, &differences, &written, err);
    if (status == HMZ_OK)
        status = save_comparison(&state, number, &differences, &written, err);
    hmz_differences_release(&differences);
    hmz_written_release(&written);
    hmz_plan_free(plan);
    hmz_state_close(&state);
    return status;
}

static int hash_file(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    int fd;
    uint64_t length;
    struct hmz_file_hash hash;
    const struct hmz_tick tick = hmz_worker_tick(worker);
    int status = hmz_io_open(opts->args[2], O_RDONLY, 0, &fd, err);
    if (status != HMZ_OK)
        return status;
    status = hmz_io_length(fd, &length, err);
    if (status == HMZ_OK)
        status = hmz_file_hash_take(fd, length, &tick, &hash, err);
    close(fd); /* only read */
    if (status == HMZ_OK && strcmp(hmz_file_hash_text(hash).text, opts->args[3]) != 0)
        status = hmz_fail(err, HMZ_E_DAMAGED, "XXH3-128 is %s, the manifest says %s",
                          hmz_file_hash_text(hash).text, opts->args[3]);
    return status;
}

static int find_event(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    const struct hmz_plan_place wanted = {.run = (int32_t)strtol(opts->args[4], NULL, 10),
                                          .event = strtoull(opts->args[5], NULL, 10)};
    uint64_t found = HMZ_FIND_NOWHERE;
    int status = hmz_find_event(opts->args[2], strtoull(opts->args[3], NULL, 10), &wanted, &found, err);
    hmz_worker_answer(worker, found);
    return status == HMZ_END ? HMZ_OK : status;
}

static const struct task {
    const char *name;
    int words;
    int (*run)(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err);
} tasks[] = {{"scan", 5, scan},           {"plan", 4, make_plan}, {"write", 6, write_run},
             {"compare", 6, compare_run}, {"hash", 4, hash_file}, {"find", 6, find_event}};

static int run_task(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    int status = hmz_h5_library_check(err);
    if (status != HMZ_OK)
        return status;
    hmz_h5_silence();
    status = hmz_h5_limit_free_lists(err);
    if (status != HMZ_OK)
        return status;
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++)
        if (strcmp(tasks[i].name, opts->args[1]) == 0 && tasks[i].words == opts->arg_count)
            return tasks[i].run(opts, worker, err);
    return hmz_fail(err, HMZ_E_USAGE, "unknown task %s", opts->args[1]);
}

int hmz_cmd_worker(const struct hmz_command_input *input, struct hmz_error *err)
{
    const struct hmz_opts *opts = input->opts;
    struct hmz_worker *worker;
    if (opts->arg_count < 2)
        return hmz_fail(err, HMZ_E_USAGE, "worker is a hidden command");
    int status = hmz_worker_begin((uint32_t)strtoul(opts->args[0], NULL, 10), &worker, err);
    if (status != HMZ_OK)
        return status;
    status = run_task(opts, worker, err);
    hmz_worker_report(worker, status, err);
    return status;
}
