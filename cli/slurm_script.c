/* SPDX-License-Identifier: MIT */
#include "slurm_script.h"

/* In single quotes; one in the text ends them, stands in double quotes, and begins them again. */
static void put_quoted(FILE *to, const char *text)
{
    fputc('\'', to);
    for (; *text; text++)
        if (*text == '\'')
            fputs("'\"'\"'", to);
        else
            fputc(*text, to);
    fputc('\'', to);
}

/* What sbatch prints beside the number (warnings, what a site's wrapper has to say) is no job id: a line that
 * is a number, and perhaps a semicolon and a cluster, is one, and so is what sbatch says without --parsable.
 * A signal is looked at between two submissions, so that the number of each job is known. scancel(1) gets
 * numbers only: the cluster goes to it by the environment. Ends with HMZ_SLURM_LEFT where a job may be left
 * in the queue. */
static const char functions[] =
    "ids=\n"
    "cluster=\n"
    "stopped=\n"
    "left=\n"
    "leave() {\n"
    "    if [ -n \"$ids\" ]; then\n"
    "        [ -z \"$cluster\" ] || { SLURM_CLUSTERS=$cluster; export SLURM_CLUSTERS; }\n"
    "        scancel $ids || left=\"$left these jobs may still be in the queue:$ids\"\n"
    "    fi\n"
    "    echo \"harmonizer: $2;${left:- nothing stays in the queue}\" >&2\n"
    "    [ -z \"$left\" ] || exit 3\n" /* HMZ_SLURM_LEFT */
    "    exit \"$1\"\n"
    "}\n"
    "trap 'stopped=129' HUP\n"
    "trap 'stopped=130' INT\n"
    "trap 'stopped=143' TERM\n"
    "# take_id STEP ENDED PRINTED: what sbatch ended with and printed\n"
    "take_id() {\n"
    "    line=$(printf '%s\\n' \"$3\" | tr -d '\\r' | sed -n \\\n"
    "        -e 's/^ *\\([0-9][0-9]*\\) *$/\\1/p' -e 's/^ *\\([0-9][0-9]*;[A-Za-z0-9_.-]*\\) *$/\\1/p' \\\n"
    "        -e 's/^Submitted batch job \\([0-9][0-9]*\\).*/\\1/p' | tail -n 1)\n"
    "    id=${line%%;*}\n"
    "    case $line in *\\;?*) cluster=${line#*;} ;; esac\n"
    "    [ \"$2\" -ne 0 ] || ids=\"$ids${id:+ $id}\"\n"
    "    [ -z \"$stopped\" ] || leave \"$stopped\" stopped\n"
    "    [ \"$2\" -eq 0 ] || leave 1 \"sbatch did not take the step $1\"\n"
    "    [ -n \"$id\" ] || {\n"
    "        left=\" a job harmonizer-$1 is in the queue, find it with squeue\"\n"
    "        leave 1 \"sbatch took the step $1 but printed no job id\"\n"
    "    }\n"
    "}\n"
    "command -v sbatch >/dev/null || {\n"
    "    echo 'harmonizer: there is no sbatch in PATH: is this a machine of a Slurm cluster?' >&2\n"
    "    exit 1\n"
    "}\n";

static void put_head(FILE *to, const struct hmz_slurm_script *self)
{
    fputs("#!/bin/sh\n"
          "# Submits a harmonizer job to Slurm in three steps, each after the one before.\n"
          "folder=",
          to);
    put_quoted(to, self->folder);
    fputs("\n", to);
    fputs(functions, to);
}

/* A function that prints what the batch job runs. `jobs`: how many worker processes where --jobs is not
 * given; `words`: the step. */
static void put_step(FILE *to, const struct hmz_slurm_script *self, const char *name, const char *jobs,
                     const char *words)
{
    char given[16];
    snprintf(given, sizeof given, "%u", self->jobs);
    fprintf(to,
            "\n%s_step() {\n"
            "    cat <<'HARMONIZER_STEP'\n"
            "#!/bin/sh\n"
            "jobs=%s\n"
            "[ \"$jobs\" -le 256 ] || jobs=256\n"
            "exec ",
            name, self->jobs ? given : jobs);
    put_quoted(to, self->program);
    fputs(" --config ", to);
    put_quoted(to, self->config);
    fprintf(to, " --jobs \"$jobs\" %s%s\nHARMONIZER_STEP\n}\n", words, self->skip_bad ? " --skip-bad" : "");
}

/* `before` and `after`: our options before and after those of the user, which may change the former only. */
static void put_submission(FILE *to, const struct hmz_slurm_script *self, const char *name,
                           const char *before, const char *after)
{
    fprintf(to, "printed=$(%s_step | sbatch --job-name=harmonizer-%s %s", name, name, before);
    for (int i = 0; i < self->sbatch_count; i++) {
        fputc(' ', to);
        put_quoted(to, self->sbatch[i]);
    }
    fprintf(to,
            " \\\n"
            "    --parsable --chdir=\"$folder\"%s)\n"
            "take_id %s $? \"$printed\"\n"
            "%s=$id\n",
            after, name, name);
}

static void put_prepare(FILE *to, const struct hmz_slurm_script *self)
{
    char words[64];
    snprintf(words, sizeof words, "prepare%s%s", self->force ? " --force" : "",
             self->discard_events ? " --discard-events" : "");
    put_step(to, self, "prepare", "${SLURM_CPUS_ON_NODE:-1}", words);
    put_submission(to, self, "prepare",
                   "--nodes=1 --ntasks=1 --exclusive --requeue --output=harmonizer-prepare-%j.log", "");
}

static void put_write(FILE *to, const struct hmz_slurm_script *self)
{
    char words[64];
    char after[128];
    snprintf(words, sizeof words, "write --shard \"$SLURM_ARRAY_TASK_ID/%u\"", self->shards);
    snprintf(after, sizeof after,
             " \\\n    --array=1-%u --dependency=afterok:\"$prepare\" --kill-on-invalid-dep=yes",
             self->shards);
    put_step(to, self, "write", "${SLURM_CPUS_PER_TASK:-1}", words);
    put_submission(to, self, "write", "--ntasks=1 --requeue --output=harmonizer-write-%A-%a.log", after);
}

static void put_finish(FILE *to, const struct hmz_slurm_script *self)
{
    put_step(to, self, "finish", "1", "finish");
    put_submission(to, self, "finish", "--ntasks=1 --requeue --output=harmonizer-finish-%j.log",
                   " \\\n    --dependency=afterok:\"$write\" --kill-on-invalid-dep=yes");
}

void hmz_slurm_script_print(FILE *to, const struct hmz_slurm_script *self)
{
    put_head(to, self);
    put_prepare(to, self);
    put_write(to, self);
    put_finish(to, self);
    fprintf(to,
            "\necho \"prepare  job $prepare\"\n"
            "echo \"write    job $write, %u shards\"\n"
            "echo \"finish   job $finish\"\n"
            "echo \"watch    squeue ${cluster:+-M $cluster }-j $prepare,$write,$finish\"\n"
            "echo \"logs     $folder/harmonizer-*.log\"\n"
            "echo 'The set is complete when manifest.json is there. After a failure: the same command goes "
            "on.'\n",
            self->shards);
}
