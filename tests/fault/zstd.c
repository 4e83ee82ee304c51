/* SPDX-License-Identifier: MIT */
/* Preloaded: another version of zstd, as far as anybody can tell: it packs the same bytes in another way. */
#include <dlfcn.h>
#include <zstd.h>

size_t ZSTD_CCtx_setParameter(ZSTD_CCtx *context, ZSTD_cParameter parameter, int value)
{
    static size_t (*real)(ZSTD_CCtx * context, ZSTD_cParameter parameter, int value);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "ZSTD_CCtx_setParameter");
    return real(context, parameter, parameter == ZSTD_c_compressionLevel ? 12 : value);
}
