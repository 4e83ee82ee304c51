/* SPDX-License-Identifier: MIT */
#include "h5_driver.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

#include "bytes.h"
#include "h5_error.h"
#include "posix_io.h"

/* The largest offset that off_t holds. */
static const haddr_t address_last = INT64_MAX;

/* Values of drivers up to 255 are reserved by The HDF Group, up to 511 registered; ours is neither. */
enum { DRIVER_VALUE = 60517 };

struct open_file {
    H5FD_t base; /* libhdf5's, first */
    struct hmz_h5_file *file;
    haddr_t allocated_end;
    haddr_t written_end; /* length of the file as libhdf5 knows it */
    dev_t device;
    ino_t inode;
};

/* What the access property list carries. */
struct driver_info {
    struct hmz_h5_file *file;
};

static void keep_error(int *kept, int error_number)
{
    if (*kept == 0)
        *kept = error_number;
}

static H5FD_t *open_callback(const char *name, unsigned flags, hid_t fapl, haddr_t address_limit)
{
    const struct driver_info *info = H5Pget_driver_info(fapl);
    struct stat found;
    (void)name;
    (void)address_limit;
    if (!info)
        return NULL;
    if (fstat(info->file->fd, &found) != 0) {
        keep_error(&info->file->read_error, errno);
        return NULL;
    }
    struct open_file *self = calloc(1, sizeof *self);
    if (!self) {
        keep_error(&info->file->read_error, ENOMEM);
        return NULL;
    }
    self->file = info->file;
    self->device = found.st_dev;
    self->inode = found.st_ino;
    self->written_end = (flags & H5F_ACC_TRUNC) ? 0 : (haddr_t)found.st_size;
    return &self->base;
}

static herr_t close_callback(H5FD_t *base)
{
    free(base);
    return 0;
}

static int compare_callback(const H5FD_t *left, const H5FD_t *right)
{
    const struct open_file *a = (const struct open_file *)left;
    const struct open_file *b = (const struct open_file *)right;
    if (a->device != b->device)
        return a->device < b->device ? -1 : 1;
    if (a->inode != b->inode)
        return a->inode < b->inode ? -1 : 1;
    return 0;
}

/* The stock driver's flags, so that files are laid out as users know them; without those that need locks or a
 * file that others can open by name. */
