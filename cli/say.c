/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "plain_text.h"

enum { TEXT_BYTES = 8192 };

void hmz_say(FILE *to, const char *format, ...)
{
    char text[TEXT_BYTES];
    char shown[HMZ_TEXT_ROOM(TEXT_BYTES)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    size_t length = strlen(format);
    bool ends = length > 0 && format[length - 1] == '\n';
    size_t used = strlen(text);
    if (ends && used > 0 && text[used - 1] == '\n')
        text[used - 1] = '\0';
    hmz_text_to_shown(text, shown, sizeof shown);
    if (to == stderr)
        hmz_ignore(fflush(stdout)); /* a result before what is said of it, where both go to one file */
    fprintf(to, "%s%s", shown, ends ? "\n" : "");
}
