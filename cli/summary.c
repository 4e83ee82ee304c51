/* SPDX-License-Identifier: MIT */
#include "summary.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "gain.h"
#include "plan.h"
#include "say.h"

struct hmz_summary hmz_summary_of_job(const struct hmz_job *job, double seconds)
{
    return (struct hmz_summary){.harmonic_path = job->config->harmonic_path,
                                .settings = &job->config->settings,
                                .selection = &job->config->selection,
                                .runs = job->runs,
                                .report = &job->report,
                                .is_cut = job->plan != NULL,
                                .wanted_files = job->plan ? job->plan->wanted_files : 0,
                                .seconds = seconds};
}

#define COUNT(n) hmz_count_text(n).text
#define BYTES(n) hmz_bytes_text(n).text

/* "left out by skip_runs: 57, 60; 58: not there anyway" */
static void print_left_out(FILE *to, const struct hmz_run_set *runs)
{
    bool first = true;
    const struct {
        const char *runs, *what;
    } parts[] = {{runs->skipped_text, ""},
                 {runs->absent_text, ": not there anyway"},
                 {runs->outside_text, ": not in the range anyway"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i].runs[0]) {
            hmz_say(to, "%s%s%s", first ? "left out by skip_runs: " : "; ", parts[i].runs, parts[i].what);
            first = false;
        }
    if (!first)
        hmz_say(to, "\n");
}

/* "runs 55 to 69" */
static void print_asked(FILE *to, const struct hmz_run_selection *selection)
{
    char *text = NULL;
    struct hmz_error ignored; /* no memory for a word of the summary is no failure */
    if (selection->range_count == 0)
        hmz_say(to, "all that are there\n");
    else if (hmz_run_selection_text(selection, &text, &ignored) == HMZ_OK)
        hmz_say(to, "runs %s\n", text);
    else
        hmz_say(to, "of several ranges\n");
    free(text);
}

static void print_range(FILE *to, const struct hmz_summary *self, const struct hmz_report_sums *sums)
{
    hmz_say(to, "merged runs      %s read", COUNT(sums->runs_read));
    if (sums->runs_left_out > 0)
        hmz_say(to, ", %s left out", COUNT(sums->runs_left_out));
    hmz_say(to, ", %s, ", BYTES(sums->file_bytes));
    print_asked(to, self->selection);
    if (self->runs->missing_count > 0)
        hmz_say(to, "not found        %s of the range: %s\n", COUNT(self->runs->missing_count),
                self->runs->missing_text);
    if (self->runs->near_text[0])
        hmz_say(to, "                 but there is %s\n", self->runs->near_text);
    print_left_out(to, self->runs);
}

static void print_events(FILE *to, const struct hmz_report_sums *sums)
{
    hmz_say(to, "events           %s, %s\n", COUNT(sums->events), BYTES(sums->payload_bytes));
    if (sums->events_without_get_inside + sums->events_after_last_get > 0)
        hmz_say(to, "without GET data %s events: %s inside their run, %s after its last GET event\n",
                COUNT(sums->events_without_get_inside + sums->events_after_last_get),
                COUNT(sums->events_without_get_inside), COUNT(sums->events_after_last_get));
    hmz_say(to, "scalers          %s readouts\n", COUNT(sums->scalers));
}

enum { NAMED_RUNS = 12 };
#define MARGIN "                 "

/* "run_0003.h5, run_0007.h5 and 4 more": those that hold events that Spyral cannot read. */
static void print_unreadable_runs(FILE *to, const struct hmz_report *report)
{
    size_t named = 0;
    size_t count = 0;
    for (size_t i = 0; i < report->file_count; i++) {
        if (hmz_spyral_fatal(&report->files[i].spyral) == 0)
            continue;
        if (count++ < NAMED_RUNS)
            hmz_say(to, "%s%s", named++ ? ", " : "", hmz_harmonic_name(i).text);
    }
    if (count > named)
        hmz_say(to, " and %zu more", count - named);
}

struct hmz_spyral_counts hmz_summary_spyral(const struct hmz_report *report)
{
    struct hmz_spyral_counts sum = {0};
    for (size_t i = 0; i < report->file_count; i++) {
        for (int verdict = 0; verdict < HMZ_SPYRAL_VERDICTS; verdict++)
            sum.events[verdict] += report->files[i].spyral.events[verdict];
        sum.dropped += report->files[i].spyral.dropped;
    }
    return sum;
}

