/* SPDX-License-Identifier: MIT */
#include "run_set.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "buffer.h"
#include "bytes.h"
#include "path.h"
#include "posix_io.h"

#ifdef __APPLE__
#define st_mtim st_mtimespec
#endif

enum {
    FEWEST_DIGITS = 4,
    FIRST_ROOM = 64,
    MISSING_RANGES_SHOWN = 20,
};

/* All names of a folder that could be runs. */
struct listing {
    struct hmz_run_file *files;
    size_t count;
    size_t room;
};

/* What a file is, beside a failure. */
enum kind {
    KIND_RUN,
    KIND_OTHER, /* not a plain file, or gone since the folder was listed */
};

static void free_files(struct hmz_run_file *files, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(files[i].name);
        free(files[i].path);
    }
    free(files);
}

/* The number in "run_NNNN.h5", or -1. */
static int32_t run_of_name(const char *name)
{
    static const char start[] = "run_";
    if (strncmp(name, start, sizeof start - 1) != 0)
        return -1;
    const char *digits = name + sizeof start - 1;
    size_t count = strspn(digits, "0123456789");
    if (count < FEWEST_DIGITS || strcmp(digits + count, ".h5") != 0)
        return -1;
    int64_t run = 0;
    for (size_t i = 0; i < count && run <= INT32_MAX; i++)
        run = run * 10 + (digits[i] - '0');
    return run <= INT32_MAX ? (int32_t)run : -1;
}

static int add_name(struct listing *listing, const char *folder, const char *name, struct hmz_error *err)
{
    int32_t run = run_of_name(name);
    if (run < 0)
        return HMZ_OK;
    if (listing->count == listing->room) {
        size_t room = listing->room ? 2 * listing->room : FIRST_ROOM;
        struct hmz_run_file *files = realloc(listing->files, room * sizeof *files);
        if (!files)
            return hmz_fail_nomem(err, "the list of runs");
        listing->files = files;
        listing->room = room;
    }
    struct hmz_run_file *file = &listing->files[listing->count];
    *file = (struct hmz_run_file){.name = strdup(name), .path = hmz_path_join(folder, name), .run = run};
    listing->count++;
    return file->name && file->path ? HMZ_OK : hmz_fail_nomem(err, "the list of runs");
}

static int list_open_folder(DIR *folder, const char *path, struct listing *listing, struct hmz_error *err)
{
    for (;;) {
        errno = 0; /* the only way to tell a failure from the end */
        const struct dirent *entry = readdir(folder);
        if (!entry && errno)
            return hmz_fail_errno(err, errno, "%s: cannot list", path);
        if (!entry)
            return HMZ_OK;
        int status = add_name(listing, path, entry->d_name, err);
        if (status != HMZ_OK)
            return status;
    }
}

/* By run, then by name, so that messages do not depend on the order of the folder. */
static int order_of_files(const void *left, const void *right)
{
    const struct hmz_run_file *a = left;
    const struct hmz_run_file *b = right;
    if (a->run != b->run)
        return a->run < b->run ? -1 : 1;
    return strcmp(a->name, b->name);
}

static int list_folder(const char *path, struct listing *listing, struct hmz_error *err)
{
    DIR *folder = hmz_io_open_folder(path);
    if (!folder)
        return hmz_fail_errno(err, errno, "%s: cannot list", path);
    int status = list_open_folder(folder, path, listing, err);
    closedir(folder);
    if (status == HMZ_OK && listing->count > 0)
        qsort(listing->files, listing->count, sizeof *listing->files, order_of_files);
    return status;
}

static int stat_file(struct hmz_run_file *file, enum kind *kind_out, struct hmz_error *err)
{
    struct stat found;
    *kind_out = KIND_OTHER;
    if (stat(file->path, &found) != 0) {
        int error_number = errno;
        if (error_number == ENOENT && lstat(file->path, &found) != 0 && errno == ENOENT)
            return HMZ_OK;
        return hmz_fail_errno(err, error_number, "merged run %" PRId32 ": %s: cannot be looked at", file->run,
                              file->path);
    }
    if (!S_ISREG(found.st_mode))
        return HMZ_OK;
    *kind_out = KIND_RUN;
    file->bytes = (uint64_t)found.st_size;
    /* Unsigned, as some file systems invent times far outside of what fits. */
    file->mtime_ns =
        (int64_t)((uint64_t)found.st_mtim.tv_sec * UINT64_C(1000000000) + (uint64_t)found.st_mtim.tv_nsec);
    file->inode = (uint64_t)found.st_ino;
    file->device = (uint64_t)found.st_dev;
    return HMZ_OK;
}

