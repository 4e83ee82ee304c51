/* SPDX-License-Identifier: MIT */
#include "space.h"

#include <sys/resource.h>

#include "bytes.h"
#include "footprint.h"
#include "tables.h"

uint64_t hmz_space_of_file(uint64_t file_bytes)
{
    return file_bytes + hmz_footprint_slack_bytes(file_bytes);
}

static uint64_t need_by_mode(const struct hmz_plan *plan, enum hmz_mode mode)
{
    uint64_t need = 0;
    for (size_t i = 0; i < plan->file_count; i++)
        need += hmz_space_of_file(plan->files[i].mode_bytes[mode]);
    return need;
}

void hmz_space_predict(struct hmz_space *self, const struct hmz_plan *plan, uint64_t scalers)
{
    const uint64_t tables = hmz_tables_bound(plan, scalers);
    for (int mode = 0; mode < HMZ_MODE_COUNT; mode++)
        self->mode_need_bytes[mode] = tables + need_by_mode(plan, (enum hmz_mode)mode);
    self->need_bytes = self->mode_need_bytes[plan->settings.mode];
}

int hmz_space_check_limit(const struct hmz_plan *plan, struct hmz_error *err)
{
    struct rlimit limit; /* ulimit -f, a batch system */
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return HMZ_OK;
    for (size_t i = 0; i < plan->file_count; i++) {
        uint64_t bytes = plan->files[i].file_bytes;
        if (bytes > limit.rlim_cur && bytes - limit.rlim_cur > hmz_footprint_slack_bytes(bytes))
            return hmz_fail(
                err, HMZ_E_FAILED,
                "harmonic run %zu would have %s, but this process may write only %s into a file "
                "(ulimit -f, or a limit of the batch system): raise it, or choose smaller harmonic runs",
                i, hmz_bytes_text(bytes).text, hmz_bytes_text(limit.rlim_cur).text);
    }
    return HMZ_OK;
}

int hmz_space_check(const struct hmz_space *self, const struct hmz_plan *plan, const char *folder,
                    struct hmz_error *err)
{
    if (!self->free_known || self->need_bytes <= self->free_bytes)
        return HMZ_OK;
    bool links_help = plan->settings.mode == HMZ_MODE_COPY && plan->linkable &&
                      self->mode_need_bytes[HMZ_MODE_LINK] <= self->free_bytes;
    return hmz_fail(err, HMZ_E_SPACE, "needs %s, %s free on %s: choose another harmonic_path%s",
                    hmz_bytes_text(self->need_bytes).text, hmz_bytes_text(self->free_bytes).text, folder,
                    links_help ? ", or mode: link" : "");
}