static void print_unreadable(FILE *to, const struct hmz_report *report, enum hmz_frib frib)
{
    const struct hmz_spyral_counts sum = hmz_summary_spyral(report);
    const char *before = "";
    if (hmz_spyral_fatal(&sum) == 0)
        return;
    hmz_say(to, "Spyral           cannot read the FRIB data of %s event%s (", COUNT(hmz_spyral_fatal(&sum)),
            hmz_spyral_fatal(&sum) == 1 ? "" : "s");
    for (int verdict = HMZ_SPYRAL_READS + 1; verdict < HMZ_SPYRAL_VERDICTS; verdict++) {
        if (sum.events[verdict] == 0)
            continue;
        hmz_say(to, "%s%s: %s", before, hmz_spyral_reason((enum hmz_spyral)verdict),
                COUNT(sum.events[verdict]));
        before = ", ";
    }
    hmz_say(to, "), in ");
    print_unreadable_runs(to, report);
    hmz_say(to, "\n");
    if (frib == HMZ_FRIB_KEEP) {
        hmz_say(to, MARGIN "kept under their name (frib_for_spyral: keep): Spyral dies on them\n");
        return;
    }
    hmz_say(to, MARGIN "set aside as frib_physics_set_aside: Spyral reads these events without FRIB data\n");
    if (sum.dropped > 0) {
        hmz_say(to,
                MARGIN "of these, %s of coincidence 2: Spyral drops such events where it can read them,\n",
                COUNT(sum.dropped));
        hmz_say(to, MARGIN "and makes clouds of these: leave them out by coincidence in events.parquet\n");
    }
}

/* The last lines, where nothing is set aside. */
static void print_warning(FILE *to, const struct hmz_report *report, enum hmz_frib frib)
{
    const struct hmz_spyral_counts sum = hmz_summary_spyral(report);
    if (frib != HMZ_FRIB_KEEP || hmz_spyral_fatal(&sum) == 0)
        return;
    hmz_say(to, "warning          Spyral 1.1.2 dies on ");
    print_unreadable_runs(to, report);
    hmz_say(to, ": it loses the rest of such a file\n");
    hmz_say(to, MARGIN "and all later files of that process, and ends with exit code 0 all the same;\n");
    hmz_say(to, MARGIN "frib_for_spyral: set_aside prevents it\n");
}

static void print_unclosed(FILE *to, const struct hmz_report_run *run)
{
    uint64_t taken = run->index.event_count;
    if (run->skipped_events == 0)
        hmz_say(to, "merged run %d was not closed by the merger: %s events found by listing, all taken\n",
                run->index.run, COUNT(taken));
    else
        hmz_say(to, "merged run %d was not closed by the merger: %s of %s listed events taken, %s skipped\n",
                run->index.run, COUNT(taken), COUNT(taken + run->skipped_events), COUNT(run->skipped_events));
}

static void print_count(FILE *to, const char **before, uint64_t count, const char *one, const char *many)
{
    if (count == 0)
        return;
    hmz_say(to, "%s%s %s", *before, COUNT(count), count == 1 ? one : many);
    *before = ", ";
}

static void print_skipped(FILE *to, const struct hmz_report *report)
{
    uint64_t events = 0;
    uint64_t scalers = 0;
    uint64_t members = 0;
    uint64_t runs = 0;
    const char *before = "skipped          ";
    for (size_t i = 0; i < report->run_count; i++) {
        events += report->runs[i].skipped_events;
        scalers += report->runs[i].skipped_scalers;
        members += report->runs[i].skipped_members;
        runs += report->runs[i].left_out;
    }
    print_count(to, &before, events, "damaged event", "damaged events");
    print_count(to, &before, scalers, "damaged scaler readout", "damaged scaler readouts");
    print_count(to, &before, members, "member that is none of these", "members that are none of these");
    print_count(to, &before, runs, "merged run as a whole", "merged runs as a whole");
    hmz_say(to, "; listed in manifest.json\n");
}

static void print_unusual(FILE *to, const struct hmz_report *report)
{
    for (size_t i = 0; i < report->run_count; i++) {
        const struct hmz_index_run *run = &report->runs[i].index;
        if (report->runs[i].left_out) {
            hmz_say(to, "merged run %d was left out: nothing of it could be read\n", run->run);
            continue;
        }
        if (!run->info.closed)
            print_unclosed(to, &report->runs[i]);
        if (!run->info.version_known)
            hmz_say(to, "merged run %d has an unknown version \"%s\": read by what it holds\n", run->run,
                    run->info.version);
        if (run->info.left_out[0])
            hmz_say(to, "merged run %d: not carried over, no version here knows them: %s\n", run->run,
                    run->info.left_out);
    }
    if (report->skipped > 0)
        print_skipped(to, report);
}

/* Where the copy could read none of the events that the plan had for it. */
static void print_empty_files(FILE *to, const struct hmz_report *report)
{
    size_t empty = 0;
    size_t named = 0;
    for (size_t i = 0; i < report->file_count; i++)
        empty += report->files[i].events == 0;
    if (empty == 0)
        return;
    hmz_say(to, "                 without any event, all of theirs were skipped:");
    for (size_t i = 0; i < report->file_count && named < NAMED_RUNS; i++)
        if (report->files[i].events == 0)
            hmz_say(to, "%s %s", named++ ? "," : "", hmz_harmonic_name(i).text);
    if (empty > named)
        hmz_say(to, " and %zu more", empty - named);
    hmz_say(to, "\n");
}

