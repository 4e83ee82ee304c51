/* SPDX-License-Identifier: MIT */
/* Functions that write past their buffer or parse what is not a number do not compile here.
 * Given to the compiler with -include, after the headers that declare them. */
#ifndef HMZ_BANNED_H
#define HMZ_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Some are macros where the C library checks sizes (_FORTIFY_SOURCE), and a macro is not to be poisoned. */
#undef strcpy
#undef strcat
#undef sprintf
#undef vsprintf
#undef strncpy
#undef strncat

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atoll atof gets strncpy strncat

#endif
