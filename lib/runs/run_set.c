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
#include <strings.h>
#include <sys/stat.h>

#include "buffer.h"
#include "bytes.h"
#include "list.h"
#include "path.h"
#include "posix_io.h"
#include "run_ranges.h"

enum {
    FEWEST_DIGITS = 4,
    NEAR_SHOWN = 5,
};

struct files {
    struct hmz_run_file *files;
    size_t count;
};

/* All names of a folder that could be runs, and those that could be meant as one. */
struct listing {
    struct files runs;
    struct files near;
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

/* What a name looks like to a person: "run", digits, an ending of HDF5, in capitals or not. The number, or
 * -1. */
static int32_t run_of_near_name(const char *name)
{
    static const char *const endings[] = {".h5", ".hdf5", ".hdf", ".he5"};
    if (strncasecmp(name, "run", 3) != 0)
        return -1;
    const char *digits = name + 3 + (name[3] && strchr("_-. ", name[3]) ? 1 : 0);
    size_t count = strspn(digits, "0123456789");
    int64_t run = 0;
    for (size_t i = 0; i < count && run <= INT32_MAX; i++)
        run = run * 10 + (digits[i] - '0');
    bool ends = false;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        ends = ends || strcasecmp(digits + count, endings[i]) == 0;
    return ends && count > 0 && run <= INT32_MAX ? (int32_t)run : -1;
}

static int add_file(struct files *list, const struct hmz_run_folders *folders, size_t folder,
                    const char *name, int32_t run, struct hmz_error *err)
{
    struct hmz_run_file *file = hmz_list_add(&list->files, &list->count, sizeof *list->files);
    if (!file)
        return hmz_fail_nomem(err, "the list of runs");
    *file = (struct hmz_run_file){.name = strdup(name),
                                  .path = hmz_path_join(folders->paths[folder], name),
                                  .folder = folder,
                                  .run = run};
    return file->name && file->path ? HMZ_OK : hmz_fail_nomem(err, "the list of runs");
}

static int add_name(struct listing *listing, const struct hmz_run_folders *folders, size_t folder,
                    const char *name, struct hmz_error *err)
{
    int32_t run = run_of_name(name);
    if (run >= 0)
        return add_file(&listing->runs, folders, folder, name, run, err);
    run = run_of_near_name(name);
    return run >= 0 ? add_file(&listing->near, folders, folder, name, run, err) : HMZ_OK;
}

static int list_open_folder(DIR *opened, const struct hmz_run_folders *folders, size_t folder,
                            struct listing *listing, struct hmz_error *err)
{
    for (;;) {
        errno = 0; /* the only way to tell a failure from the end */
        const struct dirent *entry = readdir(opened);
        if (!entry && errno)
            return hmz_fail_errno(err, errno, "%s: cannot list", folders->paths[folder]);
        if (!entry)
            return HMZ_OK;
        int status = add_name(listing, folders, folder, entry->d_name, err);
        if (status != HMZ_OK)
            return status;
    }
}

/* By run, then by path, so that messages do not depend on the order of the folder. */
static int order_of_files(const void *left, const void *right)
{
    const struct hmz_run_file *a = left;
    const struct hmz_run_file *b = right;
    if (a->run != b->run)
        return a->run < b->run ? -1 : 1;
    return strcmp(a->path, b->path);
}

static void sort_files(struct files *list)
{
    if (list->count > 0)
        qsort(list->files, list->count, sizeof *list->files, order_of_files);
}

static int list_folder(const struct hmz_run_folders *folders, size_t folder, struct listing *listing,
                       struct hmz_error *err)
{
    DIR *opened = hmz_io_open_folder(folders->paths[folder]);
    if (!opened)
        return hmz_fail_errno(err, errno, "%s: cannot list", folders->paths[folder]);
    int status = list_open_folder(opened, folders, folder, listing, err);
    closedir(opened);
    return status;
}

static int list_folders(const struct hmz_run_folders *folders, struct listing *listing, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < folders->count; i++)
        status = list_folder(folders, i, listing, err);
    sort_files(&listing->runs);
    sort_files(&listing->near);
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
    file->identity = hmz_file_identity_of(&found);
    file->inode = (uint64_t)found.st_ino;
    file->device = (uint64_t)found.st_dev;
    return HMZ_OK;
}

