/* SPDX-License-Identifier: MIT */
/* What is at hand while one harmonic run is written. Private to lib/harmonic. */
#ifndef HMZ_WRITER_H
#define HMZ_WRITER_H

#include "event_data.h"
#include "event_tree.h"
#include "h5_driver.h"
#include "harmonic_file.h"
#include "outfile.h"
#include "offsets.h"
#include "readback.h"
#include "written.h"

struct hmz_mode_ops;

struct hmz_writer {
    const struct hmz_harmonic_task *task;
    const struct hmz_plan_file *file;
    const struct hmz_mode_ops *ops; /* that of the plan's mode */
    struct hmz_run_name name;
    struct hmz_outfile out;
    struct hmz_h5_file driver_file;
    struct hmz_tree tree;
    struct hmz_mover *mover;
    struct hmz_readback *readback;
    struct hmz_written written;
    const struct hmz_unreadable *known; /* events to leave out */
    struct hmz_unreadable found;        /* more that cannot be read: the file is to be written again */
    bool surveying; /* more of them were found: what is written is of no use, the rest is only read */
    struct hmz_offsets offsets;          /* of the event at hand */
    uint64_t unsynced_from, unsynced_to; /* data not yet handed to the disk */
};

#endif
