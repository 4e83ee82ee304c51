/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "list.h"

void hmz_names_release(struct hmz_names *self)
{
    for (size_t i = 0; i < self->count; i++)
        free(self->texts[i]);
    free(self->texts);
    *self = (struct hmz_names){0};
}

static int add(struct hmz_names *self, const char *text, struct hmz_error *err)
{
    if (self->count == HMZ_NAMES_LIMIT)
        return hmz_fail_reach(err, HMZ_E_DAMAGED, HMZ_REACH_RUN,
                              "more than %d different names of datasets, expected a few", HMZ_NAMES_LIMIT);
    char *copy = strdup(text);
    char **item = copy ? hmz_list_add(&self->texts, &self->count, sizeof *self->texts) : NULL;
    if (!item) {
        free(copy);
        return hmz_fail_nomem(err, "names");
    }
    *item = copy;
    return HMZ_OK;
}

int hmz_names_index(struct hmz_names *self, const char *text, uint32_t *place_out, struct hmz_error *err)
{
    for (size_t i = 0; i < self->count; i++) {
        if (strcmp(self->texts[i], text) == 0) {
            *place_out = (uint32_t)i;
            return HMZ_OK;
        }
    }
    *place_out = (uint32_t)self->count;
    return add(self, text, err);
}

int hmz_names_keep(struct hmz_names *self, const char *text, const char **kept_out, struct hmz_error *err)
{
    uint32_t position;
    int status = hmz_names_index(self, text, &position, err);
    if (status == HMZ_OK)
        *kept_out = self->texts[position];
    return status;
}
