/* SPDX-License-Identifier: MIT */
/* What the writer and the reader of index files share. Private to lib/index. See index.h. */
#ifndef HMZ_INDEX_FORMAT_H
#define HMZ_INDEX_FORMAT_H

#include <stdint.h>

enum { HMZ_INDEX_FORMAT = 5, HMZ_INDEX_FOOTER_BYTES = 24, HMZ_INDEX_HEADER_BYTES = 12 };
#define HMZ_INDEX_MAGIC "HMZINDX"

struct hmz_index_block {
    uint64_t offset;
    uint32_t length;
    uint32_t count; /* events or readouts */
    uint64_t hash;  /* XXH3-64 of its bytes */
};

#endif
