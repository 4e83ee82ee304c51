/* SPDX-License-Identifier: MIT */
#include "fuzz_file.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz_target.h"

static struct hmz_folder folder = {.fd = -1};

static void remove_folder(void)
{
    rmdir(folder.path);
    hmz_folder_close(&folder);
}

const struct hmz_folder *hmz_fuzz_folder(void)
{
    if (folder.fd >= 0)
        return &folder;
    char path[64];
    struct hmz_error err;
    snprintf(path, sizeof path, "%s/hmz_fuzz_XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    const char *made = mkdtemp(path);
    assert(made);
    int status = hmz_folder_open(&folder, path, &err);
    assert(status == HMZ_OK);
    atexit(remove_folder);
    return &folder;
}

struct hmz_fuzz_file hmz_fuzz_file_new(const void *data, size_t size)
{
    struct hmz_fuzz_file self = {.at = hmz_file_in(hmz_fuzz_folder(), "input")};
    struct hmz_error err;
    int status = hmz_file_create(self.at, &self.fd, &err);
    assert(status == HMZ_OK);
    const char *from = data;
    for (size_t done = 0; done < size;) {
        ssize_t written = write(self.fd, from + done, size - done);
        assert(written > 0);
        done += (size_t)written;
    }
    snprintf(self.path, sizeof self.path, "/proc/self/fd/%d", self.fd);
    return self;
}

void hmz_fuzz_file_close(struct hmz_fuzz_file *self)
{
    unlinkat(self->at.folder->fd, self->at.name, 0);
    close(self->fd);
    self->fd = -1;
}

struct hmz_cursor hmz_fuzz_take(struct hmz_cursor *input, uint64_t length)
{
    size_t left = (size_t)(input->end - input->at);
    size_t taken = length < left ? (size_t)length : left;
    const uint8_t *bytes = hmz_cursor_bytes(input, taken);
    return hmz_cursor_over(bytes, bytes ? taken : 0);
}

bool hmz_fuzz_refused;

void hmz_fuzz_check_refused(int status, const struct hmz_error *err)
{
    hmz_fuzz_refused = true;
    assert(status < 0 && err->status == status);
    assert(err->text[0] && strnlen(err->text, sizeof err->text) < sizeof err->text);
}