struct hmz_summary_sizes hmz_summary_sizes(const struct hmz_report *report)
{
    struct hmz_summary_sizes out = {.smallest = UINT64_MAX};
    uint64_t all = 0;
    for (size_t i = 0; i < report->file_count; i++) {
        uint64_t bytes = report->files[i].payload_bytes;
        out.smallest = bytes < out.smallest ? bytes : out.smallest;
        out.largest = bytes > out.largest ? bytes : out.largest;
        all += bytes;
    }
    double mean = (double)all / (double)report->file_count;
    out.spread_percent = mean > 0 ? 100.0 * (double)(out.largest - out.smallest) / mean : 0;
    return out;
}

static void print_files(FILE *to, const struct hmz_summary *self)
{
    const struct hmz_report *report = self->report;
    if (report->file_count == 0) {
        hmz_say(to, "harmonic runs    none: %s\n",
                report->skipped > 0 ? "every event of the range is damaged"
                                    : "the range holds no event; tables and manifest only");
        return;
    }
    const struct hmz_summary_sizes sizes = hmz_summary_sizes(report);
    hmz_say(to, "harmonic runs    %s, of %s to %s of event data (spread %s)\n", COUNT(report->file_count),
            BYTES(sizes.smallest), BYTES(sizes.largest), hmz_percent_text(sizes.spread_percent).text);
    print_empty_files(to, report);
    if (self->wanted_files > report->file_count)
        hmz_say(to, "                 fewer than asked for: each has at least one event\n");
}

/* More than this much above the mean, and a process of ten waits while the fullest works. */
static const double bad_load = 1.1;

/* What would help where harmonic runs fit badly. */
static void print_advice(FILE *to, const struct hmz_gain *gain, size_t files)
{
    if (gain->harmonic <= bad_load)
        return;
    if (files < gain->processes)
        hmz_say(to, "; there are fewer harmonic runs than processes");
    else
        hmz_say(to, "; %s harmonic runs fit badly: see the key processes", COUNT(files));
}

/* The fullest process decides how long Spyral takes. */
static void print_gain(FILE *to, const struct hmz_summary *self)
{
    struct hmz_gain gains[HMZ_GAINS_LAST];
    int count = hmz_gain_of(self->report, self->settings, gains);
    for (int i = 0; i < count; i++) {
        hmz_say(to, "%s%u processes of Spyral: the fullest has %.2f times the mean, of the merged runs %.2f",
                i == 0 ? "gain             " : MARGIN, gains[i].processes, gains[i].harmonic,
                gains[i].merged);
        print_advice(to, &gains[i], self->report->file_count);
        hmz_say(to, "\n");
    }
}

void hmz_summary_print(FILE *to, const struct hmz_summary *self)
{
    const struct hmz_report_sums sums = hmz_report_sum(self->report);
    print_range(to, self, &sums);
    print_events(to, &sums);
    if (self->is_cut) {
        print_files(to, self);
        print_gain(to, self);
        print_unreadable(to, self->report, self->settings->frib);
    }
    print_unusual(to, self->report);
}

void hmz_summary_print_already(FILE *to, const struct hmz_job *job)
{
    hmz_say(to, "%s: already complete, nothing to do", job->config->harmonic_path);
    if (job->report.skipped > 0)
        hmz_say(to, "; not in it: %s damaged event%s, listed in manifest.json", COUNT(job->report.skipped),
                job->report.skipped == 1 ? ", readout or run" : "s, readouts or runs");
    hmz_say(to, "\n");
}

uint64_t hmz_summary_written_bytes(const struct hmz_report *report)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < report->file_count; i++)
        bytes += report->files[i].kept ? 0 : report->files[i].payload_bytes;
    return bytes;
}

static void print_spyral(FILE *to, const struct hmz_summary *self)
{
    char *path = realpath(self->harmonic_path, NULL);
    if (self->report->file_count > 0)
        hmz_say(to, "for Spyral       trace_path: %s, run_min: 0, run_max: %zu, and a new workspace\n",
                path ? path : self->harmonic_path, self->report->file_count - 1);
    print_warning(to, self->report, self->settings->frib);
    free(path);
}

void hmz_summary_print_end(FILE *to, const struct hmz_summary *self)
{
    if (self->seconds >= 0 && self->seconds < 1e9) {
        double written = (double)hmz_summary_written_bytes(self->report);
        hmz_say(to, "time             %s, %s/s\n", hmz_duration_text(self->seconds).text,
                BYTES((uint64_t)(self->seconds > 0 ? written / self->seconds : 0)));
    }
    if (!hmz_mode_facts(self->settings->mode)->holds_data)
        hmz_say(to, "links            the data stay in the merged runs, which must stay where they are\n");
    print_spyral(to, self);
}

void hmz_summary_print_runs(FILE *to, const struct hmz_summary *self)
{
    const struct hmz_report *report = self->report;
    for (size_t i = 0; i < report->run_count; i++) {
        const struct hmz_index_run *run = &report->runs[i].index;
        uint64_t with_get = run->event_count - run->events_without_get;
        if (report->runs[i].left_out)
            hmz_say(to, "merged run %-6d left out: nothing of it can be read\n", run->run);
        else
            hmz_say(to, "merged run %-6d %12s events  %9s  %8.1f traces an event\n", run->run,
                    COUNT(run->event_count), BYTES(run->payload_bytes),
                    with_get ? (double)run->traces / (double)with_get : 0.0);
    }
}
