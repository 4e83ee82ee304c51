/* SPDX-License-Identifier: MIT */
/* Small state files: a magic word, content, and an XXH3-64 over all before it. Whole or refused. */
#ifndef HMZ_SEALED_FILE_H
#define HMZ_SEALED_FILE_H

#include "buffer.h"
#include "folder.h"
#include "hmz_error.h"

/* `magic`: 8 bytes. Saves `content` through a part file of our own in the same folder. */
HMZ_MUST_CHECK int hmz_sealed_save(struct hmz_file_at at, const char *magic, struct hmz_buffer *content,
                                   struct hmz_error *err);

/* *bytes_out owns the memory, *cursor_out is over the content in it. No such file, or no folder: HMZ_END;
 * cut, changed or with another magic: HMZ_E_DAMAGED. */
HMZ_MUST_CHECK int hmz_sealed_load(struct hmz_file_at at, const char *magic, uint8_t **bytes_out,
                                   struct hmz_cursor *cursor_out, struct hmz_error *err);

/* The answer where content does not read as it should although its seal is right. */
int hmz_sealed_broken(struct hmz_file_at at, struct hmz_error *err);

#endif
