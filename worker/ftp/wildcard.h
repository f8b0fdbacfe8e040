/* Patterns of names, as in `LIST *.txt`: `*`, `?`, `[a-z]`, `[!x]` or `[^x]`, and \ before what is
 * meant by itself. Bytes. Linear in memory and, whatever the pattern, at most pattern times name in
 * time. Pure. */
#ifndef FTPOOL_WORKER_FTP_WILDCARD_H
#define FTPOOL_WORKER_FTP_WILDCARD_H

#include <stdbool.h>

/* Has the text a sign of a pattern in it, be it behind a \? If not, it is the name itself. */
bool wildcard_is(const char *text);

/* Does the name (no / in it) fit? As in a shell, a leading dot is only met by a dot. A [ that is
 * never closed means itself. */
bool wildcard_match(const char *pattern, const char *name);

#endif
