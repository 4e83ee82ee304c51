/* SPDX-License-Identifier: MIT */
/* What every unit test needs: cmocka with the headers it wants first, and a fresh folder per test. */
#ifndef HMZ_TEST_SUPPORT_H
#define HMZ_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "folder.h"
#include "hmz_error.h"

/* The call succeeds; its message is shown where it does not. */
#define assert_ok(call, err)                                                                                 \
    do {                                                                                                     \
        if ((call) != HMZ_OK)                                                                                \
            fail_msg("%s: %s", #call, (err).text);                                                           \
    } while (0)

/* The call fails with `status` and a message that contains `part`. */
#define assert_fails(call, wanted_status, part, err)                                                         \
    do {                                                                                                     \
        assert_int_equal((call), (wanted_status));                                                           \
        if (!strstr((err).text, (part)))                                                                     \
            fail_msg("message \"%s\" does not contain \"%s\"", (err).text, (part));                          \
    } while (0)

static inline int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

/* cmocka setup and teardown: *state is the path of a new folder. */
static inline int folder_setup(void **state)
{
    const char *parent = getenv("TMPDIR");
    char *path = malloc(4096);
    if (!path)
        return -1;
    snprintf(path, 4096, "%s/hmz_unit_XXXXXX", parent ? parent : "/tmp");
    *state = mkdtemp(path);
    return *state ? 0 : -1;
}

static inline int folder_teardown(void **state)
{
    int result = nftw(*state, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return result;
}

/* The folder of the test, opened; to be closed. */
static inline struct hmz_folder test_folder(void **state)
{
    struct hmz_folder folder;
    struct hmz_error err;
    assert_ok(hmz_folder_open(&folder, *state, &err), err);
    return folder;
}

#define folder_test(function) cmocka_unit_test_setup_teardown(function, folder_setup, folder_teardown)

#endif
