/* SPDX-License-Identifier: MIT */
#include "h5_carry.h"

#include <stdint.h>

#include "h5_attr.h"
#include "h5_error.h"
#include "h5_scope.h"

enum { MEMORY_STEP_BYTES = 64 << 10, TRIED_BYTES = 1 << 20 };
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
    if (access < 0 || H5Pset_fapl_core(access, MEMORY_STEP_BYTES, 0) < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot make a file in memory");
    int status = hmz_h5_carry_form(access, err);
    if (status != HMZ_OK)
        return status;
    /* libhdf5 looks for a file of this name first, so there must be none. */
    self->file = H5Fcreate("/dev/null/trial", H5F_ACC_TRUNC, H5P_DEFAULT, access);
    return self->file < 0 ? hmz_fail_h5(err, HMZ_E_FAILED, "cannot make a file in memory") : HMZ_OK;
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

int hmz_h5_carry_attrs(struct hmz_h5_carry *self, hid_t object, const char *const *own, uint64_t *bytes_out,
                       struct hmz_error *err)
{
    *bytes_out = 0;
    int status = open_file(self, err);
    if (status != HMZ_OK)
        return status;
    HMZ_H5_SCOPED to = H5Gcreate2(self->file, trial, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (to < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot make a group in memory");
    status = hmz_h5_attr_copy_others(object, to, own, bytes_out, err);
    return remove_trial(self, status, err);
}

int hmz_h5_carry_object(struct hmz_h5_carry *self, hid_t object, uint64_t bytes, struct hmz_error *err)
{
    if (bytes > TRIED_BYTES)
        return HMZ_OK;
    int status = open_file(self, err);
    if (status == HMZ_OK && H5Ocopy(object, ".", self->file, trial, H5P_DEFAULT, H5P_DEFAULT) < 0)
        status = hmz_fail_h5(err, HMZ_E_DAMAGED, "cannot be carried over");
    return self->file < 0 ? status : remove_trial(self, status, err);
}