/* Moves the wanted runs to the front, in order, and looks at them; the others stay behind them. */
static int select_runs(const struct hmz_run_set_options *options, struct files *listing, size_t *selected_out,
                       struct hmz_error *err)
{
    size_t selected = 0;
    for (size_t i = 0; i < listing->count; i++) {
        enum kind kind = KIND_OTHER;
        if (hmz_run_selection_has(options->selection, listing->files[i].run)) {
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
                            file.run, listing->files[selected - 1].path,
                            options->folders->count > 1 ? file.path : file.name);
        selected++;
    }
    *selected_out = selected;
    return HMZ_OK;
}

static int order_by_run(const void *left, const void *right)
{
    const struct hmz_run_file *a = left;
    const struct hmz_run_file *b = right;
    return (a->run > b->run) - (a->run < b->run);
}

/* Could this file be a run of the range that is not there? */
static bool is_meant(const struct hmz_run_set_options *options, const struct files *runs,
                     const struct hmz_run_file *near)
{
    return hmz_run_selection_has(options->selection, near->run) &&
           !(runs->count > 0 && bsearch(near, runs->files, runs->count, sizeof *near, order_by_run));
}

static const struct hmz_run_file *first_meant(const struct hmz_run_set_options *options,
                                              const struct listing *listing)
{
    for (size_t i = 0; i < listing->near.count; i++)
        if (is_meant(options, &listing->runs, &listing->near.files[i]))
            return &listing->near.files[i];
    return NULL;
}

/* Nothing was selected, so the listing is still in order. Files that cannot be looked at count here: the
 * message is to tell what the folder seems to have. */
static int tell_no_run(const struct hmz_run_set_options *options, struct listing *listing, const char *asked,
                       struct hmz_error *err)
{
    struct files *runs = &listing->runs;
    const struct hmz_run_file *first = NULL;
    const struct hmz_run_file *last = NULL;
    uint64_t count = 0;
    uint64_t skipped = 0;
    for (size_t i = 0; i < runs->count; i++) {
        struct hmz_run_file *file = &runs->files[i];
        enum kind kind;
        struct hmz_error unused;
        if (stat_file(file, &kind, &unused) == HMZ_OK && kind == KIND_OTHER)
            continue;
        first = first ? first : file;
        last = file;
        count++;
        skipped += hmz_run_selection_spans(options->selection, file->run);
    }
    char near[300] = "";
    const struct hmz_run_file *meant = first_meant(options, listing);
    if (meant)
        snprintf(near, sizeof near, "; %s is there: a merged run %d is called run_%04d.h5", meant->name,
                 meant->run, meant->run);
    const struct hmz_path_text folder = hmz_path_shown(options->folders->text);
    if (!first)
        return hmz_fail(err, HMZ_E_USAGE, "%s: no run_NNNN.h5 at all; expected merged runs%s%s", folder.text,
                        asked, near);
    char less[80] = "";
    if (skipped > 0)
        snprintf(less, sizeof less, " that skip_runs leaves (it takes %s away)",
                 hmz_count_text(skipped).text);
    const char *from = options->selection->as_list ? " of" : asked[0] ? " from" : "";
    return hmz_fail(err, HMZ_E_USAGE, "%s: no merged run%s%s%s; the folder%s %.*s to %.*s, %s run%s%s",
                    folder.text, from, asked, less, options->folders->count > 1 ? "s have" : " has",
                    (int)strlen(first->name) - 3, first->name, (int)strlen(last->name) - 3, last->name,
                    hmz_count_text(count).text, count == 1 ? "" : "s", near);
}

