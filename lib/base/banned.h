/* SPDX-License-Identifier: MIT */
/* Functions that write past their buffer or parse what is not a number do not compile here.
 * Given to the compiler with -include, after the headers that declare them. */
#ifndef HMZ_BANNED_H
#define HMZ_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atoll atof gets strncpy strncat

#endif
