/* SPDX-License-Identifier: MIT */
#include "h5_error.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "h5_scope.h"

/* A macro for the analyser alone, see the header. */
#undef hmz_fail_h5

void hmz_h5_silence(void)
{
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

struct cause {
    char text[512];
    bool no_memory; /* libhdf5 could not have what it needs: its failure is none of the file */
};

/* Our driver's own entries have this name (h5_driver.c): their text says all. */
static bool is_own(const H5E_error2_t *entry)
{
    return entry->func_name && strcmp(entry->func_name, "harmonizer") == 0;
}

/* The walk upward begins at the place of the failure: its first entry is all we want. */
static herr_t take_first(unsigned n, const H5E_error2_t *entry, void *data)
{
    struct cause *found = data;
    if (n > 0)
        return 0;
    const char *text = entry->desc ? entry->desc : "no description";
    if (is_own(entry))
        snprintf(found->text, sizeof found->text, "%s", text);
    else
        snprintf(found->text, sizeof found->text, "%s (%s)", text,
                 entry->func_name ? entry->func_name : "libhdf5");
    /* inflateInit() fails for nothing else; libhdf5 has one number for that and for data that are no deflate.
     */
    found->no_memory = entry->maj_num == H5E_RESOURCE || entry->min_num == H5E_NOSPACE ||
                       entry->min_num == H5E_CANTALLOC || strcmp(text, "inflateInit() failed") == 0;
    return 0;
}

int hmz_fail_h5(struct hmz_error *err, int status, const char *format, ...)
{
    /* It has no reason to give where it could not even have the memory for that. */
    struct cause found = {.text = "libhdf5 gave no reason", .no_memory = true};
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, &found);
    H5Eclear2(H5E_DEFAULT);
    char what[HMZ_ERROR_TEXT_BYTES / 2];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    if (status == HMZ_E_DAMAGED && found.no_memory)
        return hmz_fail(err, HMZ_E_NOMEM, "%s: %s; memory is short, or the file asks for more than there is",
                        what, found.text);
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
