/* The language of messages: gettext, by the user's locale. */
#ifndef FTPOOL_CLIENT_LANGUAGE_H
#define FTPOOL_CLIENT_LANGUAGE_H

#include <libintl.h>

/* The message in the user's language. */
#define _(message) gettext(message)
/* Marks a message in a table; who prints it says _(). */
#define N_(message) message

/* Takes the locale from the environment and finds the catalogues: in $FTPOOL_LOCALEDIR, else where
 * they were installed. A locale that is not installed here still gives its language; names are
 * UTF-8 even in the C locale. */
void language_init(void);

#endif
