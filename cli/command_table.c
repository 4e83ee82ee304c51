/* SPDX-License-Identifier: MIT */
#include "command_table.h"

#include <stdio.h>
#include <string.h>

#define BIT(name) HMZ_OPTION_BIT(HMZ_OPTION_##name)

enum {
    EVERY_ONE = BIT(CONFIG) | BIT(QUIET) | BIT(HELP) | BIT(VERSION) | BIT(STALL_SECONDS),
    WITH_WORKERS = EVERY_ONE | BIT(JOBS),
    REPLACES = BIT(FORCE) | BIT(DISCARD_EVENTS),
    READS = HMZ_NEEDS_CONFIG | HMZ_NEEDS_MERGER_PATH,
    WRITES = READS | HMZ_NEEDS_WRITABLE,
};

const struct hmz_command hmz_commands[] = {
    {"", "", 0, 0, WRITES, WITH_WORKERS | BIT(JSON) | REPLACES | BIT(SKIP_BAD), hmz_cmd_run,
     "harmonize; goes on after an interruption", ""},
    {"new", "", 0, 0, HMZ_NEEDS_CONFIG_PATH, EVERY_ONE, hmz_cmd_new, "write a template configuration",
     "Writes a commented template of the configuration to FILE, which must not exist."},
    {"plan", "", 0, 0, READS, WITH_WORKERS | BIT(JSON) | REPLACES | BIT(SKIP_BAD), hmz_cmd_plan,
     "what would be written; writes nothing",
     "Scans the merged runs and shows what the job would write, how equal the harmonic runs are, and how "
     "much room "
     "they take, in copies and in links. Writes nothing. Ends as the job would before its first byte."},
    {"verify", "", 0, 0, READS, WITH_WORKERS | BIT(JSON) | BIT(CHECKSUMS), hmz_cmd_verify,
     "compare the set with the merged runs",
     "Compares the harmonic set with the merged runs, event by event and bit by bit, and the tables. Ends "
     "with 1 "
     "and the differences, if there are any; with 3 where the set lacks events that were skipped, and no "
     "others. "
     "With --checksums it compares every file of the set with the manifest; that needs no merged run."},
    {"prepare", "", 0, 0, WRITES, WITH_WORKERS | REPLACES | BIT(SKIP_BAD), hmz_cmd_prepare,
     "step 1 of 3: scan and plan",
     "The first of the three steps of the job, for a batch system: scans the merged runs and makes the plan. "
     "May "
     "be repeated."},
    {"write", " --shard I/N", 0, 0, WRITES, WITH_WORKERS | BIT(SHARD) | BIT(SKIP_BAD), hmz_cmd_write,
     "step 2: shard I of N, any order",
     "The second step: writes shard I of N, in any order, at once, on any machine that sees both folders. "
     "May be "
     "repeated."},
    {"finish", "", 0, 0, WRITES, WITH_WORKERS | BIT(JSON) | BIT(SKIP_BAD), hmz_cmd_finish,
     "step 3: tables and manifest",
     "The third step: names what is missing, or writes the tables and the manifest. May be repeated."},
    {"slurm", "", 0, HMZ_OPTS_ARGS_LAST, WRITES,
     WITH_WORKERS | BIT(SHARDS) | BIT(PRINT) | REPLACES | BIT(SKIP_BAD), hmz_cmd_slurm,
     "submit these steps to Slurm",
     "Submits prepare, write and finish to Slurm, each depending on the one before, and says how to watch "
     "them. "
     "What follows -- goes to sbatch. Each step uses the processors that Slurm gives to it, or --jobs."},
    {"info", "", 0, 0, HMZ_NEEDS_CONFIG, WITH_WORKERS | BIT(JSON), hmz_cmd_info, "what is in the set",
     "Prints what the summary said when the set was made, from its tables: merged runs, events, harmonic "
     "runs, "
     "what was skipped, what to tell Spyral. It needs no merged run. Ends with 3 where events were skipped."},
    {"find", " RUN EVENT | -", 1, 2, HMZ_NEEDS_CONFIG, WITH_WORKERS | BIT(HARMONIC) | BIT(JSON), hmz_cmd_find,
     "where did this original event go?",
     "Prints the harmonic run that holds event EVENT of merged run RUN, and its number there: run_0003.h5 "
     "event_12. With --harmonic N M it prints the original numbers, RUN EVENT, of event M of harmonic run N. "
     "- reads such pairs from standard input, a line each, and prints a line for each: - where there is no "
     "such event. It ends with 1 then. It reads events.parquet and needs no merged run."},
};
const size_t hmz_command_count = sizeof hmz_commands / sizeof *hmz_commands;

const struct hmz_command *hmz_command_find(const char *name)
{
    for (size_t i = 0; i < hmz_command_count; i++)
        if (strcmp(hmz_commands[i].name, name) == 0)
            return &hmz_commands[i];
    return NULL;
}

static const char *name_of(const struct hmz_command *command)
{
    return command->name[0] ? command->name : "the whole job";
}

/* "--json belongs to plan, verify and find" */
static int fail_not_taken(const struct hmz_command *command, enum hmz_option_id id, struct hmz_error *err)
{
    char owners[200] = "";
    size_t used = 0;
    size_t left = 0;
    for (size_t i = 0; i < hmz_command_count; i++)
        left += (hmz_commands[i].takes & HMZ_OPTION_BIT(id)) != 0;
    if (left > hmz_command_count / 2)
        return hmz_fail(err, HMZ_E_USAGE, "%s takes no --%s", name_of(command), hmz_option(id)->name);
    for (size_t i = 0; i < hmz_command_count && used < sizeof owners; i++) {
        if (!(hmz_commands[i].takes & HMZ_OPTION_BIT(id)))
            continue;
        const char *after = left > 2 ? ", " : left == 2 ? " and " : "";
        used +=
            (size_t)snprintf(owners + used, sizeof owners - used, "%s%s", name_of(&hmz_commands[i]), after);
        left--;
    }
    return hmz_fail(err, HMZ_E_USAGE, "--%s belongs to %s", hmz_option(id)->name, owners);
}

/* The first argument is the command. */
static int check_words(const struct hmz_command *command, const struct hmz_opts *opts, struct hmz_error *err)
{
    if (opts->arg_count > command->most_words)
        return hmz_fail(err, HMZ_E_USAGE, "\"%s\" is one word too many; usage: harmonizer -c FILE %s%s",
                        opts->args[command->most_words], command->name, command->words);
    if (opts->arg_count < command->least_words)
        return hmz_fail(err, HMZ_E_USAGE, "%s needs more; usage: harmonizer -c FILE %s%s", name_of(command),
                        command->name, command->words);
    return HMZ_OK;
}

int hmz_command_check(const struct hmz_command *command, const struct hmz_opts *opts, struct hmz_error *err)
{
    int status = check_words(command, opts, err);
    if (status != HMZ_OK)
        return status;
    for (int id = 0; id < HMZ_OPTIONS_END; id++)
        if (opts->given & HMZ_OPTION_BIT(id) & ~command->takes)
            return fail_not_taken(command, (enum hmz_option_id)id, err);
    if (opts->discard_events && !opts->force)
        return hmz_fail(
            err, HMZ_E_USAGE,
            "--discard-events belongs to --force: it gives up events of the set that is replaced");
    if (!opts->config_path)
        return hmz_fail(err, HMZ_E_USAGE,
                        "--config FILE is missing; `harmonizer -c FILE new` writes a template");
    return HMZ_OK;
}
