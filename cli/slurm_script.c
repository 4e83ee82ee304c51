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

static void put_head(FILE *to, const struct hmz_slurm_script *self)
{
    fputs("#!/bin/sh\n"
          "# Submits a harmonizer job to Slurm in three steps, each after the one before.\n"
          "folder=",
          to);
    put_quoted(to, self->folder);
    fputs("\n"
          "ids=\n"
          "leave() {\n"
          "    echo \"harmonizer: $2; nothing stays in the queue\" >&2\n"
          "    [ -z \"$ids\" ] || scancel $ids\n"
          "    exit \"$1\"\n"
          "}\n"
          "trap 'leave 129 stopped' HUP\n"
          "trap 'leave 130 stopped' INT\n"
          "trap 'leave 143 stopped' TERM\n"
          "command -v sbatch >/dev/null || {\n"
          "    echo 'harmonizer: there is no sbatch in PATH: is this a machine of a Slurm cluster?' >&2\n"
          "    exit 1\n"
          "}\n",
          to);
}

/* A function that prints what the batch job runs. `jobs`: how many worker processes; `words`: the step. */
static void put_step(FILE *to, const struct hmz_slurm_script *self, const char *name, const char *jobs,
                     const char *words)
{
    fprintf(to,
            "\n%s_step() {\n"
            "    cat <<'HARMONIZER_STEP'\n"
            "#!/bin/sh\n"
            "jobs=%s\n"
            "[ \"$jobs\" -le 256 ] || jobs=256\n"
            "exec ",
            name, jobs);
    put_quoted(to, self->program);
    fputs(" --config ", to);
    put_quoted(to, self->config);
    fprintf(to, " --jobs \"$jobs\" %s%s\nHARMONIZER_STEP\n}\n", words, self->skip_bad ? " --skip-bad" : "");
}

/* `before` and `after`: our options before and after those of the user, which may change the former only. */
static void put_submission(FILE *to, const struct hmz_slurm_script *self, const char *name,
                           const char *before, const char *after)
{
    fprintf(to, "%s=$(%s_step | sbatch --job-name=harmonizer-%s %s", name, name, name, before);
    for (int i = 0; i < self->sbatch_count; i++) {
        fputc(' ', to);
        put_quoted(to, self->sbatch[i]);
    }
    fprintf(to,
            " \\\n"
            "    --parsable --chdir=\"$folder\"%s) || leave 1 'sbatch did not take the step %s'\n"
            "%s=${%s%%%%;*}\n"
            "ids=\"$ids $%s\"\n",
            after, name, name, name, name);
}

static void put_prepare(FILE *to, const struct hmz_slurm_script *self)
{
    put_step(to, self, "prepare", "${SLURM_CPUS_ON_NODE:-1}", self->force ? "prepare --force" : "prepare");
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
            "echo \"watch    squeue -j $prepare,$write,$finish\"\n"
            "echo \"logs     $folder/harmonizer-*.log\"\n"
            "echo 'The set is complete when manifest.json is there. After a failure: the same command goes "
            "on.'\n",
            self->shards);
}
