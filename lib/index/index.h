/* SPDX-License-Identifier: MIT */
/* The index of one merged run: all that the scan found, on disk, so that a run is scanned once.
 *
 * Written by the scan of a run, read by the plan (sizes), by the writers of harmonic runs (where the bytes
 * are) and by the tables (ids, scalers). Numbers are little-endian, every part carries an XXH3-64:
 *
 *     "HMZINDX" format       8 + 4 bytes
 *     block of events …      up to HMZ_INDEX_BLOCK_EVENTS each, so that memory does not grow with the run
 *     block of scalers …
 *     trailer                run, names, kinds, findings, table of blocks
 *     offset, length, XXH3   of the trailer: the last 24 bytes
 *
 * A kind is what events have in common: flags, and path, element and rank of each piece. A run has a few
 * kinds and many events; a kind is kept once. */
#ifndef HMZ_INDEX_H
#define HMZ_INDEX_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "file_identity.h"
#include "hmz_error.h"
#include "outfile.h"
#include "run_info.h"
#include "run_totals.h"

enum { HMZ_INDEX_BLOCK_EVENTS = 1024, HMZ_INDEX_KINDS_LIMIT = 4096 };

/* A run as a whole. */
struct hmz_index_run {
    int32_t run;
    struct hmz_file_identity identity;
    struct hmz_run_info info;
    /* Sums, filled by the writer of the index: */
    uint64_t event_count;
    uint64_t payload_bytes;
    uint64_t traces;
    uint64_t events_without_get;
    uint64_t events_after_last_get;
    struct hmz_get_times times;
    uint64_t scaler_count;
    struct hmz_scaler_totals totals;
    uint32_t scaler_values_end; /* one more than the highest value number of any readout */
};

/* The sums over events, of none; and with one event more. In order of number. */
void hmz_index_run_clear_events(struct hmz_index_run *sums);
void hmz_index_run_add_event(struct hmz_index_run *sums, const struct hmz_event *event);

/* Something of the run that cannot be taken. */
enum hmz_finding_kind {
    HMZ_FINDING_RUN = 1,    /* nothing of the run */
    HMZ_FINDING_EVENT = 2,  /* event `number` */
    HMZ_FINDING_SCALER = 3, /* scaler readout `number` */
    HMZ_FINDING_MEMBER = 4, /* a member that is no event or readout */
};

struct hmz_finding {
    uint32_t kind;
    int32_t status; /* enum hmz_status */
    uint64_t number;
    char *text;
};

/* ---- writing ---- */

struct hmz_index_writer;

/* `file` is borrowed, empty, and committed by the caller after hmz_index_writer_finish(). */
HMZ_MUST_CHECK int hmz_index_writer_new(struct hmz_outfile *file, struct hmz_index_writer **writer_out,
                                        struct hmz_error *err);
/* Events in order of number, then readouts in order of number. */
HMZ_MUST_CHECK int hmz_index_writer_event(struct hmz_index_writer *self, const struct hmz_event *event,
                                          struct hmz_error *err);
HMZ_MUST_CHECK int hmz_index_writer_scaler(struct hmz_index_writer *self, const struct hmz_scaler *scaler,
                                           struct hmz_error *err);
HMZ_MUST_CHECK int hmz_index_writer_finding(struct hmz_index_writer *self, enum hmz_finding_kind kind,
                                            uint64_t number, const struct hmz_error *finding,
                                            struct hmz_error *err);
/* `run`: number, identity and info; its sums are filled in. */
HMZ_MUST_CHECK int hmz_index_writer_finish(struct hmz_index_writer *self, struct hmz_index_run *run,
                                           struct hmz_error *err);
void hmz_index_writer_free(struct hmz_index_writer *self);

/* ---- reading ---- */

struct hmz_index;

/* No such file: HMZ_E_FAILED. Cut or changed: HMZ_E_DAMAGED, if it shows in the trailer. Messages name the
 * file. */
HMZ_MUST_CHECK int hmz_index_open(struct hmz_file_at at, struct hmz_index **index_out, struct hmz_error *err);
/* Reads all of it against its checksums: HMZ_E_DAMAGED where it was changed. */
HMZ_MUST_CHECK int hmz_index_check(struct hmz_index *self, struct hmz_error *err);
void hmz_index_close(struct hmz_index *self);

/* Over all of it: the same hash, the same content. */
uint64_t hmz_index_hash(const struct hmz_index *self);
const struct hmz_index_run *hmz_index_get_run(const struct hmz_index *self);
const struct hmz_finding *hmz_index_findings(const struct hmz_index *self, uint64_t *count_out);

/* The next call of hmz_index_next_event() gives the event at `position` (0: the first of the run). */
HMZ_MUST_CHECK int hmz_index_seek_event(struct hmz_index *self, uint64_t position, struct hmz_error *err);
/* HMZ_END after the last. Paths are borrowed from the index. */
HMZ_MUST_CHECK int hmz_index_next_event(struct hmz_index *self, struct hmz_event *event,
                                        struct hmz_error *err);
/* HMZ_END after the last. */
HMZ_MUST_CHECK int hmz_index_next_scaler(struct hmz_index *self, struct hmz_scaler *scaler,
                                         struct hmz_error *err);

#endif
