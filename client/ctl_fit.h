/* Text in so many columns of a terminal. Pure, but for the locale (setlocale(3)), which says what
 * characters the bytes are and how wide. */
#ifndef FTPOOL_CLIENT_CTL_FIT_H
#define FTPOOL_CLIENT_CTL_FIT_H

#include <stdbool.h>
#include <stddef.h>

/* Which end of a text that is too long stays: of names the beginning, of paths the end. */
enum ctl_fit_end { FIT_BEGINNING, FIT_END };

/* Writes the text, padded with blanks to exactly that many columns; where it was cut stands a `~`.
 * What is no printable character becomes `?`. What does not fit into `size` bytes is cut as well.
 * Returns out. */
char *ctl_fit(char *out, size_t size, const char *text, size_t columns, enum ctl_fit_end end);

#endif
