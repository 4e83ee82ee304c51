/* SPDX-License-Identifier: MIT */
/* The pool starts this very test program as its worker, with tasks that go well, fail, crash, hang. */
#include "test_support.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include "pool.h"
#include "worker.h"

enum { STALL_SECONDS = 1 };

static char own_path[PATH_MAX];

/* ---- the worker's side ---- */

/* Without a sanitizer's own handler. */
static void crash(void)
{
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
}

static int leaves_with; /* exit code */

static int work(const char *task, struct hmz_worker *worker, struct hmz_error *err)
{
    const struct hmz_tick tick = hmz_worker_tick(worker);
    if (strcmp(task, "count") == 0)
        for (int i = 0; i < 1000; i++)
            hmz_tick(&tick, 1, 10);
    else if (strcmp(task, "fail") == 0)
        return hmz_fail(err, HMZ_E_SPACE, "the disk is full");
    else if (strcmp(task, "crash") == 0)
        crash();
    else if (strcmp(task, "killed") == 0)
        raise(SIGKILL);
    else if (strcmp(task, "signalled") == 0)
        return raise(SIGTERM) + raise(SIGINT) + raise(SIGHUP);
    else if (strcmp(task, "silent") == 0)
        _exit(0);
    else if (strcmp(task, "loop") == 0)
        for (volatile uint64_t i = 0;; i++)
            ;
    else if (strcmp(task, "wait") == 0)
        sleep(60);
    else if (strcmp(task, "leak") == 0)
        leaves_with = 23;
    return HMZ_OK;
}

static int worker_main(int argc, char **argv)
{
    struct hmz_error err;
    struct hmz_worker *worker;
    if (argc < 4 || hmz_worker_begin(STALL_SECONDS, &worker, &err) != HMZ_OK)
        return 1;
    hmz_worker_report(worker, work(argv[3], worker, &err), &err);
    return leaves_with;
}

/* ---- the parent's side ---- */

struct counted {
    uint64_t events, bytes;
};

static void count(void *data, uint64_t task_events, uint64_t bytes)
{
    struct counted *self = data;
    self->events += task_events;
    self->bytes += bytes;
}

static struct hmz_pool_options options_for(uint32_t jobs, enum hmz_pool_policy policy)
{
    return (struct hmz_pool_options){
        .program = own_path, .jobs = jobs, .stall_seconds = STALL_SECONDS, .policy = policy};
}

static void every_task_is_done_and_counted(void **state)
{
    struct hmz_error err;
    struct counted counted = {0};
    struct hmz_pool_task tasks[20];
    (void)state;
    for (size_t i = 0; i < 20; i++)
        tasks[i] = (struct hmz_pool_task){.words = {"count"}, .name = "x"};
    struct hmz_pool_options options = options_for(3, HMZ_POOL_KEEP_GOING);
    options.progress = count;
    options.progress_data = &counted;
    assert_ok(hmz_pool_run(&options, tasks, 20, &err), err);
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(tasks[i].result.status, HMZ_OK);
    assert_true(counted.events == 20000 && counted.bytes == 200000);
}

static void bad_workers_are_named_and_the_others_go_on(void **state)
{
    static const struct {
        const char *task;
        int status;
        const char *text;
    } cases[] = {
        {"count", HMZ_OK, ""},
        {"fail", HMZ_E_SPACE, "the disk is full"},
        {"crash", HMZ_E_FAILED, "signal 11"},
        {"killed", HMZ_E_FAILED, "signal 9"},
        {"silent", HMZ_E_FAILED, "without a report"},
        {"loop", HMZ_E_FAILED, "no progress for 1 s"},
        {"leak", HMZ_E_FAILED, "reported that all went well, but ended with code 23"},
        {"count", HMZ_OK, ""},
    };
    enum { CASES = sizeof cases / sizeof *cases };
    struct hmz_error err;
    struct hmz_pool_task tasks[CASES];
    (void)state;
    for (size_t i = 0; i < CASES; i++)
        tasks[i] = (struct hmz_pool_task){.words = {cases[i].task}};
    const struct hmz_pool_options options = options_for(2, HMZ_POOL_KEEP_GOING);
    assert_ok(hmz_pool_run(&options, tasks, CASES, &err), err);
    for (size_t i = 0; i < CASES; i++)
        assert_fails(tasks[i].result.status, cases[i].status, cases[i].text, tasks[i].result);
}

