/* SPDX-License-Identifier: MIT */
#include "run_folders.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "list.h"
#include "path.h"

void hmz_run_folders_release(struct hmz_run_folders *self)
{
    for (size_t i = 0; i < self->count; i++)
        free(self->paths[i]);
    free(self->paths);
    free(self->text);
    *self = (struct hmz_run_folders){0};
}

int hmz_run_folders_add(struct hmz_run_folders *self, const char *path, struct hmz_error *err)
{
    char *text = self->text ? hmz_text_new("%s, %s", self->text, path) : strdup(path);
    char **item = text ? hmz_list_add(&self->paths, &self->count, sizeof *self->paths) : NULL;
    if (!item) {
        free(text);
        return hmz_fail_nomem(err, "merger_path");
    }
    free(self->text);
    self->text = text;
    *item = strdup(path);
    return *item ? HMZ_OK : hmz_fail_nomem(err, "merger_path");
}

int hmz_run_folders_copy(const struct hmz_run_folders *from, struct hmz_run_folders *to_out,
                         struct hmz_error *err)
{
    int status = HMZ_OK;
    *to_out = (struct hmz_run_folders){0};
    for (size_t i = 0; status == HMZ_OK && i < from->count; i++)
        status = hmz_run_folders_add(to_out, from->paths[i], err);
    return status;
}

bool hmz_run_folders_same(const struct hmz_run_folders *a, const struct hmz_run_folders *b)
{
    bool same = a->count == b->count;
    for (size_t i = 0; same && i < a->count; i++)
        same = strcmp(a->paths[i], b->paths[i]) == 0;
    return same;
}

char *hmz_run_folders_path(const struct hmz_run_folders *self, const char *name)
{
    for (size_t i = 0; i < self->count && self->count > 1; i++) {
        char *path = hmz_path_join(self->paths[i], name);
        if (!path || access(path, F_OK) == 0)
            return path;
        free(path);
    }
    return self->count ? hmz_path_join(self->paths[0], name) : strdup(name);
}

/* ---- one word ---- */

/* "12:/disk1/merged,12:/disk2/merged,": netstrings, as a path may hold any character. */
int hmz_run_folders_pack(const struct hmz_run_folders *self, char **word_out, struct hmz_error *err)
{
    char *word = strdup("");
    for (size_t i = 0; word && i < self->count; i++) {
        char *longer = hmz_text_new("%s%zu:%s,", word, strlen(self->paths[i]), self->paths[i]);
        free(word);
        word = longer;
    }
    *word_out = word;
    return word ? HMZ_OK : hmz_fail_nomem(err, "merger_path");
}

int hmz_run_folders_unpack(const char *word, struct hmz_run_folders *self_out, struct hmz_error *err)
{
    int status = HMZ_OK;
    *self_out = (struct hmz_run_folders){0};
    for (const char *at = word; status == HMZ_OK && *at;) {
        char *colon;
        unsigned long length = strtoul(at, &colon, 10);
        if (*colon != ':' || length >= strlen(colon) || colon[1 + length] != ',')
            return hmz_fail(err, HMZ_E_USAGE, "\"%s\" is no list of folders", word);
        char *path = strndup(colon + 1, length);
        status = path ? hmz_run_folders_add(self_out, path, err) : hmz_fail_nomem(err, "merger_path");
        free(path);
        at = colon + 1 + length + 1;
    }
    return status;
}
