/* SPDX-License-Identifier: MIT */
/* Compares one event of a harmonic run with its origin: structure, attributes, and every byte.
 *
 * In a set of links (the source has a `link`) the links are compared instead of the bytes. The bytes of the
 * merged run are read all the same, to see that they can be read.
 *
 * The scan of the merged run (event.h) and the format (docs/formats.md) say what should be there. Nothing
 * here uses the code that writes harmonic runs, only that which reads merged runs. */
#ifndef HMZ_COMPARE_EVENT_H
#define HMZ_COMPARE_EVENT_H

#include <hdf5.h>
#include <stdint.h>

#include "compare_link.h"
#include "differences.h"
#include "event.h"
#include "event_data.h"
#include "hmz_error.h"
#include "offsets.h"
#include "run_source.h"

struct hmz_compare {
    const char *file;   /* name of the harmonic run: "run_0003.h5"; borrowed */
    hid_t events;       /* its group `events` */
    int fd;             /* the same file, for its bytes */
    const char *folder; /* harmonic_path; borrowed */
    struct hmz_link_file link_file;
    struct hmz_mover *mover;
    struct hmz_differences *differences;
    struct hmz_offsets offsets; /* of the event at hand; see hmz_compare_release() */
};

void hmz_compare_release(struct hmz_compare *self);

/* Event `number` of the harmonic run. *checksum_out is that of the merged run's bytes. HMZ_E_DAMAGED: the
 * merged run cannot be read here. Differences are no failure. */
HMZ_MUST_CHECK int hmz_compare_event(struct hmz_compare *self, struct hmz_run_source *source,
                                     const struct hmz_event *event, uint64_t number, uint64_t *checksum_out,
                                     struct hmz_error *err);

/* Can the event be read from its merged run? HMZ_OK, HMZ_E_DAMAGED, or a failure. */
HMZ_MUST_CHECK int hmz_compare_try_event(struct hmz_compare *self, struct hmz_run_source *source,
                                         const struct hmz_event *event, struct hmz_error *err);

#endif
