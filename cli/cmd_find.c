/* SPDX-License-Identifier: MIT */
/* Where did an original event go, or which one is it? From events.parquet alone. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buffer.h"
#include "commands.h"
#include "list.h"
#include "lookup.h"
#include "outputs.h"
#include "posix_io.h"
#include "say.h"
#include "strict_number.h"

struct questions {
    enum hmz_lookup_way way;
    struct hmz_lookup *items;
    size_t count;
    bool in_bulk;
};

/* ---- what is asked ---- */

static int take_number(const char *what, const char *text, size_t length, uint64_t limit, uint64_t *out,
                       struct hmz_error *err)
{
    if (hmz_number_parse_integer(text, length, limit, out) != HMZ_NUMBER_FINE)
        return hmz_fail(err, HMZ_E_USAGE, "find: \"%.*s\" is not %s number", (int)length, text, what);
    return HMZ_OK;
}

static int add_question(struct questions *self, const char *run, size_t run_length, const char *event,
                        size_t event_length, struct hmz_error *err)
{
    struct hmz_lookup *item = hmz_list_add(&self->items, &self->count, sizeof *self->items);
    if (!item)
        return hmz_fail_nomem(err, "the questions");
    const char *what = self->way == HMZ_LOOKUP_HARMONIC ? "a harmonic run's" : "a run";
    int status = take_number(what, run, run_length, INT32_MAX, &item->asked.run, err);
    return status == HMZ_OK
               ? take_number("an event", event, event_length, UINT64_MAX, &item->asked.event, err)
               : status;
}

/* "RUN EVENT" between spaces and tabs. */
static int take_line(struct questions *self, const char *line, size_t length, struct hmz_error *err)
{
    static const char blank[] = " \t\r";
    const char *words[3];
    size_t lengths[3];
    size_t count = 0;
    for (size_t at = 0; at < length;) {
        size_t begin = at;
        while (at < length && !memchr(blank, line[at], sizeof blank - 1))
            at++;
        if (at > begin && count < 3) {
            words[count] = line + begin;
            lengths[count++] = at - begin;
        }
        at += at < length;
    }
    if (count != 2)
        return hmz_fail(err, HMZ_E_USAGE, "find: expected two numbers, %s",
                        self->way == HMZ_LOOKUP_HARMONIC ? "N M" : "RUN EVENT");
    return add_question(self, words[0], lengths[0], words[1], lengths[1], err);
}

static int read_input(struct hmz_buffer *content, const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    uint8_t piece[1 << 14];
    int tries = 0;
    for (;;) {
        ssize_t got = read(STDIN_FILENO, piece, sizeof piece);
        if (got == 0)
            return hmz_buffer_check(content, "standard input", err);
        if (got > 0) {
            hmz_buffer_put(content, piece, (size_t)got);
            tries = 0;
        } else if (errno == EINTR && *stop) {
            return hmz_fail(err, HMZ_E_INTERRUPTED, "interrupted");
        } else if (errno != EINTR || ++tries > HMZ_IO_EINTR_TRIES) {
            return hmz_fail_errno(err, errno, "standard input: cannot read");
        }
    }
}

static int take_lines(struct questions *self, const struct hmz_buffer *content, struct hmz_error *err)
{
    int status = HMZ_OK;
    if (content->used == 0)
        return HMZ_OK;
    const char *at = (const char *)content->data;
    const char *end = at + content->used;
    for (size_t line = 1; status == HMZ_OK && at < end; line++) {
        const char *next = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((next ? next : end) - at);
        status = take_line(self, at, length, err);
        if (status != HMZ_OK)
            return hmz_context(err, "standard input, line %zu", line);
        at += length + 1;
    }
    return status;
}

static int take_input(struct questions *self, const volatile sig_atomic_t *stop, struct hmz_error *err)
{
    struct hmz_buffer content = {0};
    int status = read_input(&content, stop, err);
    if (status == HMZ_OK)
        status = take_lines(self, &content, err);
    hmz_buffer_release(&content);
    return status;
}

static int take_questions(struct questions *self, const struct hmz_command_input *input,
                          struct hmz_error *err)
{
    const struct hmz_opts *opts = input->opts;
    self->way = opts->harmonic ? HMZ_LOOKUP_HARMONIC : HMZ_LOOKUP_ORIGINAL;
    self->in_bulk = opts->arg_count == 1 && strcmp(opts->args[0], "-") == 0;
    if (self->in_bulk)
        return take_input(self, input->stop, err);
    if (opts->arg_count != 2)
        return hmz_fail(err, HMZ_E_USAGE, "find needs more; usage: harmonizer -c FILE find %s",
                        opts->harmonic ? "--harmonic N M, or -" : "RUN EVENT, or -");
    return add_question(self, opts->args[0], strlen(opts->args[0]), opts->args[1], strlen(opts->args[1]),
                        err);
}

