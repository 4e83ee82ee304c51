/* SPDX-License-Identifier: MIT */
#include "h5_error.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h5_scope.h"

/* More than libhdf5 needs for a chunk of any merged run that was seen, and what it is read into. */
enum { ROOM_BYTES = 256 << 20 };

/* A macro for the analyser alone, see the header. */
#undef hmz_fail_h5

void hmz_h5_silence(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

struct innermost {
    char text[512];
};

/* The walk upward begins at the place of the failure: its first entry is all we want. */
static herr_t take_first(unsigned n, const H5E_error2_t *entry, void *data)
{
    struct innermost *found = data;
    if (n == 0)
        snprintf(found->text, sizeof found->text, "%s (%s)", entry->desc ? entry->desc : "no description",
                 entry->func_name ? entry->func_name : "libhdf5");
    return 0;
}

/* Where libhdf5 cannot have what it needs, its failure is none of the file. */
static bool is_memory_short(void)
{
    void *volatile room = malloc(ROOM_BYTES); /* volatile: or it is never asked for */
    bool none = !room;
    free(room);
    return none;
}

int hmz_fail_h5(struct hmz_error *err, int status, const char *format, ...)
{
    struct innermost found = {.text = "libhdf5 gave no reason"};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &found);
    H5Eclear2(H5E_DEFAULT);
    char what[HMZ_ERROR_TEXT_BYTES / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (status == HMZ_E_DAMAGED && is_memory_short())
        return hmz_fail(err, HMZ_E_NOMEM, "%s: %s; memory is short", what, found.text);
    return hmz_fail(err, status, "%s: %s", what, found.text);
}

int hmz_h5_close(hid_t *id, const char *what, struct hmz_error *err)
{
    herr_t result = *id >= 0 ? H5Idec_ref(*id) : 0;
    *id = -1;
    if (result < 0)
        return hmz_fail_h5(err, HMZ_E_FAILED, "cannot close %s", what);
    return HMZ_OK;
}
