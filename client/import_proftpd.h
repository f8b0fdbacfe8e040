/* proftpd.conf: its blocks, and what follows from all that was read. Private to import_proftpd. */
#ifndef FTPOOL_CLIENT_IMPORT_PROFTPD_H
#define FTPOOL_CLIENT_IMPORT_PROFTPD_H

#include "client/import_rows.h"

#include <stdint.h>

/* What is read in an Anonymous block is kept with this before its name. */
#define PROFTPD_ANONYMOUS "Anonymous "

/* Which rights the command, or class of commands, of a Limit takes; 0: none that we know. */
uint32_t proftpd_rights_of(const char *command);

/* "list get …" of a set of rights. */
enum { PROFTPD_WORDS = 256 };
char *proftpd_words(uint32_t rights, char words[PROFTPD_WORDS]);

/* Of a context ("" or PROFTPD_ANONYMOUS): without what AllowOverwrite and AllowStoreRestart have
 * not given. */
uint32_t proftpd_given(const struct import *import, const char *context, uint32_t rights);

/* Makes settings of what was kept; `may` is what accounts may do. */
void proftpd_finish(struct import *import, uint32_t may);

#endif
