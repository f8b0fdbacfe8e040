/* Text that came from elsewhere, made fit for a terminal: whatever could move the cursor, ring or
 * turn the reading direction is shown as an escape, and width is counted in columns. */
#ifndef FTPOOL_CLIENT_DISPLAY_H
#define FTPOOL_CLIENT_DISPLAY_H

#include <stddef.h>

/* The text with every unprintable byte as \n, \t, \r or \ooo (octal). The caller frees; NULL when
 * memory is short. */
char *display_text(const char *text);

/* The same for a name, with a backslash as \\ too: typed at the prompt, what is shown means the
 * name again (client/words.h). The caller frees; NULL when memory is short. */
char *display_name(const char *name);

/* Columns that displayable text takes on the terminal. */
size_t display_width(const char *text);

/* Cuts displayable text in place to at most so many columns (1 or more), with "…" where it was cut
 * (with "~" where the locale has no "…"). */
void display_cut(char *text, size_t columns);

#endif
