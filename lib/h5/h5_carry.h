/* SPDX-License-Identifier: MIT */
/* Can this be carried over into a harmonic run? It is tried, in a file in memory of the same form, with the
 * calls that write harmonic runs: so the scan and the copy cannot judge one thing differently. For the rare
 * things that no merger writes: attributes of others, and objects that libhdf5 copies whole. */
#ifndef HMZ_H5_CARRY_H
#define HMZ_H5_CARRY_H

#include <hdf5.h>

#include "hmz_error.h"

/* Sets the forms of HDF5 that a harmonic run may have: the oldest that will do, those of 1.10 at most, which
 * some objects that libhdf5 copies need. So every libhdf5 writes the same bytes. */
HMZ_MUST_CHECK int hmz_h5_carry_form(hid_t access, struct hmz_error *err);

struct hmz_h5_carry {
    hid_t file; /* in memory; -1 until it is needed */
};

#define HMZ_H5_CARRY_CLOSED ((struct hmz_h5_carry){.file = -1})

void hmz_h5_carry_close(struct hmz_h5_carry *self);

/* The attributes of `object` but `own` (names, to a NULL); *bytes_out: what they will take (h5_size.h).
 * HMZ_E_DAMAGED: they cannot be carried over. */
HMZ_MUST_CHECK int hmz_h5_carry_attrs(struct hmz_h5_carry *self, hid_t object, const char *const *own,
                                      uint64_t *bytes_out, struct hmz_error *err);

/* An object of any kind, of which `bytes` are data: more than a MiB is not tried, the scan is to stay quick.
 */
HMZ_MUST_CHECK int hmz_h5_carry_object(struct hmz_h5_carry *self, hid_t object, uint64_t bytes,
                                       struct hmz_error *err);

#endif
