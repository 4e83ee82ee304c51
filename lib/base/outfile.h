/* SPDX-License-Identifier: MIT */
/* An output file that is under its final name whole or not at all.
 *
 *     hmz_outfile_create(&file, part, err)      a new part file, mode 0666 less the umask
 *     hmz_outfile_create_own(&file, part, err)  the same where others may be writing the same file
 *     hmz_outfile_write(&file, …) or file.fd    content, at will
 *     hmz_outfile_sync(&file, err)              fsync: what is read back after this is what is kept
 *     hmz_outfile_commit(&file, final, err)     close, rename, fsync of the folder of the final name
 *     hmz_outfile_discard(&file)                on any failure: closes and removes the part file
 *
 * Commit syncs by itself where sync was not called since the last write. The part file lies on the same
 * file system as the final name. It does not write to a file under its final name, ever, and to no file that
 * it has not made. Folders are borrowed until the file is committed or discarded. */
#ifndef HMZ_OUTFILE_H
#define HMZ_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "folder.h"
#include "hmz_error.h"

struct hmz_outfile {
    int fd;                  /* open for reading and writing, -1 when closed; owned */
    struct hmz_file_at part; /* no name: nothing to remove any more */
    uint64_t length;         /* bytes that hmz_outfile_write() has appended */
    bool synced;
};

#define HMZ_OUTFILE_CLOSED ((struct hmz_outfile){.fd = -1})

/* A part file that is in the way is removed: its name belongs to this process (see lib/state/state.h). */
HMZ_MUST_CHECK int hmz_outfile_create(struct hmz_outfile *self, struct hmz_file_at part,
                                      struct hmz_error *err);

/* A part file that no other process has, on this host or another: a random word comes before the first dot of
 * its name ("run_0003.9f86d081884c7d65.h5.part"). It is locked as long as it is open, so that
 * hmz_outfile_remove_left() can tell it from one whose writer is gone. */
HMZ_MUST_CHECK int hmz_outfile_create_own(struct hmz_outfile *self, struct hmz_file_at part,
                                          struct hmz_error *err);

/* Hexadecimal digits of that word. */
enum { HMZ_OUTFILE_WORD_DIGITS = 16 };

/* Removes a part file that nobody is writing any more; where locks cannot tell, it stays. */
HMZ_MUST_CHECK int hmz_outfile_remove_left(struct hmz_file_at part, struct hmz_error *err);

/* Appends. Not to be mixed with writes through `fd`. */
HMZ_MUST_CHECK int hmz_outfile_write(struct hmz_outfile *self, const void *data, size_t length,
                                     struct hmz_error *err);
HMZ_MUST_CHECK int hmz_outfile_sync(struct hmz_outfile *self, struct hmz_error *err);
/* Replaces a file of the final name; anything else there is HMZ_E_USAGE, and stays. */
HMZ_MUST_CHECK int hmz_outfile_commit(struct hmz_outfile *self, struct hmz_file_at final,
                                      struct hmz_error *err);

/* Safe on a file that is closed or was committed. */
void hmz_outfile_discard(struct hmz_outfile *self);

/* flock without waiting. HMZ_LOCK_UNKNOWN: this file system cannot tell. */
enum hmz_lock_answer { HMZ_LOCK_TAKEN, HMZ_LOCK_HELD_BY_ANOTHER, HMZ_LOCK_UNKNOWN };
enum hmz_lock_answer hmz_lock_try(int fd, int operation);

#endif
