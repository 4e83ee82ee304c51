/* SPDX-License-Identifier: MIT */
#include <jansson.h>
#include <stdlib.h>

#include "gain.h"
#include "json_text.h"
#include "summary.h"

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

/* Takes the value over. One that there is no memory for makes the whole object NULL. */
static json_t *with(json_t *object, const char *key, json_t *value)
{
    if (object && value && json_object_set_new(object, key, value) == 0)
        return object;
    if (!object)
        json_decref(value);
    json_decref(object);
    return NULL;
}

static json_t *run_json(const struct hmz_report_run *reported)
{
    const struct hmz_index_run *run = &reported->index;
    json_t *json = with(json_object(), "run", json_integer(run->run));
    json = with(json, "bytes", number(run->identity.bytes));
    json = with(json, "version", run->info.version[0] ? hmz_json_text(run->info.version) : json_null());
    json = with(json, "left_out", json_boolean(reported->left_out));
    json = with(json, "closed", reported->left_out ? json_null() : json_boolean(run->info.closed));
    json = with(json, "events", number(run->event_count));
    json = with(json, "payload_bytes", number(run->payload_bytes));
    json = with(json, "traces", number(run->traces));
    json = with(json, "events_without_get", number(run->events_without_get));
    json = with(json, "events_after_last_get", number(run->events_after_last_get));
    json = with(json, "scalers", number(run->scaler_count));
    json = with(json, "skipped_events", number(reported->skipped_events));
    return with(json, "skipped_scalers", number(reported->skipped_scalers));
}

static json_t *runs_json(const struct hmz_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < report->run_count; i++)
        list = hmz_json_append(list, run_json(&report->runs[i]));
    return list;
}

static json_t *file_json(size_t number_of_file, const struct hmz_report_file *file)
{
    json_t *json = with(json_object(), "file", json_string(hmz_harmonic_name(number_of_file).text));
    json = with(json, "events", number(file->events));
    json = with(json, "payload_bytes", number(file->payload_bytes));
    return with(json, "spyral_cannot_read", number(hmz_spyral_fatal(&file->spyral)));
}

static json_t *files_json(const struct hmz_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < report->file_count; i++)
        list = hmz_json_append(list, file_json(i, &report->files[i]));
    return list;
}

/* null where there is no harmonic run. */
static json_t *sizes_json(const struct hmz_report *report)
{
    if (report->file_count == 0)
        return json_null();
    const struct hmz_summary_sizes sizes = hmz_summary_sizes(report);
    json_t *json = with(json_object(), "smallest_bytes", number(sizes.smallest));
    json = with(json, "largest_bytes", number(sizes.largest));
    return with(json, "spread_percent", json_real(sizes.spread_percent));
}

static json_t *reasons_json(const struct hmz_spyral_counts *counts)
{
    json_t *json = json_object();
    for (int verdict = HMZ_SPYRAL_READS + 1; verdict < HMZ_SPYRAL_VERDICTS; verdict++)
        if (counts->events[verdict] > 0)
            json = with(json, hmz_spyral_reason((enum hmz_spyral)verdict), number(counts->events[verdict]));
    return json;
}

static json_t *spyral_json(const struct hmz_summary *self)
{
    const struct hmz_spyral_counts counts = hmz_summary_spyral(self->report);
    char *path = realpath(self->harmonic_path, NULL);
    size_t files = self->report->file_count;
    json_t *json = with(json_object(), "trace_path", hmz_json_text(path ? path : self->harmonic_path));
    free(path);
    json = with(json, "run_min", files ? json_integer(0) : json_null());
    json = with(json, "run_max", files ? number(files - 1) : json_null());
    json = with(json, "cannot_read", number(hmz_spyral_fatal(&counts)));
    json = with(json, "cannot_read_by_reason", reasons_json(&counts));
    return with(json, "would_drop", number(counts.dropped));
}

static json_t *gains_json(const struct hmz_summary *self)
{
    struct hmz_gain gains[HMZ_GAINS_LAST];
    int count = hmz_gain_of(self->report, self->settings, gains);
    json_t *list = json_array();
    for (int i = 0; list && i < count; i++) {
        json_t *json = with(json_object(), "processes", number(gains[i].processes));
        json = with(json, "harmonic", json_real(gains[i].harmonic));
        list = hmz_json_append(list, with(json, "merged", json_real(gains[i].merged)));
    }
    return list;
}

static json_t *summary_json(const struct hmz_summary *self, bool already)
{
    const struct hmz_report_sums sums = hmz_report_sum(self->report);
    uint64_t written = hmz_summary_written_bytes(self->report);
    json_t *json = with(json_object(), "harmonic_path", hmz_json_text(self->harmonic_path));
    json = with(json, "already_complete", json_boolean(already));
    json = with(json, "mode", json_string(hmz_mode_facts(self->settings->mode)->name));
    json = with(json, "frib_for_spyral", json_string(hmz_frib_name(self->settings->frib)));
    json = with(json, "runs_read", number(sums.runs_read));
    json = with(json, "runs_left_out", number(sums.runs_left_out));
    json = with(json, "runs_not_found", number(self->runs->missing_count));
    json = with(json, "not_found", hmz_json_text(self->runs->missing_text));
    json = with(json, "merged_bytes", number(sums.file_bytes));
    json = with(json, "events", number(sums.events));
    json = with(json, "payload_bytes", number(sums.payload_bytes));
    json = with(json, "events_without_get_inside", number(sums.events_without_get_inside));
    json = with(json, "events_after_last_get", number(sums.events_after_last_get));
    json = with(json, "scalers", number(sums.scalers));
    json = with(json, "skipped", number(self->report->skipped));
    json = with(json, "sizes", sizes_json(self->report));
    json = with(json, "spyral", spyral_json(self));
    json = with(json, "gain", gains_json(self));
    json = with(json, "seconds", self->seconds < 0 ? json_null() : json_real(self->seconds));
    json = with(json, "bytes_per_second",
                self->seconds <= 0 ? json_null() : json_real((double)written / self->seconds));
    json = with(json, "merged_runs", runs_json(self->report));
    return with(json, "harmonic_runs", files_json(self->report));
}

int hmz_summary_print_json(FILE *to, const struct hmz_summary *self, bool already, struct hmz_error *err)
{
    json_t *json = summary_json(self, already);
    int result = json ? json_dumpf(json, to, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : -1;
    json_decref(json);
    fprintf(to, "\n");
    return result == 0 ? HMZ_OK : hmz_fail(err, HMZ_E_FAILED, "cannot print the summary as JSON");
}