static void a_failure_can_stop_what_is_not_begun(void **state)
{
    struct hmz_error err;
    struct hmz_pool_task tasks[] = {
        {.words = {"count"}}, {.words = {"fail"}}, {.words = {"count"}}, {.words = {"count"}}};
    (void)state;
    const struct hmz_pool_options options = options_for(1, HMZ_POOL_STOP_AT_FAILURE);
    assert_ok(hmz_pool_run(&options, tasks, 4, &err), err);
    assert_int_equal(tasks[0].result.status, HMZ_OK);
    assert_int_equal(tasks[1].result.status, HMZ_E_SPACE);
    assert_int_equal(tasks[2].result.status, HMZ_E_INTERRUPTED);
    assert_int_equal(tasks[3].result.status, HMZ_E_INTERRUPTED);
}

static volatile sig_atomic_t stop;

static void on_alarm(int number)
{
    stop = number;
}

static void a_stop_ends_all_workers_soon(void **state)
{
    struct hmz_error err;
    struct hmz_pool_task tasks[] = {{.words = {"wait"}}, {.words = {"wait"}}, {.words = {"wait"}}};
    (void)state;
    struct hmz_pool_options options = options_for(2, HMZ_POOL_KEEP_GOING);
    options.stop = &stop;
    stop = 0;
    const struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    alarm(1);
    time_t began = time(NULL);
    assert_int_equal(hmz_pool_run(&options, tasks, 3, &err), HMZ_E_INTERRUPTED);
    assert_true(time(NULL) - began <= 3);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
    assert_int_equal(errno, ECHILD);
}

/* Sent to all processes of a job, they are the parent's to answer. */
static void workers_hold_what_ends_a_job(void **state)
{
    struct hmz_error err;
    struct hmz_pool_task task = {.words = {"signalled"}};
    (void)state;
    const struct hmz_pool_options options = options_for(1, HMZ_POOL_KEEP_GOING);
    assert_ok(hmz_pool_run(&options, &task, 1, &err), err);
    assert_ok(task.result.status, task.result);
}

static void a_program_that_is_not_there(void **state)
{
    struct hmz_error err;
    struct hmz_pool_task task = {.words = {"count"}};
    (void)state;
    struct hmz_pool_options options = options_for(1, HMZ_POOL_KEEP_GOING);
    options.program = "/no/such/program";
    assert_fails(hmz_pool_run(&options, &task, 1, &err), HMZ_E_FAILED, "/no/such/program", err);
}

/* A parent that is killed leaves nobody behind: its child here is a pool with a worker that would wait. */
static void a_killed_parent_leaves_no_worker(void **state)
{
    int alive[2];
    (void)state;
    assert_int_equal(pipe(alive), 0); /* held open by the parent and its worker */
    pid_t parent = fork();
    if (parent == 0) {
        struct hmz_error err;
        struct hmz_pool_task task = {.words = {"wait"}};
        const struct hmz_pool_options options = options_for(1, HMZ_POOL_KEEP_GOING);
        close(alive[0]);
        _exit(hmz_pool_run(&options, &task, 1, &err));
    }
    close(alive[1]);
    sleep(1);
    kill(parent, SIGKILL);
    waitpid(parent, NULL, 0);
    alarm(2); /* ends the test where the read below never does */
    char byte;
    assert_int_equal(read(alive[0], &byte, 1), 0); /* the end: nobody holds it any more */
    alarm(0);
    close(alive[0]);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return worker_main(argc, argv);
    if (!realpath(argv[0], own_path))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_is_done_and_counted),
        cmocka_unit_test(bad_workers_are_named_and_the_others_go_on),
        cmocka_unit_test(a_failure_can_stop_what_is_not_begun),
        cmocka_unit_test(a_stop_ends_all_workers_soon),
        cmocka_unit_test(workers_hold_what_ends_a_job),
        cmocka_unit_test(a_program_that_is_not_there),
        cmocka_unit_test(a_killed_parent_leaves_no_worker),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
