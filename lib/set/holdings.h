/* SPDX-License-Identifier: MIT */
/* What a harmonic set holds, event by event and readout by readout, and what of it merged runs have now: the
 * question that is asked before anything of a set is removed.
 *
 *     hmz_holdings_of_set() or hmz_holdings_of_begun()
 *     runs[i].index = …                   what each merged run has now, as a scan found it
 *     hmz_holdings_compare()              fills in the counts
 *     hmz_holdings_release()
 *
 * A complete set (or what is left of one that is being replaced) is known by its tables; one that is not
 * finished by its plan and the indexes that this was made of. One event of each side is in memory. */
#ifndef HMZ_HOLDINGS_H
#define HMZ_HOLDINGS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hmz_error.h"
#include "manifest.h"
#include "outputs.h"
#include "plan.h"
#include "state.h"

/* Of the events, or the scaler readouts, of one run. */
struct hmz_held_count {
    uint64_t held;
    uint64_t missing, missing_first, missing_last; /* no event of this number in the merged run */
    uint64_t other, other_first, other_last;       /* there is one, but another */
    uint64_t spoilt, spoilt_first, spoilt_last;    /* it is that one, but its data are not those of the set */
};

struct hmz_held_run {
    int32_t run;
    char *file;               /* name of the merged run; owned */
    struct hmz_file_at index; /* in: of the merged run; without a name: there is none */
    struct hmz_file_at
        sums;     /* in: of the same merged run (event_sums.h); without a name: data are not asked for */
    bool settled; /* in: nothing to ask any more */
    struct hmz_held_count events, scalers;
};

struct hmz_holdings {
    struct hmz_held_run *runs; /* by run */
    size_t run_count;
    int events_fd, scalers_fd; /* tables; -1: nothing of this kind is held, or the set is not finished */
    const struct hmz_state *state;
    const struct hmz_plan *begun; /* NULL: a set with tables */
    bool *files_there;            /* [begun->file_count]; owned */
    uint64_t **file_sums;         /* [begun->file_count]: checksums of all its events, or NULL; owned */
    bool has_scalers;             /* of the begun plan */
};

#define HMZ_HOLDINGS_NONE ((struct hmz_holdings){.events_fd = -1, .scalers_fd = -1})

void hmz_holdings_release(struct hmz_holdings *self);

/* Of the set that `manifest` lists, as far as `outputs` says that it is there: events while there are
 * harmonic runs, readouts while there is their table. HMZ_E_USAGE: it cannot be told, for a table is missing,
 * changed, or not of ours. */
HMZ_MUST_CHECK int hmz_holdings_of_set(struct hmz_holdings *self_out, const struct hmz_state *state,
                                       const struct hmz_manifest *manifest, const struct hmz_outputs *outputs,
                                       struct hmz_error *err);

/* Of a set that is not finished; `state` and `begun` are borrowed until the end. HMZ_E_USAGE: it cannot be
 * told, for a note is lost or of another plan. */
HMZ_MUST_CHECK int hmz_holdings_of_begun(struct hmz_holdings *self_out, const struct hmz_state *state,
                                         const struct hmz_plan *begun, const struct hmz_outputs *outputs,
                                         struct hmz_error *err);

/* The scan that follows would replace the index that this run of a begun plan was made of: gives it another
 * name. One that is of another scan already stays. */
HMZ_MUST_CHECK int hmz_holdings_keep_index(const struct hmz_state *state, const struct hmz_plan_run *run,
                                           struct hmz_error *err);

/* Fills the counts of all runs that are not settled. An event is there where number, ids, timestamps,
 * coincidence, rows and bytes are those of the merged run, and its data have the checksum of the table, where
 * there are sums; a readout, where all its values are. HMZ_E_USAGE: an index of the begun plan is lost. */
HMZ_MUST_CHECK int hmz_holdings_compare(struct hmz_holdings *self, const volatile sig_atomic_t *stop,
                                        struct hmz_error *err);

/* Is all of it there? */
bool hmz_held_run_is_there(const struct hmz_held_run *self);

#endif
