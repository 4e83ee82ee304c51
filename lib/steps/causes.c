/* SPDX-License-Identifier: MIT */
#include "causes.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

/* ---- what texts have in common ---- */

static bool is_digit(char letter)
{
    return isdigit((unsigned char)letter) != 0;
}

/* A number ends behind its last digit; "31,004,112" is one. */
static const char *number_end(const char *text)
{
    while (is_digit(*text) || (*text == ',' && is_digit(text[1])))
        text++;
    return text;
}

/* The path in front of the first ": ", if the text has one. */
static size_t path_length(const char *text)
{
    const char *end = strstr(text, ": ");
    return end ? (size_t)(end - text) : 0;
}

static const char *cause_of(const char *text)
{
    return text + path_length(text);
}

enum digits { ALL_DIGITS, OWN_NUMBER };

/* `text` with "#" in place of the event's own number; of every other number behind its path, too, for
 * ALL_DIGITS. There, digits beside letters (H5Gopen) are no numbers. NULL without memory. */
static char *make_key(const char *text, uint64_t number, enum digits which)
{
    char own[24];
    char *key = malloc(strlen(text) + 1);
    if (!key)
        return NULL;
    size_t own_length = (size_t)snprintf(own, sizeof own, "%" PRIu64, number);
    const char *cause = cause_of(text);
    char *to = key;
    for (const char *at = text; *at;) {
        const char *end = number_end(at);
        size_t length = end > at ? (size_t)(end - at) : 1;
        bool is_own = length == own_length && memcmp(at, own, own_length) == 0;
        bool in_word = at > cause && (isalpha((unsigned char)at[-1]) || isalpha((unsigned char)*end));
        if (end > at && !in_word && (is_own || (at >= cause && which == ALL_DIGITS))) {
            *to++ = '#';
        } else {
            memcpy(to, at, length);
            to += length;
        }
        at += length;
    }
    *to = '\0';
    return key;
}

void hmz_causes_release(struct hmz_causes *self)
{
    for (size_t i = 0; i < self->count; i++) {
        free(self->items[i].key);
        free(self->items[i].shared);
        free(self->items[i].text);
    }
    *self = (struct hmz_causes){0};
}

/* ---- gathering ---- */

/* Takes key and shared over, once it is OK. */
static int add_new(struct hmz_causes *self, const struct hmz_cause *keys, const struct hmz_cause_of *finding,
                   struct hmz_error *err)
{
    char *text = strdup(finding->text);
    if (!text)
        return hmz_fail_nomem(err, "what is wrong with a merged run");
    self->items[self->count++] = (struct hmz_cause){.key = keys->key,
                                                    .shared = keys->shared,
                                                    .text = text,
                                                    .note = finding->note,
                                                    .kind = finding->kind,
                                                    .count = 1,
                                                    .first = finding->number,
                                                    .last = finding->number};
    return HMZ_OK;
}

static struct hmz_cause *find(struct hmz_causes *self, const char *key, const struct hmz_cause_of *finding)
{
    for (size_t i = 0; i < self->count; i++) {
        struct hmz_cause *item = &self->items[i];
        if (item->kind == finding->kind && item->note == finding->note && strcmp(item->key, key) == 0)
            return item;
    }
    return NULL;
}

int hmz_causes_add(struct hmz_causes *self, const struct hmz_cause_of *finding, struct hmz_error *err)
{
    struct hmz_cause keys = {.key = make_key(finding->text, finding->number, ALL_DIGITS),
                             .shared = make_key(finding->text, finding->number, OWN_NUMBER)};
    int status = keys.key && keys.shared ? HMZ_OK : hmz_fail_nomem(err, "what is wrong with a merged run");
    struct hmz_cause *item = status == HMZ_OK ? find(self, keys.key, finding) : NULL;
    if (item) {
        item->varies = item->varies || strcmp(cause_of(item->text), cause_of(finding->text)) != 0;
        item->varies_more = item->varies_more || strcmp(item->shared, keys.shared) != 0;
        item->count++;
        item->last = finding->number;
    } else if (status == HMZ_OK && self->count < HMZ_CAUSES_KEPT) {
        status = add_new(self, &keys, finding, err);
        if (status == HMZ_OK)
            return status;
    } else if (status == HMZ_OK) {
        self->others++;
    }
    free(keys.key);
    free(keys.shared);
    return status;
}

/* ---- words ---- */

/* " in 2,400 events (event_0 to event_2399)" */
static void say_range(const struct hmz_cause *item, char *text, size_t room)
{
    const struct hmz_number_text count = hmz_count_text(item->count);
    const char *to = item->count == 2 ? "and" : "to";
    if (item->kind == HMZ_FINDING_EVENT)
        snprintf(text, room, " in %s events (event_%" PRIu64 " %s event_%" PRIu64 ")", count.text,
                 item->first, to, item->last);
    else if (item->kind == HMZ_FINDING_SCALER)
        snprintf(text, room, " in %s scaler readouts (%" PRIu64 " %s %" PRIu64 ")", count.text, item->first,
                 to, item->last);
    else
        snprintf(text, room, " in %s members", count.text);
}

static void tell(const struct hmz_cause *item, const struct hmz_job_options *options, int32_t run)
{
    char range[128];
    static const char events[] = "events/event_#";
    if (item->count == 1) {
        hmz_job_note(options, item->note, "merged run %d: %s", run, item->text);
        return;
    }
    say_range(item, range, sizeof range);
    if ((item->varies && item->varies_more) || item->kind == HMZ_FINDING_MEMBER) {
        hmz_job_note(options, item->note, "merged run %d: %s; the like%s", run, item->text, range);
        return;
    }
    const char *path = item->shared;
    size_t length = path_length(path);
    const char *cause = cause_of(item->varies ? item->shared : item->text);
    if (length >= sizeof events - 1 && memcmp(path, events, sizeof events - 1) == 0) {
        path += sizeof events - 1;
        length -= sizeof events - 1;
    }
    if (length > 0 && *path == '/')
        path++, length--;
    if (length == 0 && strncmp(cause, ": ", 2) == 0)
        cause += 2;
    hmz_job_note(options, item->note, "merged run %d: %.*s%s%s", run, (int)length, path, cause, range);
}

void hmz_causes_tell(struct hmz_causes *self, const struct hmz_job_options *options, int32_t run)
{
    for (size_t i = 0; i < self->count; i++)
        tell(&self->items[i], options, run);
    if (self->others > 0)
        hmz_job_note(options, self->items[0].note,
                     "merged run %d: %s more findings, of other causes than these", run,
                     hmz_count_text(self->others).text);
    hmz_causes_release(self);
}
