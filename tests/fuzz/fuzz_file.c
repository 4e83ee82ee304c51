/* SPDX-License-Identifier: MIT */
#include "fuzz_file.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct hmz_fuzz_file hmz_fuzz_file_new(const void *data, size_t size)
{
    struct hmz_fuzz_file self = {.fd = memfd_create("fuzz", MFD_CLOEXEC)};
    assert(self.fd >= 0);
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

void hmz_fuzz_check_refused(int status, const struct hmz_error *err)
{
    assert(status < 0 && err->status == status);
    assert(err->text[0] && strnlen(err->text, sizeof err->text) < sizeof err->text);
}
