/* SPDX-License-Identifier: MIT */
/* Texts of files and file systems are bytes: names, titles, versions, paths. Two ways to let others have
 * them. Whatever the bytes are, the result is valid UTF-8, NUL terminated, and cut between characters where
 * the buffer ends. What is not UTF-8 is read as Latin-1. */
#ifndef HMZ_PLAIN_TEXT_H
#define HMZ_PLAIN_TEXT_H

#include <stddef.h>

/* Room that is enough for `length` bytes, whatever they are. */
#define HMZ_TEXT_ROOM(length) (4 * (size_t)(length) + 1)

/* The text as data, for tables and JSON: the whole of it is UTF-8, or else Latin-1. */
void hmz_text_to_utf8(const char *text, char *out, size_t capacity);

/* The text for a terminal: what would move the cursor, colour, hide or turn round what is shown there, the
 * end of a line too, is spelled out, "\x1b". A message is made of texts of several kinds, so each byte that
 * is no UTF-8 is one of Latin-1. A text that does not fit ends in "…". */
void hmz_text_to_shown(const char *text, char *out, size_t capacity);

#endif