static int fail_no_run(const struct hmz_run_set_options *options, struct listing *listing,
                       struct hmz_error *err)
{
    char *asked = NULL;
    if (hmz_run_selection_text(options->selection, &asked, err) != HMZ_OK)
        return err->status;
    char *spaced = hmz_text_new("%s%s", asked[0] ? " " : "", asked);
    free(asked);
    if (!spaced)
        return hmz_fail_nomem(err, "the list of runs");
    int status = tell_no_run(options, listing, spaced, err);
    free(spaced);
    return status;
}

/* ---- lists of runs as text ---- */

/* Walks the two ascending lists together: a run is missing if it is in neither. */
static void find_missing_of(const struct hmz_run_range *range, const struct hmz_run_selection *selection,
                            const struct hmz_run_set *set, struct hmz_run_ranges *missing)
{
    size_t i = 0;
    size_t k = 0;
    int64_t next = range->first; /* the lowest run that nothing is known of */
    while (i < set->count && set->runs[i].run < range->first)
        i++;
    while (k < selection->skip_count && selection->skip_runs[k] < range->first)
        k++;
    for (;;) {
        int64_t there = i < set->count ? set->runs[i].run : INT64_MAX;
        int64_t skipped = k < selection->skip_count ? selection->skip_runs[k] : INT64_MAX;
        int64_t known = there < skipped ? there : skipped;
        if (known > range->last)
            break;
        i += known == there;
        k += known == skipped;
        hmz_run_ranges_add(missing, next, known);
        next = known + 1;
    }
    hmz_run_ranges_add(missing, next, (int64_t)range->last + 1);
}

static int describe_missing(const struct hmz_run_selection *selection, struct hmz_run_set *set,
                            struct hmz_error *err)
{
    struct hmz_run_ranges missing = {0};
    for (size_t i = 0; i < selection->range_count; i++)
        find_missing_of(&selection->ranges[i], selection, set, &missing);
    int status = hmz_run_ranges_take_text(&missing, &set->missing_text, err);
    set->missing_count = missing.count;
    return status;
}

/* What becomes of skip_runs. The listing's runs are in order. */
static int describe_skipped(const struct hmz_run_set_options *options, const struct files *runs,
                            struct hmz_run_set *set, struct hmz_error *err)
{
    struct hmz_run_ranges skipped = {0};
    struct hmz_run_ranges absent = {0};
    struct hmz_run_ranges outside = {0};
    size_t i = 0;
    for (size_t k = 0; k < options->selection->skip_count; k++) {
        int32_t run = options->selection->skip_runs[k];
        while (i < runs->count && runs->files[i].run < run)
            i++;
        bool there = i < runs->count && runs->files[i].run == run;
        bool inside = hmz_run_selection_spans(options->selection, run);
        hmz_run_ranges_add(!inside ? &outside : there ? &skipped : &absent, run, (int64_t)run + 1);
    }
    int status = hmz_run_ranges_take_text(&skipped, &set->skipped_text, err);
    if (status == HMZ_OK)
        status = hmz_run_ranges_take_text(&absent, &set->absent_text, err);
    if (status == HMZ_OK)
        status = hmz_run_ranges_take_text(&outside, &set->outside_text, err);
    hmz_run_ranges_release(&absent);
    hmz_run_ranges_release(&outside);
    return status;
}

