/* Sets of words in an account's line, "list,get", kept as bits; "all" is all of them. Private to
 * user. */
#ifndef FTPOOL_COMMON_USER_WORDS_H
#define FTPOOL_COMMON_USER_WORDS_H

#include <stdint.h>
#include <stdio.h>

enum user_words { USER_RIGHTS, USER_PROTOCOLS };

/* Reads a set; cuts the text up. NULL, or the first word that is none. */
const char *user_words_read(enum user_words kind, char *text, uint32_t *bits);

void user_words_print(FILE *out, enum user_words kind, uint32_t bits);

#endif
