/* A new password: asked for, and made a hash of. */
#ifndef FTPOOL_CLIENT_CTL_PASSWORD_H
#define FTPOOL_CLIENT_CTL_PASSWORD_H

#include <crypt.h>
#include <stdbool.h>

/* Asks twice on the terminal, without echo; or (from_stdin) reads a line of standard input. Writes
 * its hash by crypt(3)'s method for new ones. 0, or -1 after telling. */
int ctl_password_new(const char *name, bool from_stdin, char hash[CRYPT_OUTPUT_SIZE]);

#endif
