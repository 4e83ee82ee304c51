/* SPDX-License-Identifier: MIT */
#include "list.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *hmz_list_add(void *items, size_t *count, size_t width)
{
    uint8_t *first;
    memcpy(&first, items, sizeof first);
    if ((*count & (*count - 1)) == 0) {
        size_t capacity = *count ? 2 * *count : 1;
        uint8_t *larger = capacity <= SIZE_MAX / width ? realloc(first, capacity * width) : NULL;
        if (!larger)
            return NULL;
        first = larger;
        memcpy(items, &first, sizeof first);
    }
    uint8_t *item = first + (*count)++ * width;
    memset(item, 0, width);
    return item;
}
