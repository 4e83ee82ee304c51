/* SPDX-License-Identifier: MIT */
/* Our HDF5 file driver: libhdf5 reads and writes through a descriptor that is ours.
 *
 *     struct hmz_h5_file file = {.fd = fd};
 *     hmz_h5_driver_fapl(&file, &access, err)
 *     H5Fcreate(name, …, access) or H5Fopen(name, …, access)     the name is only for messages
 *     … H5Fclose …; then file.write_error
 *
 * Why not the stock one: on a disk that is full libhdf5 1.10 ends in a segmentation fault, because it goes on
 * with structures that it could not write. So the driver keeps a failed write to itself. From then on
 * it drops what libhdf5 writes and reports success, until the file is closed and the caller asks. Also: no
 * locks, which fail on NFS, Lustre and GPFS; descriptors that close on exec; one descriptor for libhdf5 and
 * for the bytes beside it, so that fsync, read-back and length are of the same file.
 *
 * A failed read is reported to libhdf5 at once, and kept in read_error. libhdf5 takes some of them for a
 * missing attribute or member, and all others for damage. So each use of the library ends with
 * hmz_h5_settle_reads(). Source: HDF5 Virtual File Layer, H5FDpublic.h / H5FDdevelop.h of 1.10 to 2.x. */
#ifndef HMZ_H5_DRIVER_H
#define HMZ_H5_DRIVER_H

#include <hdf5.h>
#include <stdint.h>

#include "hmz_error.h"
#include "read_cache.h"

struct hmz_h5_file {
    int fd;                       /* borrowed; stays open after H5Fclose */
    int write_error;              /* out: errno of the first write that failed, 0: none */
    int read_error;               /* out: why the first read failed (hmz_io_read_judged), 0: none did */
    struct hmz_read_cache *cache; /* borrowed, may be NULL; only for files that nobody writes to */
};

/* A new file access property list for this file, closed by the caller with H5Pclose. `file` must outlive the
 * HDF5 file. H5F_CLOSE_SEMI, so that an object left open fails the close. */
HMZ_MUST_CHECK int hmz_h5_driver_fapl(struct hmz_h5_file *file, hid_t *fapl_out, struct hmz_error *err);

/* What `status` really is, now that it is known how the reads since the last call went: HMZ_E_DAMAGED stays
 * only where none failed but at one sector that is bad for good (posix_io.h); HMZ_OK becomes the failure of a
 * read that libhdf5 did not mind, with `reach`. Any other status stays. */
HMZ_MUST_CHECK int hmz_h5_settle_reads(struct hmz_h5_file *file, int status, int reach,
                                       struct hmz_error *err);

#endif