/* ---- answers ---- */

static void print_answer(const struct hmz_lookup *item, enum hmz_lookup_way way, bool json)
{
    const struct hmz_lookup_place *found = &item->found;
    if (!item->is_there)
        printf(json ? "null\n" : "-\n");
    else if (way == HMZ_LOOKUP_HARMONIC)
        printf(json ? "{\"run\": %" PRIu64 ", \"event\": %" PRIu64 "}\n" : "%" PRIu64 " %" PRIu64 "\n",
               found->run, found->event);
    else if (json)
        printf("{\"file\": \"%s\", \"harmonic_run\": %" PRIu64 ", \"harmonic_event\": %" PRIu64 "}\n",
               hmz_harmonic_name((size_t)found->run).text, found->run, found->event);
    else
        printf("%s event_%" PRIu64 "\n", hmz_harmonic_name((size_t)found->run).text, found->event);
}

/* With the reason, where it was left out. */
static int tell_no_original(const char *folder, const struct hmz_manifest *set,
                            const struct hmz_lookup_place *wanted, struct hmz_error *err)
{
    const int32_t run = (int32_t)wanted->run;
    for (size_t i = 0; i < set->skipped_count; i++) {
        const struct hmz_skipped *skipped = &set->skipped[i];
        if (skipped->run == run && skipped->kind == HMZ_SKIPPED_EVENT && skipped->number == wanted->event)
            return hmz_fail(err, HMZ_E_FAILED,
                            "event %" PRIu64 " of merged run %d was left out as damaged: %s", wanted->event,
                            run, skipped->reason);
    }
    for (size_t i = 0; i < set->skipped_count; i++)
        if (set->skipped[i].run == run && set->skipped[i].kind == HMZ_SKIPPED_RUN)
            return hmz_fail(err, HMZ_E_FAILED,
                            "%s holds no event %" PRIu64 " of merged run %d, which is damaged: %s", folder,
                            wanted->event, run, set->skipped[i].reason);
    for (size_t i = 0; i < set->input_count; i++)
        if (set->inputs[i].run == run)
            return hmz_fail(err, HMZ_E_FAILED, "%s holds no event %" PRIu64 " of merged run %d", folder,
                            wanted->event, run);
    return hmz_fail(err, HMZ_E_FAILED,
                    "%s holds no event %" PRIu64 " of merged run %d: that run is not in the set", folder,
                    wanted->event, run);
}

static int tell_no_harmonic(const char *folder, const struct hmz_manifest *set,
                            const struct hmz_lookup_place *wanted, struct hmz_error *err)
{
    const struct hmz_run_name name = hmz_harmonic_name((size_t)wanted->run);
    const struct hmz_manifest_output *output = hmz_manifest_find_output(set, name.text);
    if (!output)
        return hmz_fail(err, HMZ_E_FAILED, "%s holds no %s", folder, name.text);
    return hmz_fail(err, HMZ_E_FAILED,
                    "%s holds %" PRIu64 " events in %s, from 0 on: there is no event %" PRIu64, folder,
                    output->events, name.text, wanted->event);
}

static int print_answers(const struct questions *self, const struct hmz_command_input *input,
                         const struct hmz_manifest *set, struct hmz_error *err)
{
    const char *folder = input->config->harmonic_path;
    size_t missing = 0;
    for (size_t i = 0; i < self->count; i++) {
        missing += !self->items[i].is_there;
        if (self->items[i].is_there || self->in_bulk)
            print_answer(&self->items[i], self->way, input->opts->json);
    }
    if (missing == 0)
        return HMZ_OK;
    if (self->in_bulk)
        return hmz_fail(err, HMZ_E_FAILED, "%s: no such event for %zu of %zu lines", folder, missing,
                        self->count);
    return self->way == HMZ_LOOKUP_HARMONIC ? tell_no_harmonic(folder, set, &self->items[0].asked, err)
                                            : tell_no_original(folder, set, &self->items[0].asked, err);
}

int hmz_cmd_find(const struct hmz_command_input *input, struct hmz_error *err)
{
    struct questions questions = {0};
    struct hmz_manifest set = {0};
    int status = take_questions(&questions, input, err);
    const struct hmz_lookup_request request = {.harmonic_path = input->config->harmonic_path,
                                               .manifest = &set,
                                               .way = questions.way,
                                               .stop = input->stop};
    if (status == HMZ_OK)
        status = hmz_outputs_load_manifest(&set, input->config->harmonic_path, err);
    if (status == HMZ_OK)
        status = hmz_lookup_answer(&request, questions.items, questions.count, err);
    if (status == HMZ_OK)
        status = print_answers(&questions, input, &set, err);
    hmz_manifest_release(&set);
    free(questions.items);
    return status;
}
