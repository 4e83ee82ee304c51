/* SPDX-License-Identifier: MIT */
/* What a mode does with the data of the events while a harmonic run is written: one row of operations for
 * each mode. A new mode is a row here, a file mode_NAME.c, and a row of facts in lib/config/settings.c. */
#ifndef HMZ_MODE_OPS_H
#define HMZ_MODE_OPS_H

#include "event.h"
#include "hmz_error.h"
#include "run_source.h"
#include "writer.h"

struct hmz_mode_ops {
    /* Brings the data of an event whose tree was made to their offsets (`offsets`); *checksum_out: of the
     * event, 0 where the mode takes none. */
    int (*put)(struct hmz_writer *writer, struct hmz_run_source *source, const struct hmz_event *event,
               uint64_t *checksum_out, struct hmz_error *err);
    /* Can the event be read? Its bytes go nowhere. */
    int (*try_event)(struct hmz_writer *writer, struct hmz_run_source *source, const struct hmz_event *event,
                     struct hmz_error *err);
    /* What the read-back of the file does not see. */
    int (*check)(struct hmz_writer *writer, struct hmz_error *err);
};

extern const struct hmz_mode_ops hmz_mode_copy;
extern const struct hmz_mode_ops hmz_mode_link;

#endif
