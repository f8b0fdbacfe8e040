/* What the user is told, and where. Messages of trouble go to standard error; notes and the
 * progress bar go to standard output, or to standard error once that carries a file's bytes. */
#ifndef FTPOOL_CLIENT_REPORT_H
#define FTPOOL_CLIENT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

/* In the menu, messages go without the program's name; quiet leaves out notes and progress. */
void report_init(bool in_menu, bool quiet);

/* Standard output is for a file's bytes (or it is again for notes). */
void report_divert(bool diverted);

/* The last trouble (client/trouble.h), and what it is about (NULL: nothing special). */
void report_trouble(const char *subject);

/* One line that all is well, or what is done about it; unprintable bytes in it are escaped. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The terminal that progress may be drawn on; NULL if there is none or it is not wanted. */
FILE *report_terminal(void);

#endif
