/* SPDX-License-Identifier: MIT */
#include "element.h"

bool hmz_element_alike(enum hmz_element a, enum hmz_element b)
{
    return a != HMZ_ELEMENT_OTHER && b != HMZ_ELEMENT_OTHER &&
           (a - 1) % HMZ_ELEMENT_TWIN == (b - 1) % HMZ_ELEMENT_TWIN;
}
