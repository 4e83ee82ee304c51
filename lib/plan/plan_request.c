/* SPDX-License-Identifier: MIT */
#include "plan_request.h"

#include <stdlib.h>

#include "buffer.h"
#include "plan_file.h"
#include "sealed_file.h"

static const char magic[] = "HMZPRQ3";

int hmz_plan_request_save(const struct hmz_plan_request *self, struct hmz_error *err)
{
    struct hmz_buffer content = {0};
    hmz_buffer_put_u64(&content, self->target_bytes);
    hmz_buffer_put_u64(&content, self->harmonic_count);
    hmz_buffer_put_u32(&content, self->mode);
    hmz_buffer_put_u32(&content, self->frib);
    for (size_t i = 0; i < self->input_count; i++) {
        hmz_buffer_put_u32(&content, (uint32_t)self->inputs[i].run);
        hmz_buffer_put_text(&content, self->inputs[i].path);
    }
    int status = hmz_sealed_save(hmz_state_plan_request(self->state), magic, &content, err);
    hmz_buffer_release(&content);
    return status;
}

/* A number and a length at least for each input. */
static size_t inputs_at_most(const struct hmz_cursor *from)
{
    return (size_t)(from->end - from->at) / 8 + 1;
}

static void get_request(struct hmz_plan_request *to, struct hmz_plan_input *inputs, struct hmz_cursor *from)
{
    to->inputs = inputs;
    to->target_bytes = hmz_cursor_u64(from);
    to->harmonic_count = hmz_cursor_u64(from);
    to->mode = hmz_cursor_u32(from) ? HMZ_MODE_LINK : HMZ_MODE_COPY;
    to->frib = hmz_cursor_u32(from) ? HMZ_FRIB_KEEP : HMZ_FRIB_SET_ASIDE;
    while (from->at < from->end && !from->failed) {
        struct hmz_plan_input *input = &inputs[to->input_count++];
        input->run = (int32_t)hmz_cursor_u32(from);
        input->path = hmz_cursor_text(from);
    }
}

static int make_and_save(const struct hmz_plan_request *request, struct hmz_error *err)
{
    struct hmz_plan *plan = NULL;
    int status = hmz_plan_new(request, &plan, err);
    if (status == HMZ_OK)
        status = hmz_plan_save(plan, hmz_state_plan_draft(request->state), err);
    hmz_plan_free(plan);
    return status;
}

int hmz_plan_make(const struct hmz_state *state, struct hmz_tick tick, struct hmz_error *err)
{
    uint8_t *bytes;
    struct hmz_cursor from;
    struct hmz_plan_request request = {.state = state, .tick = tick};
    int status = hmz_sealed_load(hmz_state_plan_request(state), magic, &bytes, &from, err);
    if (status == HMZ_END)
        return hmz_fail(err, HMZ_E_FAILED, "%s: the request for a plan is missing", state->folder.path);
    if (status != HMZ_OK)
        return status;
    struct hmz_plan_input *inputs = calloc(inputs_at_most(&from), sizeof *inputs);
    if (inputs)
        get_request(&request, inputs, &from);
    if (!inputs || from.failed)
        status = hmz_fail_nomem(err, "the inputs of the plan");
    if (status == HMZ_OK)
        status = make_and_save(&request, err);
    for (size_t i = 0; i < request.input_count; i++)
        free((char *)inputs[i].path);
    free(inputs);
    free(bytes);
    return status;
}
