/* What a transfer came to, in the user's language. */
#ifndef FTPOOL_CLIENT_TALLY_H
#define FTPOOL_CLIENT_TALLY_H

#include <stdint.h>

enum { TALLY_TEXT = 128 };

/* "6 B"; or "14.2 MiB in 3.1 s (4.6 MiB/s)" if it took long enough to speak of. Returns text. */
char *tally_text(char text[TALLY_TEXT], int64_t bytes, int64_t elapsed_ms);

#endif
