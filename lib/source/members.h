/* SPDX-License-Identifier: MIT */
/* Lists the members of a group of a merged run. The counters of the mergers cannot be believed, so this is
 * how the content of a run is found.
 *
 * Only hard links are members. A soft or external link, or a name that `parse` does not take, is a stray:
 * damage that is reported with its path, one by one, while the rest is listed. */
#ifndef HMZ_MEMBERS_H
#define HMZ_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h5_compat.h"
#include "hmz_error.h"
#include "names.h"

enum { HMZ_MEMBER_NAME_BYTES = 200 }; /* longest name that is believed */

struct hmz_member {
    uint64_t number;  /* of the event or readout; 0 where names have none */
    const char *name; /* without the number, interned; "" where there is none */
};

struct hmz_members { /* all zero: empty and ready */
    struct hmz_member *items;
    size_t count;
    uint64_t heap_bytes; /* of the names in the groups that were listed (h5_memory.h) */
    char **strays;       /* one message each */
    size_t stray_count;
};

/* Splits a link name; false where it is none of theirs. `*part_out` points into `name`. */
typedef bool hmz_member_parse(const char *name, uint64_t *number_out, const char **part_out);

hmz_member_parse hmz_member_parse_event;  /* "event_12" */
hmz_member_parse hmz_member_parse_evt;    /* "evt12_data" */
hmz_member_parse hmz_member_parse_scaler; /* "scaler12_header" */
hmz_member_parse hmz_member_parse_any;    /* any name, as it is */

/* Adds the members of `group` to the list. `group_path` is the path of the group, for the messages of strays.
 */
HMZ_MUST_CHECK int hmz_members_list(struct hmz_members *self, hid_t group, const char *group_path,
                                    hmz_member_parse *parse, struct hmz_names *names, struct hmz_error *err);

/* Puts the members in order of number, then name. */
void hmz_members_sort(struct hmz_members *self);

void hmz_members_clear(struct hmz_members *self); /* empty, memory of the items kept */
void hmz_members_release(struct hmz_members *self);

#endif
