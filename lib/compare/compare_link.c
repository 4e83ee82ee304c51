/* SPDX-License-Identifier: MIT */
#include "compare_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "h5_compat.h"
#include "h5_link.h"
#include "path.h"

static bool is_same_file(const char *a, const char *b)
{
    struct stat left;
    struct stat right;
    if (stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
        left.st_ino == right.st_ino)
        return true;
    /* File systems that make up inodes may tell two for one file: it is one if its path is. */
    char *one = realpath(a, NULL);
    char *other = realpath(b, NULL);
    bool same = one && other && strcmp(one, other) == 0;
    free(one);
    free(other);
    return same;
}

/* Told once for all links of the same text. */
static void judge_file(const struct hmz_link_question *question, const char *file, struct hmz_link_file *last,
                       struct hmz_what_differs *out)
{
    int32_t run = question->source->run;
    if (last->known && last->run == run && strcmp(last->text, file) == 0)
        return;
    *last = (struct hmz_link_file){.run = run, .known = true};
    snprintf(last->text, sizeof last->text, "%s", file);
    char *path = hmz_path_join(question->folder, file);
    struct stat there;
    if (file[0] == '/')
        snprintf(out->text, sizeof out->text,
                 "this and the links after it lead to %.300s, expected a path relative to harmonic_path",
                 file);
    else if (path && stat(path, &there) != 0)
        snprintf(out->text, sizeof out->text,
                 "this and the links after it lead to %.300s, which is not there, expected merged run %d",
                 file, run);
    else if (!path || !is_same_file(path, question->source->path))
        snprintf(out->text, sizeof out->text,
                 "this and the links after it lead to %.300s, which is not merged run %d", file, run);
    free(path);
}

void hmz_compare_link(const struct hmz_link_question *question, struct hmz_link_file *last,
                      struct hmz_what_differs *what_out)
{
    struct hmz_h5_link found;
    hmz_h5_link_info info;
    what_out->text[0] = '\0';
    if (H5Lexists(question->event, question->path, H5P_DEFAULT) == 0)
        snprintf(what_out->text, sizeof what_out->text, "is missing");
    else if (hmz_h5_link_info_get(question->event, question->path, &info) < 0 ||
             info.type != H5L_TYPE_EXTERNAL || !hmz_h5_link_read(question->event, question->path, &found))
        snprintf(what_out->text, sizeof what_out->text, "is no link to the merged run");
    else if (found.target[0] != '/' || strcmp(found.target + 1, question->target) != 0)
        snprintf(what_out->text, sizeof what_out->text, "links to %.200s, expected /%.200s", found.target,
                 question->target);
    else
        judge_file(question, found.file, last, what_out);
}
