/* SPDX-License-Identifier: MIT */
/* The hidden command of the worker processes (lib/process/pool.h):
 *
 *     harmonizer worker STALL_SECONDS scan RUN RUN_PATH HARMONIC_PATH SCRATCH INDEX_NAME
 *     harmonizer worker STALL_SECONDS sums RUN_PATH HARMONIC_PATH SCRATCH INDEX_NAME SUMS_NAME set_aside|keep
 *     harmonizer worker STALL_SECONDS write HARMONIC_PATH NUMBER MERGER_PATH skip|stop
 *     harmonizer worker STALL_SECONDS compare HARMONIC_PATH SCRATCH NUMBER MERGER_PATH
 *     harmonizer worker STALL_SECONDS hash PATH XXH3_128
 *     harmonizer worker STALL_SECONDS find PATH EVENT_COUNT RUN EVENT
 *
 * SCRATCH: the folder that a dry run keeps its state in; empty for the state folder itself.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "compare_run.h"
#include "event_sums.h"
#include "file_hash.h"
#include "h5_error.h"
#include "h5_library.h"
#include "h5_memory.h"
#include "harmonic_file.h"
#include "plan_file.h"
#include "posix_io.h"
#include "scan.h"
#include "state.h"
#include "worker.h"

static int scan(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    struct hmz_state state;
    int status = hmz_state_look(&state, opts->args[4], opts->args[5], err);
    if (status != HMZ_OK)
        return status;
    const struct hmz_scan_request request = {.run = (int32_t)strtol(opts->args[2], NULL, 10),
                                             .run_path = opts->args[3],
                                             .index = hmz_file_in(&state.folder, "%s", opts->args[6]),
                                             .tick = hmz_worker_tick(worker)};
    status = hmz_scan_run(&request, err);
    hmz_state_close(&state);
    return status;
}

static int take_sums(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    struct hmz_state state;
    int status = hmz_state_look(&state, opts->args[3], opts->args[4], err);
    if (status != HMZ_OK)
        return status;
    const struct hmz_event_sums_request request = {
        .run_path = opts->args[2],
        .index = hmz_file_in(&state.folder, "%s", opts->args[5]),
        .out = hmz_file_in(&state.folder, "%s", opts->args[6]),
        .frib = strcmp(opts->args[7], "keep") == 0 ? HMZ_FRIB_KEEP : HMZ_FRIB_SET_ASIDE,
        .tick = hmz_worker_tick(worker)};
    status = hmz_event_sums_take(&request, err);
    hmz_state_close(&state);
    return status;
}

/* The plan, which must have harmonic run `number`. `folders`: of the merged runs, as one word. */
static int load_plan(const struct hmz_state *state, const char *folders, size_t number,
                     struct hmz_plan **plan_out, struct hmz_error *err)
{
    struct hmz_run_folders unpacked;
    int status = hmz_run_folders_unpack(folders, &unpacked, err);
    if (status == HMZ_OK)
        status = hmz_plan_load(hmz_state_plan(state), &unpacked, plan_out, err);
    hmz_run_folders_release(&unpacked);
    if (status == HMZ_END)
        status = hmz_fail(err, HMZ_E_FAILED, "%s: the plan is missing", state->folder.path);
    if (status == HMZ_OK && number >= (*plan_out)->file_count)
        status = hmz_fail(err, HMZ_E_FAILED, "the plan has no harmonic run %zu", number);
    return status;
}

static int write_run(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    struct hmz_state state;
    struct hmz_plan *plan = NULL;
    size_t number = strtoul(opts->args[3], NULL, 10);
    int status = hmz_state_look(&state, opts->args[2], NULL, err);
    if (status != HMZ_OK)
        return status;
    status = load_plan(&state, opts->args[4], number, &plan, err);
    const struct hmz_harmonic_task task = {.state = &state,
                                           .plan = plan,
                                           .number = number,
                                           .tick = hmz_worker_tick(worker),
                                           .skip_bad = strcmp(opts->args[5], "skip") == 0};
    if (status == HMZ_OK)
        status = hmz_harmonic_run_write(&task, err);
    hmz_plan_free(plan);
    hmz_state_close(&state);
    return status;
}

/* Leaves what differs in the state folder, and the checksums for the tables. */
static int save_comparison(const struct hmz_state *state, size_t number,
                           const struct hmz_differences *differences, const struct hmz_written *written,
                           struct hmz_error *err)
{
    int status = hmz_differences_save(differences, hmz_state_differences(state, number), err);
    return status == HMZ_OK ? hmz_written_save(written, hmz_state_written(state, number), err) : status;
}

static int compare_run(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    struct hmz_state state;
    struct hmz_plan *plan = NULL;
    struct hmz_differences differences = {0};
    struct hmz_written written = {0};
    size_t number = strtoul(opts->args[4], NULL, 10);
    int status = hmz_state_look(&state, opts->args[2], opts->args[3], err);
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

/* A file of the set; whoever asked for it names it. */
static int open_file(const char *path, int *fd_out, struct hmz_error *err)
{
    int status = hmz_io_open_regular(path, fd_out, err);
    return status == HMZ_END ? hmz_fail(err, HMZ_E_FAILED, "is missing") : status;
}

static int hash_file(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err)
{
    int fd;
    uint64_t length;
    struct hmz_file_hash hash;
    const struct hmz_tick tick = hmz_worker_tick(worker);
    int status = open_file(opts->args[2], &fd, err);
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

static const struct task {
    const char *name;
    int words;
    int (*run)(const struct hmz_opts *opts, struct hmz_worker *worker, struct hmz_error *err);
} tasks[] = {{"scan", 7, scan},
             {"sums", 8, take_sums},
             {"write", 6, write_run},
             {"compare", 6, compare_run},
             {"hash", 4, hash_file}};

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
