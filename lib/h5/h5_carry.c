/* SPDX-License-Identifier: MIT */
#include "h5_carry.h"

#include <stdint.h>

#include "h5_attr.h"
#include "h5_error.h"
#include "h5_scope.h"

enum {
    MEMORY_STEP_BYTES = 64, /* small, so that the length of the file is what is in it */
    TRIED_BYTES = 1 << 20,
    CONTINUED_BYTES = 48,        /* that a header takes to go on elsewhere */
    TEXT_POINTER_BYTES = 16,     /* to a text of variable length … */
    TEXT_BYTES = 32,             /* … and what the text takes, by and large */
    UNTRIED_METADATA_BYTES = 272 /* of a dataset */
};
static const char trial[] = "trial";

int hmz_h5_carry_form(hid_t access, struct hmz_error *err)
{
    if (H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_V110) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot set the form of a harmonic run");
    return HMZ_OK;
}

static int open_file(struct hmz_h5_carry *self, struct hmz_error *err)
{
    if (self->file >= 0)
        return HMZ_OK;
    HMZ_H5_SCOPED access = H5Pcreate(H5P_FILE_ACCESS);
    if (access < 0 || H5Pset_fapl_core(access, MEMORY_STEP_BYTES, 0) < 0 ||
        H5Pset_meta_block_size(access, 0) < 0 || H5Pset_small_data_block_size(access, 0) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot make a file in memory");
    int status = hmz_h5_carry_form(access, err);
    if (status != HMZ_OK)
        return status;
    /* libhdf5 looks for a file of this name first, so there must be none. */
    self->file = H5Fcreate("/dev/null/trial", H5F_ACC_TRUNC, H5P_DEFAULT, access);
    /* A member that stays, so that none of the trials takes the first node of the group. */
    HMZ_H5_SCOPED stays =
        self->file < 0 ? -1 : H5Gcreate2(self->file, "stays", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    return stays < 0 ? hmz_fail_h5(err, HMZ_E_FAILED, "cannot make a file in memory") : HMZ_OK;
}

void hmz_h5_carry_close(struct hmz_h5_carry *self)
{
    hmz_h5_drop(&self->file);
}

static int remove_trial(const struct hmz_h5_carry *self, int status, struct hmz_error *err)
{
    if (H5Lexists(self->file, trial, H5P_DEFAULT) > 0 && H5Ldelete(self->file, trial, H5P_DEFAULT) < 0 &&
        status == HMZ_OK)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot empty a file in memory");
    H5Eclear2(H5E_DEFAULT);
    return status;
}

/* Bytes of the file that are in use. */
static int measure(const struct hmz_h5_carry *self, uint64_t *bytes_out, struct hmz_error *err)
{
    hsize_t length;
    hssize_t unused = H5Fget_freespace(self->file);
    if (unused < 0 || H5Fget_filesize(self->file, &length) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot measure a file in memory");
    *bytes_out = length - (hsize_t)unused;
    return HMZ_OK;
}

/* Texts of variable length lie in a heap that many objects share, so a trial does not show them. */
static herr_t add_texts(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
    HMZ_H5_SCOPED attr = H5Aopen(object, name, H5P_DEFAULT);
    HMZ_H5_SCOPED type = attr < 0 ? -1 : H5Aget_type(attr);
    (void)info;
    if (type >= 0 && H5Tdetect_class(type, H5T_STRING) > 0 && H5Tis_variable_str(type) > 0)
        *(uint64_t *)data += H5Aget_storage_size(attr) / TEXT_POINTER_BYTES * TEXT_BYTES;
    return 0;
}

static int measure_attrs(const struct hmz_h5_carry *self, hid_t group, uint64_t before, uint64_t *bytes_out,
                         struct hmz_error *err)
{
    uint64_t after = 0;
    int status = measure(self, &after, err);
    if (status != HMZ_OK)
        return status;
    /* The header of the group is full, so it goes on elsewhere; a group of an event has done so before. */
    *bytes_out = after > before + CONTINUED_BYTES ? after - before - CONTINUED_BYTES : 0;
    if (H5Aiterate2(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, add_texts, bytes_out) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot measure attributes in memory");
    return HMZ_OK;
}

int hmz_h5_carry_attrs(struct hmz_h5_carry *self, hid_t object, const char *const *own,
                       uint64_t *header_bytes_out, struct hmz_error *err)
{
    uint64_t before = 0;
    int status = open_file(self, err);
    if (status != HMZ_OK)
        return status;
    HMZ_H5_SCOPED to = H5Gcreate2(self->file, trial, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (to < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot make a group in memory");
    status = measure(self, &before, err);
    if (status == HMZ_OK)
        status = hmz_h5_attr_copy_others(object, to, own, err);
    if (status == HMZ_OK)
        status = measure_attrs(self, to, before, header_bytes_out, err);
    return remove_trial(self, status, err);
}

static int copy(const struct hmz_h5_carry *self, hid_t object, struct hmz_error *err)
{
    if (H5Ocopy(object, ".", self->file, trial, H5P_DEFAULT, H5P_DEFAULT) < 0)
        return hmz_fail_h5(err, HMZ_E_DAMAGED, "cannot be carried over");
    return HMZ_OK;
}

int hmz_h5_carry_object(struct hmz_h5_carry *self, hid_t object, uint64_t data_bytes,
                        uint64_t *metadata_bytes_out, struct hmz_error *err)
{
    uint64_t before = 0;
    uint64_t after = 0;
    *metadata_bytes_out = UNTRIED_METADATA_BYTES;
    if (data_bytes > TRIED_BYTES)
        return HMZ_OK;
    int status = open_file(self, err);
    if (status == HMZ_OK)
        status = measure(self, &before, err);
    if (status == HMZ_OK)
        status = copy(self, object, err);
    if (status == HMZ_OK)
        status = measure(self, &after, err);
    *metadata_bytes_out = after > before + data_bytes ? after - before - data_bytes : 0;
    return self->file < 0 ? status : remove_trial(self, status, err);
}
