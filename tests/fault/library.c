/* SPDX-License-Identifier: MIT */
/* Preloaded (LD_PRELOAD): the loader has found a libhdf5 of another release than the headers of the program.
 */
#include <dlfcn.h>

int H5check_version(unsigned major, unsigned minor, unsigned release);

int H5check_version(unsigned major, unsigned minor, unsigned release)
{
    int (*next)(unsigned, unsigned, unsigned);
    *(void **)&next = dlsym(RTLD_NEXT, "H5check_version");
    return next(major, minor + 2, release);
}
