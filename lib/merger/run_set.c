/* SPDX-License-Identifier: MIT */
#include "run_set.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "path.h"

enum { DIGITS_LEAST = 4 };

/* What the whole folder has, for the message where the range has nothing. */
struct folder_runs {
    uint64_t count;
    int32_t first, last;
};

static bool parse_name(const char *name, int32_t *run_out)
{
    uint64_t run = 0;
    if (strncmp(name, "run_", 4) != 0)
        return false;
    size_t digits = strspn(name + 4, "0123456789");
    if (digits < DIGITS_LEAST || strcmp(name + 4 + digits, ".h5") != 0)
        return false;
    for (size_t i = 0; i < digits; i++) {
        run = 10 * run + (uint64_t)(name[4 + i] - '0');
        if (run > INT32_MAX)
            return false;
    }
    *run_out = (int32_t)run;
    return true;
}

static bool is_skipped(const struct hmz_run_set_options *options, int32_t run)
{
    for (size_t i = 0; i < options->skip_count; i++)
        if (options->skip_runs[i] == run)
            return true;
    return false;
}

static int64_t mtime_of(const struct stat *found)
{
#ifdef __APPLE__
    const struct timespec *mtime = &found->st_mtimespec;
#else
    const struct timespec *mtime = &found->st_mtim;
#endif
    return (int64_t)mtime->tv_sec * 1000000000 + mtime->tv_nsec;
}

static int add_file(struct hmz_run_set *self, int32_t run, const char *path, const struct stat *found,
                    struct hmz_error *err)
{
    struct hmz_run_file *files = realloc(self->files, (self->file_count + 1) * sizeof *files);
    if (!files)
        return hmz_fail_nomem(err, "the list of merged runs");
    self->files = files;
    struct hmz_run_file *file = &files[self->file_count];
    *file = (struct hmz_run_file){.run = run,
                                  .path = strdup(path),
                                  .size_bytes = (uint64_t)found->st_size,
                                  .mtime_ns = mtime_of(found),
                                  .inode = (uint64_t)found->st_ino};
    if (!file->path)
        return hmz_fail_nomem(err, "the list of merged runs");
    self->file_count++;
    return HMZ_OK;
}

static void count_run(struct folder_runs *all, int32_t run)
{
    if (all->count == 0 || run < all->first)
        all->first = run;
    if (all->count == 0 || run > all->last)
        all->last = run;
    all->count++;
}

static int look_at(struct hmz_run_set *self, const struct hmz_run_set_options *options, const char *name,
                   struct folder_runs *all, struct hmz_error *err)
{
    int32_t run;
    struct stat found;
    if (!parse_name(name, &run))
        return HMZ_OK;
    char *path = hmz_path_join(options->merger_path, name);
    if (!path)
        return hmz_fail_nomem(err, name);
    int status = HMZ_OK;
    bool wanted = run >= options->min_run && run <= options->max_run && !is_skipped(options, run);
    if (stat(path, &found) != 0) {
        if (wanted)
            status = hmz_fail_errno(err, errno, "merged run %d: %s", run, path);
    } else if (S_ISREG(found.st_mode)) {
        count_run(all, run);
        if (wanted)
            status = add_file(self, run, path, &found, err);
    }
    free(path);
    return status;
}

static int read_folder(struct hmz_run_set *self, const struct hmz_run_set_options *options,
                       struct folder_runs *all, struct hmz_error *err)
{
    DIR *folder = opendir(options->merger_path);
    if (!folder)
        return hmz_fail_errno(err, errno, "merger_path: %s: cannot be listed", options->merger_path);
    int status = HMZ_OK;
    struct dirent *entry;
    while (status == HMZ_OK && (errno = 0, entry = readdir(folder)))
        status = look_at(self, options, entry->d_name, all, err);
    if (status == HMZ_OK && errno != 0)
        status = hmz_fail_errno(err, errno, "merger_path: %s: cannot be listed", options->merger_path);
    closedir(folder);
    return status;
}

