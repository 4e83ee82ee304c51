/* SPDX-License-Identifier: MIT */
/* Runs a fuzz target over files, without a fuzzer: replay_NAME FILE_OR_FOLDER…; a folder stands for the files
 * in it. Fails if a file cannot be read, if there is none at all, or if one is refused whose name begins with
 * good_: a target that refuses all inputs at their first byte tests nothing. */
#include "fuzz_target.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"
#include "posix_io.h"

enum { LIMIT_BYTES = 64 << 20 };

static bool replay_file(const char *path, size_t *count)
{
    uint8_t *data;
    size_t length;
    struct hmz_error err;
    int status = hmz_io_read_file(path, LIMIT_BYTES, &data, &length, &err);
    if (status != HMZ_OK) {
        fprintf(stderr, "%s\n", status == HMZ_END ? path : err.text);
        return false;
    }
    /* Without the NUL that reading appends, so that a read past the end is seen. */
    uint8_t *exact = malloc(length ? length : 1);
    bool good = exact;
    if (good) {
        memcpy(exact, data, length);
        hmz_fuzz_refused = false;
        LLVMFuzzerTestOneInput(exact, length);
        good = !hmz_fuzz_refused || strncmp(hmz_path_name(path), "good_", 5) != 0;
        ++*count;
    }
    if (exact && !good) {
        fprintf(stderr, "%s: was refused; a format has changed: make it again\n", path);
    }
    free(data);
    free(exact);
    return good;
}

static bool replay_folder(DIR *folder, const char *path, size_t *count)
{
    bool good = true;
    const struct dirent *entry;
    while (good && (entry = readdir(folder))) {
        if (entry->d_name[0] == '.')
            continue;
        char *file = hmz_path_join(path, entry->d_name);
        good = file && replay_file(file, count);
        free(file);
    }
    return good;
}

int main(int argc, char **argv)
{
    size_t count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        bool good = folder ? replay_folder(folder, argv[i], &count) : replay_file(argv[i], &count);
        if (folder)
            closedir(folder);
        if (!good)
            return EXIT_FAILURE;
    }
    printf("%zu inputs\n", count);
    return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
