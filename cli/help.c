/* SPDX-License-Identifier: MIT */
#include "help.h"

#include <string.h>

#include "command_table.h"

enum { COLUMNS = 80, OPTION_COLUMN = 21, COMMAND_COLUMN = 39 };

/* ---- words in lines ---- */

/* Words of a text in lines that begin in column `indent`; `at` is the column on the line that is begun. */
static void put_words(FILE *to, const char *text, size_t indent, size_t at)
{
    bool first = true;
    while (*text) {
        size_t length = strcspn(text, " ");
        if (!first && at + 1 + length > COLUMNS) {
            fprintf(to, "\n%*s", (int)indent, "");
            at = indent;
            first = true;
        }
        fprintf(to, "%s%.*s", first ? "" : " ", (int)length, text);
        at += length + !first;
        first = false;
        text += length + strspn(text + length, " ");
    }
    fputc('\n', to);
}

/* `head`, and from column `indent` on the text. */
static void put_entry(FILE *to, const char *head, const char *text, size_t indent)
{
    size_t length = strlen(head);
    if (!*text) {
        fprintf(to, "%s\n", head);
        return;
    }
    bool fits = length + 1 <= indent;
    fprintf(to, "%s%s%*s", head, fits ? "" : "\n", (int)(fits ? indent - length : indent), "");
    put_words(to, text, indent, indent);
}

/* ---- entries ---- */

/* "  -c, --config FILE" */
static void put_option(FILE *to, enum hmz_option_id id, const char *owners)
{
    const struct hmz_option *option = hmz_option(id);
    char head[64];
    char text[400];
    char letter[8] = "    ";
    if (!option->help)
        return;
    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(head, sizeof head, "  %s--%s%s%s", letter, option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    snprintf(text, sizeof text, "%s%s", owners, option->help);
    put_entry(to, head, text, OPTION_COLUMN);
}

/* "plan, verify, find: ", where a few commands take the option. */
static void name_owners(enum hmz_option_id id, char *text, size_t room)
{
    enum { NAMED_LAST = 3 };
    size_t count = 0;
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < hmz_command_count; i++)
        count += (hmz_commands[i].takes & HMZ_OPTION_BIT(id)) != 0;
    for (size_t i = 0; i < hmz_command_count && count <= NAMED_LAST && used < room; i++)
        if (hmz_commands[i].takes & HMZ_OPTION_BIT(id))
            used +=
                (size_t)snprintf(text + used, room - used, "%s%s", used ? ", " : "", hmz_commands[i].name);
    if (used && used < room)
        snprintf(text + used, room - used, ": ");
}

static void put_exit(FILE *to)
{
    fputs("\n"
          "Exit: 0 complete, 1 failed, 2 usage, configuration or outputs in the way,\n"
          "3 complete but events were skipped, 4 disk full, 128+N ended by signal N.\n",
          to);
}

/* ---- the two kinds ---- */

static void put_all(FILE *to)
{
    fprintf(to, "Rewrites AT-TPC merged runs as harmonic runs of equal size.\n\nUsage:\n");
    for (size_t i = 0; i < hmz_command_count; i++) {
        const struct hmz_command *command = &hmz_commands[i];
        char head[80];
        snprintf(head, sizeof head, "  harmonizer -c FILE %s%s", command->name, command->words);
        put_entry(to, head, command->help, COMMAND_COLUMN);
    }
    put_entry(to, "  harmonizer help COMMAND", "more about one of them", COMMAND_COLUMN);
    fprintf(to, "\nOptions:\n");
    for (int id = 0; id < HMZ_OPTIONS_END; id++) {
        char owners[100];
        name_owners((enum hmz_option_id)id, owners, sizeof owners);
        put_option(to, (enum hmz_option_id)id, owners);
    }
    put_exit(to);
}

static void put_one(FILE *to, const struct hmz_command *command)
{
    const char *more = command->most_words == HMZ_OPTS_ARGS_LAST ? " [-- SBATCH OPTIONS]" : "";
    fprintf(to, "Usage: harmonizer -c FILE %s%s [OPTIONS]%s\n\n", command->name, command->words, more);
    put_words(to, command->about, 0, 0);
    fprintf(to, "\nOptions:\n");
    for (int id = 0; id < HMZ_OPTIONS_END; id++)
        if (command->takes & HMZ_OPTION_BIT(id))
            put_option(to, (enum hmz_option_id)id, "");
    put_exit(to);
}

int hmz_help_print(FILE *to, const struct hmz_opts *opts, struct hmz_error *err)
{
    bool asked = strcmp(opts->command, "help") == 0;
    const char *name = !asked ? opts->command : opts->arg_count > 0 ? opts->args[0] : "";
    const struct hmz_command *command = hmz_command_find(name);
    if (asked && opts->arg_count > 1)
        return hmz_fail(err, HMZ_E_USAGE, "usage: harmonizer help [COMMAND]");
    if (!command && strcmp(name, "help") != 0)
        return hmz_fail(err, HMZ_E_USAGE, "unknown command \"%s\"; harmonizer --help lists them", name);
    if (command && command->name[0])
        put_one(to, command);
    else
        put_all(to);
    return HMZ_OK;
}
