/* SPDX-License-Identifier: MIT */
/* Lists that grow at their end, item by item.
 *
 *     struct thing *things = NULL;
 *     size_t count = 0;
 *     struct thing *thing = hmz_list_add(&things, &count, sizeof *things);
 *     …
 *     free(things);
 *
 * A list has room for as many items as the next power of two, so its count says when it has to grow. A list
 * that was emptied (count 0) keeps its pointer and is used again. */
#ifndef HMZ_LIST_H
#define HMZ_LIST_H

#include <stddef.h>

/* `items`: address of the pointer to the first item; `width`: bytes of an item. The new item, all zero and
 * counted, valid until the next call; NULL where memory is short, the list as it was. */
void *hmz_list_add(void *items, size_t *count, size_t width);

#endif
