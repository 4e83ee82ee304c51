/* SPDX-License-Identifier: MIT */
#include "h5_newer.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "h5_compat.h"

enum { HEADER_CHECKED = 2 }; /* the first version of object headers and of superblocks with a checksum, */

static bool speaks_of_version(const struct hmz_error *err)
{
    return err->status == HMZ_E_DAMAGED &&
           (strstr(err->text, "version") || strstr(err->text, "unknown message"));
}

static int newer(struct hmz_error *err)
{
    struct hmz_error cause = *err;
    unsigned major = 0;
    unsigned minor = 0;
    unsigned release = 0;
    H5get_libversion(&major, &minor, &release);
    return hmz_fail_reach(
        err, HMZ_E_FAILED, HMZ_REACH_RUN,
        "%.600s: a newer HDF5 than %u.%u.%u, which is used here, wrote it: use a program built "
        "with that one, or rewrite the run with its h5repack --high=2",
        cause.text, major, minor, release);
}

int hmz_h5_judge_newer_object(hid_t location, const char *name, struct hmz_error *err)
{
    unsigned version = 0;
    if (!speaks_of_version(err))
        return err->status;
    bool known = hmz_h5_header_version(location, name, &version);
    H5Eclear2(H5E_DEFAULT);
    return known && version >= HEADER_CHECKED ? newer(err) : err->status;
}

/* The mark lies in a superblock with a checksum, which libhdf5 has checked by then. */
static bool is_marked(const struct hmz_error *err)
{
    return err->status == HMZ_E_DAMAGED && strstr(err->text, "already open for write");
}

static int marked(struct hmz_error *err)
{
    return hmz_fail_reach(
        err, HMZ_E_FAILED, HMZ_REACH_RUN,
        "is marked as open for writing: a program writes to it, or was ended while it did. Wait until that "
        "has closed it; where none does any more, h5clear -s takes the mark off (check what the run holds)");
}

static uint64_t number_after(const char *text, const char *words)
{
    const char *at = strstr(text, words);
    return at ? strtoull(at + strlen(words), NULL, 10) : 0;
}

static bool is_cut(const struct hmz_error *err)
{
    return err->status == HMZ_E_DAMAGED && strstr(err->text, "truncated file") &&
           number_after(err->text, "stored_eof = ") > 0;
}

/* What libhdf5 says in the words of its source code. */
static int cut(struct hmz_error *err)
{
    const struct hmz_error cause = *err;
    return hmz_fail(err, HMZ_E_DAMAGED, "the file is cut short: it has %s bytes, its first block says %s",
                    hmz_count_text(number_after(cause.text, ": eof = ")).text,
                    hmz_count_text(number_after(cause.text, "stored_eof = ")).text);
}

int hmz_h5_judge_unopened_file(struct hmz_read_cache *file, struct hmz_error *err)
{
    /* Signature, version, size of addresses and of lengths: at these places from version 2 on. */
    static const uint8_t signature[8] = {0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    uint8_t head[11];
    size_t got;
    if (is_marked(err))
        return marked(err);
    if (is_cut(err))
        return cut(err);
    if (!speaks_of_version(err) || hmz_read_cache_read(file, head, sizeof head, 0, &got) != 0 ||
        got < sizeof head || memcmp(head, signature, sizeof signature) != 0)
        return err->status;
    return head[8] >= HEADER_CHECKED && head[9] == 8 && head[10] == 8 ? newer(err) : err->status;
}
