/* SPDX-License-Identifier: MIT */
#include "run_source.h"

#include <fcntl.h>
#include <unistd.h>

#include "h5_error.h"
#include "h5_scope.h"
#include "posix_io.h"

int hmz_run_source_open(struct hmz_run_source *self, struct hmz_error *err)
{
    self->file = -1;
    return hmz_io_open(self->path, O_RDONLY, 0, &self->fd, err);
}

int hmz_run_source_library(struct hmz_run_source *self, struct hmz_error *err)
{
    if (self->file >= 0)
        return HMZ_OK;
    HMZ_H5_SCOPED access = -1;
    self->driver_file = (struct hmz_h5_file){.fd = self->fd};
    int status = hmz_h5_driver_fapl(&self->driver_file, &access, err);
    if (status != HMZ_OK)
        return status;
    self->file = H5Fopen(self->path, H5F_ACC_RDONLY, access);
    if (self->file >= 0)
        return HMZ_OK;
    status = hmz_fail_h5(err, HMZ_E_DAMAGED, "%s: cannot be opened by libhdf5", self->path);
    return hmz_run_source_settle(self, status, err);
}

int hmz_run_source_settle(struct hmz_run_source *self, int status, struct hmz_error *err)
{
    return hmz_h5_settle_reads(&self->driver_file, status, HMZ_REACH_EVENT, err);
}

void hmz_run_source_close(struct hmz_run_source *self)
{
    hmz_h5_drop(&self->file);
    if (self->fd >= 0)
        close(self->fd); /* only read */
    self->fd = -1;
}