static int order_of_runs(const void *left, const void *right)
{
    const int32_t *a = left;
    const int32_t *b = right;
    return (*a > *b) - (*a < *b);
}

static bool is_skipped(const struct hmz_run_set_options *options, int32_t run)
{
    return options->skip_count > 0 &&
           bsearch(&run, options->skip_runs, options->skip_count, sizeof run, order_of_runs);
}

static bool is_wanted(const struct hmz_run_set_options *options, int32_t run)
{
    return run >= options->min_run && run <= options->max_run && !is_skipped(options, run);
}

/* Moves the wanted runs to the front, in order, and looks at them; the others stay behind them. */
static int select_runs(const struct hmz_run_set_options *options, struct listing *listing,
                       size_t *selected_out, struct hmz_error *err)
{
    size_t selected = 0;
    for (size_t i = 0; i < listing->count; i++) {
        enum kind kind = KIND_OTHER;
        if (is_wanted(options, listing->files[i].run)) {
            int status = stat_file(&listing->files[i], &kind, err);
            if (status != HMZ_OK)
                return status;
        }
        if (kind == KIND_OTHER)
            continue;
        struct hmz_run_file file = listing->files[i];
        listing->files[i] = listing->files[selected];
        listing->files[selected] = file;
        if (selected > 0 && listing->files[selected - 1].run == file.run)
            return hmz_fail(err, HMZ_E_USAGE,
                            "merged run %" PRId32
                            " is there twice: %s and %s; expected one file, or the run in "
                            "skip_runs",
                            file.run, listing->files[selected - 1].path, file.name);
        selected++;
    }
    *selected_out = selected;
    return HMZ_OK;
}

/* Nothing was selected, so the listing is still in order. Files that cannot be looked at count here: the
 * message is to tell what the folder seems to have. */
static int fail_no_run(const struct hmz_run_set_options *options, struct listing *listing,
                       struct hmz_error *err)
{
    const struct hmz_run_file *first = NULL;
    const struct hmz_run_file *last = NULL;
    uint64_t count = 0;
    uint64_t skipped = 0;
    for (size_t i = 0; i < listing->count; i++) {
        struct hmz_run_file *file = &listing->files[i];
        enum kind kind;
        struct hmz_error unused;
        if (stat_file(file, &kind, &unused) == HMZ_OK && kind == KIND_OTHER)
            continue;
        first = first ? first : file;
        last = file;
        count++;
        skipped += file->run >= options->min_run && file->run <= options->max_run;
    }
    if (!first)
        return hmz_fail(err, HMZ_E_USAGE, "%s: no run_NNNN.h5 at all; expected merged runs %d to %d",
                        hmz_path_shown(options->merger_path).text, options->min_run, options->max_run);
    char less[80] = "";
    if (skipped > 0)
        snprintf(less, sizeof less, " that skip_runs leaves (it takes %s away)",
                 hmz_count_text(skipped).text);
    return hmz_fail(err, HMZ_E_USAGE,
                    "%s: no merged run from %d to %d%s; the folder has %.*s to %.*s, %s run%s",
                    hmz_path_shown(options->merger_path).text, options->min_run, options->max_run, less,
                    (int)strlen(first->name) - 3, first->name, (int)strlen(last->name) - 3, last->name,
                    hmz_count_text(count).text, count == 1 ? "" : "s");
}

/* Gaps between runs, as text and number. */
struct gaps {
    struct hmz_buffer text;
    uint64_t count;
    uint64_t hidden_count; /* of `count`, not in the text */
    int ranges;
};