static herr_t query_callback(const H5FD_t *base, unsigned long *flags)
{
    (void)base;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

/* From 1.14 on libhdf5 does not open a dataset that ends behind the file, without a word on where it ends. In
 * a file that is only read, so much may be said to be there: whoever opens the dataset compares, and can
 * tell; to read there fails in read_callback(). */
static haddr_t get_eoa_callback(const H5FD_t *base, H5FD_mem_t type)
{
    const struct open_file *self = (const struct open_file *)base;
    return type == H5FD_MEM_DRAW && self->file->cache ? address_last : self->allocated_end;
}

static herr_t set_eoa_callback(H5FD_t *base, H5FD_mem_t type, haddr_t end)
{
    (void)type;
    ((struct open_file *)base)->allocated_end = end;
    return 0;
}

static haddr_t get_eof_callback(const H5FD_t *base, H5FD_mem_t type)
{
    (void)type;
    return ((const struct open_file *)base)->written_end;
}

static herr_t get_handle_callback(H5FD_t *base, hid_t fapl, void **handle)
{
    (void)fapl;
    *handle = &((struct open_file *)base)->file->fd;
    return 0;
}

static bool beyond_addresses(haddr_t address, size_t size)
{
    return address == HADDR_UNDEF || address > address_last || size > address_last - address;
}

/* The reason becomes the innermost entry of libhdf5's error stack, which is the one that is told. */
static herr_t fail_read(struct open_file *self, int error_number, haddr_t address, size_t size)
{
    keep_error(&self->file->read_error, error_number);
    H5Epush2(H5E_DEFAULT, __FILE__, "harmonizer", __LINE__, H5E_ERR_CLS, H5E_IO, H5E_READERROR,
             "%s bytes from byte %s on: %s", hmz_count_text(size).text, hmz_count_text(address).text,
             hmz_io_reason(error_number));
    return -1;
}

static bool beyond_raw_data(const struct open_file *self, H5FD_mem_t type, haddr_t address, size_t size)
{
    return type == H5FD_MEM_DRAW && address + size > self->allocated_end;
}

/* What lies behind the end of the file reads as zeros, as with the stock driver. So does what was dropped
 * after a failed write. */
static herr_t read_callback(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
                            void *buffer)
{
    struct open_file *self = (struct open_file *)base;
    size_t got = 0;
    (void)transfer;
    if (beyond_addresses(address, size) || beyond_raw_data(self, type, address, size))
        return fail_read(self, HMZ_IO_BEYOND, address, size);
    int error_number = self->file->cache ? hmz_read_cache_read(self->file->cache, buffer, size, address, &got)
                                         : hmz_io_read_judged(self->file->fd, buffer, size, address, &got);
    if (error_number) {
        if (!self->file->write_error)
            return fail_read(self, error_number, address, size);
        keep_error(&self->file->read_error, error_number);
    }
    memset((char *)buffer + got, 0, size - got);
    return 0;
}

static herr_t write_callback(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
                             const void *buffer)
{
    struct open_file *self = (struct open_file *)base;
    (void)type;
    (void)transfer;
    if (self->file->write_error)
        return 0;
    int error_number = beyond_addresses(address, size)
                           ? EOVERFLOW
                           : hmz_io_write_errno(self->file->fd, buffer, size, address);
    if (error_number)
        keep_error(&self->file->write_error, error_number);
    else if (address + size > self->written_end)
        self->written_end = address + size;
    return 0;
}

static int set_length(int fd, haddr_t length)
{
    struct stat found;
    for (int tries = 0; ftruncate(fd, (off_t)length) != 0; tries++) {
        int error_number = errno;
        if (fstat(fd, &found) == 0 && found.st_size == (off_t)length)
            return 0; /* what was written beside libhdf5 has brought it there */
        if (error_number != EINTR || tries >= HMZ_IO_EINTR_TRIES)
            return error_number;
    }
    return 0;
}

/* Brings the file to the length that libhdf5 has allocated. */
static herr_t truncate_callback(H5FD_t *base, hid_t transfer, hbool_t closing)
{
    struct open_file *self = (struct open_file *)base;
    (void)transfer;
    (void)closing;
    if (self->file->write_error || self->written_end == self->allocated_end)
        return 0;
    int error_number = set_length(self->file->fd, self->allocated_end);
    if (error_number)
        keep_error(&self->file->write_error, error_number);
    else
        self->written_end = self->allocated_end;
    return 0;
}

static herr_t lock_callback(H5FD_t *base, hbool_t exclusive)
{
    (void)base;
    (void)exclusive;
    return 0;
}

static herr_t unlock_callback(H5FD_t *base)
{
    (void)base;
    return 0;
}

static const H5FD_class_t driver = {
#ifdef H5FD_CLASS_VERSION
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)DRIVER_VALUE,
#endif
    .name = "harmonizer",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_SEMI,
    .fapl_size = sizeof(struct driver_info),
    .open = open_callback,
    .close = close_callback,
    .cmp = compare_callback,
    .query = query_callback,
    .get_eoa = get_eoa_callback,
    .set_eoa = set_eoa_callback,
    .get_eof = get_eof_callback,
    .get_handle = get_handle_callback,
    .read = read_callback,
    .write = write_callback,
    .truncate = truncate_callback,
    .lock = lock_callback,
    .unlock = unlock_callback,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

/* The driver stays registered while libhdf5 is in use. libhdf5 1.10 gives up the file's reference to it
 * before it calls the driver's close: as the last one, that would free the table with the address of close.
 */
static hid_t registered_driver(void)
{
    static hid_t id = H5I_INVALID_HID;
    if (H5Iget_type(id) != H5I_VFL)
        id = H5FDregister(&driver);
    return id;
}

int hmz_h5_driver_fapl(struct hmz_h5_file *file, hid_t *fapl_out, struct hmz_error *err)
{
    const struct driver_info info = {.file = file};
    hid_t fapl = H5Pcreate(H5P_FILE_ACCESS);
    hid_t id = registered_driver();
    herr_t result = fapl < 0 || id < 0 ? -1 : H5Pset_driver(fapl, id, &info);
    if (result >= 0)
        result = H5Pset_fclose_degree(fapl, H5F_CLOSE_SEMI);
    if (result < 0) {
        if (fapl >= 0)
            H5Pclose(fapl);
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot set up the file driver");
    }
    *fapl_out = fapl;
    return HMZ_OK;
}

int hmz_h5_settle_reads(struct hmz_h5_file *file, int status, int reach, struct hmz_error *err)
{
    struct hmz_error failed;
    int error_number = file->read_error;
    file->read_error = 0;
    if (error_number == 0 || (status != HMZ_OK && status != HMZ_E_DAMAGED))
        return status;
    hmz_ignore(hmz_io_fail_read(&failed, error_number, "a part of it cannot be read"));
    failed.reach = reach;
    if (status == HMZ_OK)
        *err = failed;
    else if (failed.status != HMZ_E_DAMAGED) /* its message names the place, and has the reason */
        err->status = failed.status;
    return err->status;
}
