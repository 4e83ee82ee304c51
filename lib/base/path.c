/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *hmz_text_new(const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *hmz_path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    const char *slash = length > 0 && folder[length - 1] == '/' ? "" : "/";
    return hmz_text_new("%s%s%s", folder, slash, name);
}

char *hmz_path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return strdup(".");
    if (slash == path)
        return strdup("/");
    return strndup(path, (size_t)(slash - path));
}

const char *hmz_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

struct hmz_path_text hmz_path_shown(const char *path)
{
    struct hmz_path_text out;
    char here[PATH_MAX];
    const char *rest = strncmp(path, "./", 2) == 0 ? path + 2 : path;
    if (path[0] == '/' || !getcwd(here, sizeof here))
        snprintf(out.text, sizeof out.text, "%s", path);
    else if (strcmp(rest, ".") == 0 || !*rest)
        snprintf(out.text, sizeof out.text, "%s (from here: %s)", path, here);
    else
        snprintf(out.text, sizeof out.text, "%s (from here: %s/%s)", path, strcmp(here, "/") == 0 ? "" : here,
                 rest);
    return out;
}

/* Length of the folders that two absolute paths have in common, without the slash after them. */
static size_t common_folders(const char *a, const char *b)
{
    size_t common = 0;
    size_t i = 0;
    for (; a[i] && a[i] == b[i]; i++)
        if (a[i] == '/')
            common = i;
    if ((!a[i] || a[i] == '/') && (!b[i] || b[i] == '/'))
        common = i;
    return common;
}

static char *way_between(const char *from, const char *to, const char *name)
{
    size_t common = common_folders(from, to);
    size_t ups = 0;
    for (const char *at = from + common; *at; at++)
        ups += at[0] == '/' && at[1];
    const char *down = to + common;
    while (*down == '/')
        down++;
    char *text = malloc(3 * ups + strlen(down) + strlen(name) + 2);
    if (!text)
        return NULL;
    for (size_t i = 0; i < 3 * ups; i++)
        text[i] = i % 3 == 2 ? '/' : '.';
    size_t room = strlen(down) + strlen(name) + 2;
    snprintf(text + 3 * ups, room, "%s%s%s", down, *down ? "/" : "", name);
    return text;
}

int hmz_path_relative(const char *folder, const char *file, char **path_out, struct hmz_error *err)
{
    int status = HMZ_OK;
    char *file_folder = hmz_path_folder(file);
    if (!file_folder)
        return hmz_fail_nomem(err, file);
    char *from = realpath(folder, NULL);
    if (!from)
        status = hmz_fail_errno(err, errno, "%s: its real path cannot be found", folder);
    char *to = from ? realpath(file_folder, NULL) : NULL;
    if (from && !to)
        status = hmz_fail_errno(err, errno, "%s: its real path cannot be found", file_folder);
    *path_out = to ? way_between(from, to, hmz_path_name(file)) : NULL;
    if (to && !*path_out)
        status = hmz_fail_nomem(err, file);
    free(file_folder);
    free(from);
    free(to);
    return status;
}
