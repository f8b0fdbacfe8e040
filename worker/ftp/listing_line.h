/* A line of LIST as `ls -l` writes it in the C locale and in UTC, up to the name. Pure. */
#ifndef FTPOOL_WORKER_FTP_LISTING_LINE_H
#define FTPOOL_WORKER_FTP_LISTING_LINE_H

#include "worker/store.h"

enum { LISTING_LINE = 96 };

/* "-rw-r--r--    1 ftp      ftp          1234 Nov 25 12:34 " with the blank that goes before the
 * name and no NUL. Returns the length.
 *
 * Owner and group are the word "ftp": to read them in /etc/passwd would hold up each line, numbers
 * say nothing to a client, and every parser of clients knows these columns. The time is one of the
 * day when it lies in the half year before `now` (both seconds since 1970), else the year stands
 * there, as ls has it; a time in the future gets its year, too, since clients take a date without a
 * year for one that has been. */
size_t listing_line_write(char text[LISTING_LINE], const struct store_file *file, int64_t now);

/* Can the name stand on a line? Not if it has a CR or an LF in it. */
bool listing_line_holds(const char *name);

#endif