static int by_run(const void *a, const void *b)
{
    const struct hmz_run_file *left = a;
    const struct hmz_run_file *right = b;
    return (left->run > right->run) - (left->run < right->run);
}

static int check_twins(const struct hmz_run_set *self, struct hmz_error *err)
{
    for (size_t i = 1; i < self->file_count; i++)
        if (self->files[i - 1].run == self->files[i].run)
            return hmz_fail(err, HMZ_E_USAGE, "two files of merged run %d: %s and %s, expected one",
                            self->files[i].run, self->files[i - 1].path, self->files[i].path);
    return HMZ_OK;
}

static int nothing_found(const struct hmz_run_set_options *options, const struct folder_runs *all,
                         struct hmz_error *err)
{
    if (all->count == 0)
        return hmz_fail(err, HMZ_E_USAGE, "no merged run from %d to %d: %s has no file run_NNNN.h5 at all",
                        options->min_run, options->max_run, options->merger_path);
    return hmz_fail(
        err, HMZ_E_USAGE,
        "no merged run from %d to %d that is not skipped: %s has run_%04d.h5 to run_%04d.h5, %" PRIu64
        " run%s",
        options->min_run, options->max_run, options->merger_path, all->first, all->last, all->count,
        all->count == 1 ? "" : "s");
}

/* ---- what is missing ---- */

/* Adds [first, last] to the list of missing runs. */
static void add_gap(struct hmz_run_set *self, int64_t first, int64_t last)
{
    static const char mark[] = ", \xe2\x80\xa6";
    size_t used = strlen(self->missing_text);
    size_t room = sizeof self->missing_text - used - sizeof mark;
    char text[64];
    if (first > last)
        return;
    bool cut =
        used > 0 &&
        strcmp(self->missing_text + used - (sizeof mark - 1 < used ? sizeof mark - 1 : used), mark) == 0;
    self->missing_count += (uint64_t)(last - first + 1);
    if (first == last)
        snprintf(text, sizeof text, "%s%" PRId64, used ? ", " : "", first);
    else
        snprintf(text, sizeof text, "%s%" PRId64 " to %" PRId64, used ? ", " : "", first, last);
    if (cut)
        return;
    snprintf(self->missing_text + used, sizeof self->missing_text - used, "%s",
             strlen(text) < room ? text : mark);
}

/* Gaps between the runs that are there or skipped, both ascending. */
static void find_missing(struct hmz_run_set *self, const struct hmz_run_set_options *options)
{
    int64_t next = options->min_run;
    size_t file = 0;
    size_t skip = 0;
    while (next <= options->max_run) {
        while (skip < options->skip_count && options->skip_runs[skip] < next)
            skip++;
        int64_t there = file < self->file_count ? self->files[file].run : (int64_t)options->max_run + 1;
        int64_t skipped =
            skip < options->skip_count ? options->skip_runs[skip] : (int64_t)options->max_run + 1;
        int64_t until = there < skipped ? there : skipped;
        if (until > options->max_run)
            until = (int64_t)options->max_run + 1;
        add_gap(self, next, until - 1);
        file += there == until;
        next = until + 1;
    }
}

int hmz_run_set_list(const struct hmz_run_set_options *options, struct hmz_run_set *out,
                     struct hmz_error *err)
{
    struct folder_runs all = {0};
    *out = (struct hmz_run_set){0};
    int status = read_folder(out, options, &all, err);
    if (status == HMZ_OK && out->file_count == 0)
        status = nothing_found(options, &all, err);
    if (status == HMZ_OK) {
        qsort(out->files, out->file_count, sizeof *out->files, by_run);
        status = check_twins(out, err);
    }
    if (status == HMZ_OK)
        find_missing(out, options);
    else
        hmz_run_set_release(out);
    return status;
}

void hmz_run_set_release(struct hmz_run_set *self)
{
    for (size_t i = 0; i < self->file_count; i++)
        free(self->files[i].path);
    free(self->files);
    *self = (struct hmz_run_set){0};
}
