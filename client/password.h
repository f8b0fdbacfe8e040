/* Asks the user for a password. */
#ifndef FTPOOL_CLIENT_PASSWORD_H
#define FTPOOL_CLIENT_PASSWORD_H

#include <stddef.h>

/* On the controlling terminal, wherever standard input comes from, and without echo. 0; -ENOTTY
 * when there is no terminal (no trouble is set); or -ECANCELED (ctrl-C or the input's end),
 * -ENAMETOOLONG, with the trouble set. */
int password_ask(const char *question, char *password, size_t size);

#endif
