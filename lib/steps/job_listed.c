/* SPDX-License-Identifier: MIT */
/* What the manifest of a complete set lists as left out, for whoever makes its plan again: what the scan does
 * not see, the copy may have met. */
#include "job.h"
#include "job_pieces.h"
#include "unreadable.h"

bool hmz_job_lists(const struct hmz_manifest *manifest, const struct hmz_skipped *wanted)
{
    for (size_t i = 0; i < manifest->skipped_count; i++) {
        const struct hmz_skipped *item = &manifest->skipped[i];
        if (item->run == wanted->run && item->kind == wanted->kind &&
            (item->kind == HMZ_SKIPPED_RUN || item->number == wanted->number))
            return true;
    }
    return false;
}

/* The harmonic run that the event belongs to, by the plan; file_count where there is none. */
static size_t find_file(const struct hmz_plan *plan, const struct hmz_event_id *id)
{
    size_t i = 0;
    while (i < plan->file_count && hmz_event_id_compare(&plan->files[i].last_id, id) < 0)
        i++;
    return i;
}

int hmz_job_hand_over(const struct hmz_job *self, const struct hmz_skipped *skipped, struct hmz_error *err)
{
    struct hmz_unreadable unreadable;
    const struct hmz_event_id id = {.run = skipped->run, .event = skipped->number};
    size_t i = find_file(self->plan, &id);
    if (skipped->kind != HMZ_SKIPPED_EVENT || i == self->plan->file_count)
        return HMZ_END;
    const struct hmz_file_at at = hmz_state_unreadable(&self->state, i);
    int status = hmz_unreadable_load(&unreadable, at, err);
    if (status == HMZ_OK) {
        status = hmz_unreadable_add(&unreadable, &id, skipped->reason, err);
        if (status == HMZ_OK)
            status = hmz_unreadable_save(&unreadable, at, err);
        hmz_unreadable_release(&unreadable);
    }
    return status;
}

int hmz_job_leave_out_listed(struct hmz_job *self, const struct hmz_manifest *set, struct hmz_error *err)
{
    int status = HMZ_OK;
    for (size_t i = 0; status == HMZ_OK && i < set->skipped_count; i++) {
        if (hmz_job_lists(&self->manifest, &set->skipped[i]))
            continue;
        status = hmz_job_hand_over(self, &set->skipped[i], err);
        if (status == HMZ_END) /* no event: nothing that a harmonic run would lack */
            status = HMZ_OK;
    }
    return status == HMZ_OK
               ? hmz_report_take_out(&self->report, self->plan, &self->state, self->options->stop, err)
               : status;
}
