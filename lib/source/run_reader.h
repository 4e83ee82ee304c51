/* SPDX-License-Identifier: MIT */
/* Reads what is in one merged run of any merger version, event by event, without reading the traces.
 *
 *     hmz_run_reader_open(path, &reader, err)
 *     while ((status = hmz_run_reader_next(reader, &event, err)) == HMZ_OK) …          events by number
 *     while ((status = hmz_run_reader_next_scaler(reader, &scaler, err)) == HMZ_OK) …  readouts by number
 *     hmz_run_reader_finish(reader, &info, err)
 *     hmz_run_reader_close(reader)
 *
 * The members of the file are listed; its counters are never believed, only compared (hmz_run_info.closed).
 * libhdf5 can crash or hang on a damaged file: this runs in a process of its own (lib/process).
 * Sources: the merger's own files at each version, docs/formats.md. */
#ifndef HMZ_RUN_READER_H
#define HMZ_RUN_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "hmz_error.h"
#include "run_info.h"

struct hmz_run_reader;

/* HMZ_E_DAMAGED (reach: run) where libhdf5 cannot open it or it has no known layout; HMZ_E_USAGE where it is
 * itself a harmonic run. */
HMZ_MUST_CHECK int hmz_run_reader_open(const char *path, struct hmz_run_reader **reader_out,
                                       struct hmz_error *err);

/* The next event, in order of number; HMZ_END after the last. HMZ_E_DAMAGED with reach event: this one is
 * damaged, the next call goes on behind it; `event->number` is valid unless *numbered_out is false (a member
 * that is no event at all). HMZ_E_DAMAGED with reach run: nothing more can be read.
 * Paths in the event are borrowed from the reader. */
HMZ_MUST_CHECK int hmz_run_reader_next(struct hmz_run_reader *self, struct hmz_event *event,
                                       bool *numbered_out, struct hmz_error *err);

/* The same for scaler readouts. */
HMZ_MUST_CHECK int hmz_run_reader_next_scaler(struct hmz_run_reader *self, struct hmz_scaler *scaler,
                                              bool *numbered_out, struct hmz_error *err);

/* After all events and scalers. HMZ_E_DAMAGED (reach: run) where something of the run cannot be read. */
HMZ_MUST_CHECK int hmz_run_reader_finish(struct hmz_run_reader *self, struct hmz_run_info *info_out,
                                         struct hmz_error *err);

void hmz_run_reader_close(struct hmz_run_reader *self);

#endif
