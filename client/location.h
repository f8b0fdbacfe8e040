/* Where the user wants to go: HOST[:PORT] for LGPQ, or a URL
 * ftp://[USER[:PASSWORD]@]HOST[:PORT][/DIR] (RFC 1738 3.2), or ftps:// for FTP that is in TLS from
 * its first byte. Pure. */
#ifndef FTPOOL_CLIENT_LOCATION_H
#define FTPOOL_CLIENT_LOCATION_H

#include "client/hostport.h"

#include <stdbool.h>
#include <stddef.h>

enum { LOCATION_DIRECTORY = 4096, LOCATION_USER = 256, LOCATION_URL = 16384 };

enum location_scheme { LOCATION_LGPQ, LOCATION_FTP, LOCATION_FTPS };

struct location {
	enum location_scheme scheme;
	struct hostport server; /* the scheme's port if the user named none */
	/* Decoded; empty: the user named none. */
	char user[LOCATION_USER];
	char password[LOCATION_USER];
	bool password_given; /* perhaps an empty one */
	/* Relative to where the login leads; absolute if it begins with a '/' of its own, as in
	 * ftp://host//srv or ftp://host/%2Fsrv. No '/' at its end but that of "/" itself. */
	char directory[LOCATION_DIRECTORY];
};

/* 0; -EINVAL: neither HOST nor HOST:PORT nor such a URL; -EPROTONOSUPPORT: another scheme's URL. */
int location_parse(struct location *location, const char *text);

/* The URL of a name in the location's directory, or, for a name that begins with '/', of that path;
 * of the directory itself for "". Without the password; every byte that a URL could take for its
 * own is encoded, so that name and user may have any, and 255 is there twice, as telnet wants it.
 * 0; -ENAMETOOLONG; -EINVAL: bytes that no FTP command can carry (control characters). */
int location_url(const struct location *location, const char *name, char url[LOCATION_URL]);

#endif