/* "run_57.h5 (run_0057.h5?), Run_0058.h5 (run_0058.h5?) and 3 more" */
static int describe_near(const struct hmz_run_set_options *options, const struct listing *listing,
                         struct hmz_run_set *set, struct hmz_error *err)
{
    struct hmz_buffer text = {0};
    size_t count = 0;
    for (size_t i = 0; i < listing->near.count; i++) {
        const struct hmz_run_file *file = &listing->near.files[i];
        char own[64];
        if (!is_meant(options, &listing->runs, file) || count++ >= NEAR_SHOWN)
            continue;
        int length = snprintf(own, sizeof own, " (run_%04d.h5?)", file->run);
        hmz_buffer_put(&text, ", ", count > 1 ? 2 : 0);
        hmz_buffer_put(&text, file->name, strlen(file->name));
        hmz_buffer_put(&text, own, (size_t)length);
    }
    int status = hmz_buffer_check(&text, "the lists of runs", err);
    if (status == HMZ_OK) {
        const char *more = count > NEAR_SHOWN ? " and more" : "";
        set->near_text =
            hmz_text_new("%.*s%s", (int)text.used, text.used ? (const char *)text.data : "", more);
        status = set->near_text ? HMZ_OK : hmz_fail_nomem(err, "the lists of runs");
    }
    hmz_buffer_release(&text);
    return status;
}

/* ---- the set ---- */

/* The list's first `selected` files become the set's; the others are freed. */
static void take_files(struct hmz_run_set *set, struct files *list, size_t selected)
{
    set->runs = list->files;
    set->count = selected;
    for (size_t i = selected; i < list->count; i++) {
        free(list->files[i].name);
        free(list->files[i].path);
    }
    *list = (struct files){0};
}

/* What the listing tells is told before its order is lost. */
static int fill_set(const struct hmz_run_set_options *options, struct listing *listing,
                    struct hmz_run_set *set, struct hmz_error *err)
{
    size_t selected = 0;
    int status = describe_skipped(options, &listing->runs, set, err);
    if (status == HMZ_OK)
        status = describe_near(options, listing, set, err);
    if (status == HMZ_OK)
        status = select_runs(options, &listing->runs, &selected, err);
    if (status == HMZ_OK && selected == 0)
        status = fail_no_run(options, listing, err);
    if (status != HMZ_OK)
        return status;
    take_files(set, &listing->runs, selected);
    return describe_missing(options->selection, set, err);
}

int hmz_run_set_new(const struct hmz_run_set_options *options, struct hmz_run_set **set_out,
                    struct hmz_error *err)
{
    assert(options->folders->count > 0);
    *set_out = NULL;
    struct listing listing = {0};
    struct hmz_run_set *set = calloc(1, sizeof *set);
    int status =
        set ? list_folders(options->folders, &listing, err) : hmz_fail_nomem(err, "the list of runs");
    if (status == HMZ_OK)
        status = fill_set(options, &listing, set, err);
    free_files(listing.runs.files, listing.runs.count);
    free_files(listing.near.files, listing.near.count);
    if (status != HMZ_OK)
        hmz_run_set_free(set);
    else
        *set_out = set;
    return status;
}

int hmz_run_set_of_known(const int32_t *runs, size_t count, const struct hmz_run_selection *selection,
                         struct hmz_run_set **set_out, struct hmz_error *err)
{
    struct hmz_run_set *set = calloc(1, sizeof *set);
    struct hmz_run_file *files = calloc(count + 1, sizeof *files);
    *set_out = NULL;
    if (!set || !files) {
        free(set);
        free(files);
        return hmz_fail_nomem(err, "the list of runs");
    }
    set->runs = files;
    for (; set->count < count; set->count++)
        files[set->count].run = runs[set->count];
    char **const empty[] = {&set->skipped_text, &set->absent_text, &set->outside_text, &set->near_text};
    int status = describe_missing(selection, set, err);
    for (size_t i = 0; status == HMZ_OK && i < sizeof empty / sizeof *empty; i++)
        if (!(*empty[i] = strdup("")))
            status = hmz_fail_nomem(err, "the list of runs");
    if (status != HMZ_OK)
        hmz_run_set_free(set);
    else
        *set_out = set;
    return status;
}

void hmz_run_set_free(struct hmz_run_set *set)
{
    if (!set)
        return;
    free_files(set->runs, set->count);
    free(set->missing_text);
    free(set->skipped_text);
    free(set->absent_text);
    free(set->outside_text);
    free(set->near_text);
    free(set);
}
