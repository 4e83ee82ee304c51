/* SPDX-License-Identifier: MIT */
/* What is wrong with a merged run, said once for all events that it is wrong with:
 *
 *     merged run 7: get_traces: attribute id is missing in 2,400 events (event_0 to event_2399)
 *
 * Two findings have the same cause where their texts differ in digits alone, but for those in the path within
 * the event (977 is not 1903). Where the numbers differ, the first text stands for all:
 *
 *     merged run 7: events/event_3/get_traces: ends at byte 912, the file at 800; the like in 5 events (…) */
#ifndef HMZ_CAUSES_H
#define HMZ_CAUSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "index.h"
#include "job_options.h"

/* One text that tells what is wrong with an event, a readout, a member, or the run. */
struct hmz_cause_of {
    enum hmz_note_kind note;
    uint32_t kind; /* enum hmz_finding_kind */
    uint64_t number;
    const char *text;
};

struct hmz_cause {
    char *key;    /* what the texts have in common; owned */
    char *shared; /* the first one, but for the number of its event; owned */
    char *text;   /* the first one; owned */
    /* In others: other words behind the path; other ones even without the number of the event. */
    bool varies, varies_more;
    enum hmz_note_kind note;
    uint32_t kind;
    uint64_t count;
    uint64_t first, last; /* numbers of events or readouts */
};

enum { HMZ_CAUSES_KEPT = 20 };

struct hmz_causes { /* of one merged run; all zero: none */
    struct hmz_cause items[HMZ_CAUSES_KEPT];
    size_t count;
    uint64_t others; /* findings of more causes than are kept */
};

void hmz_causes_release(struct hmz_causes *self);

/* In order of number. */
HMZ_MUST_CHECK int hmz_causes_add(struct hmz_causes *self, const struct hmz_cause_of *finding,
                                  struct hmz_error *err);

/* Notes all of them, in the order in which they were met, and forgets them. */
void hmz_causes_tell(struct hmz_causes *self, const struct hmz_job_options *options, int32_t run);

#endif