/* The runs first to last, both included, are missing; none if first > last. */
static void add_gap(struct gaps *gaps, int64_t first, int64_t last)
{
    if (first > last)
        return;
    uint64_t count = (uint64_t)(last - first + 1);
    gaps->count += count;
    if (gaps->ranges == MISSING_RANGES_SHOWN) {
        gaps->hidden_count += count;
        return;
    }
    char text[64];
    const char *comma = gaps->ranges > 0 ? ", " : "";
    int length;
    if (count == 1)
        length = snprintf(text, sizeof text, "%s%" PRId64, comma, first);
    else
        length = snprintf(text, sizeof text, "%s%" PRId64 "%s%" PRId64, comma, first,
                          count == 2 ? ", " : " to ", last);
    hmz_buffer_put(&gaps->text, text, (size_t)length);
    gaps->ranges++;
}

/* Walks the two ascending lists together: a run is missing if it is in neither. */
static void find_gaps(const struct hmz_run_set_options *options, const struct hmz_run_set *set,
                      struct gaps *gaps)
{
    size_t i = 0;
    size_t k = 0;
    int64_t next = options->min_run; /* the lowest run that nothing is known of */
    while (k < options->skip_count && options->skip_runs[k] < options->min_run)
        k++;
    while (i < set->count || (k < options->skip_count && options->skip_runs[k] <= options->max_run)) {
        bool from_set =
            k == options->skip_count || (i < set->count && set->runs[i].run < options->skip_runs[k]);
        int64_t known = from_set ? set->runs[i++].run : options->skip_runs[k++];
        add_gap(gaps, next, known - 1);
        next = known + 1;
    }
    add_gap(gaps, next, options->max_run);
}

static int describe_missing(const struct hmz_run_set_options *options, struct hmz_run_set *set,
                            struct hmz_error *err)
{
    struct gaps gaps = {0};
    find_gaps(options, set, &gaps);
    set->missing_count = gaps.count;
    int status = hmz_buffer_check(&gaps.text, "the missing runs", err);
    if (status == HMZ_OK) {
        const char *text = gaps.text.used ? (const char *)gaps.text.data : "";
        if (gaps.hidden_count)
            set->missing_text = hmz_text_new("%.*s and %s more", (int)gaps.text.used, text,
                                             hmz_count_text(gaps.hidden_count).text);
        else
            set->missing_text = hmz_text_new("%.*s", (int)gaps.text.used, text);
        if (!set->missing_text)
            status = hmz_fail_nomem(err, "the missing runs");
    }
    hmz_buffer_release(&gaps.text);
    return status;
}

/* The listing's first `selected` files become the set's; the others are freed. */
static int make_set(const struct hmz_run_set_options *options, struct listing *listing, size_t selected,
                    struct hmz_run_set **set_out, struct hmz_error *err)
{
    struct hmz_run_set *set = calloc(1, sizeof *set);
    if (!set)
        return hmz_fail_nomem(err, "the list of runs");
    set->runs = listing->files;
    set->count = selected;
    for (size_t i = selected; i < listing->count; i++) {
        free(listing->files[i].name);
        free(listing->files[i].path);
    }
    *listing = (struct listing){0};
    int status = describe_missing(options, set, err);
    if (status != HMZ_OK)
        hmz_run_set_free(set);
    else
        *set_out = set;
    return status;
}

int hmz_run_set_new(const struct hmz_run_set_options *options, struct hmz_run_set **set_out,
                    struct hmz_error *err)
{
    assert(options->min_run >= 0 && options->min_run <= options->max_run);
    *set_out = NULL;
    struct listing listing = {0};
    size_t selected = 0;
    int status = list_folder(options->merger_path, &listing, err);
    if (status == HMZ_OK)
        status = select_runs(options, &listing, &selected, err);
    if (status == HMZ_OK && selected == 0)
        status = fail_no_run(options, &listing, err);
    if (status == HMZ_OK)
        status = make_set(options, &listing, selected, set_out, err);
    free_files(listing.files, listing.count);
    return status;
}

void hmz_run_set_free(struct hmz_run_set *set)
{
    if (!set)
        return;
    free_files(set->runs, set->count);
    free(set->missing_text);
    free(set);
}
