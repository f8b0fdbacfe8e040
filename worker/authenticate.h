/* Asks the authenticator who a client is. */
#ifndef FTPOOL_WORKER_AUTHENTICATE_H
#define FTPOOL_WORKER_AUTHENTICATE_H

#include "worker/account.h"
#include "worker/session.h"

/* By name and password, which are any bytes. 0 and an account, to be released; -EACCES when it is
 * refused; -ENOKEY when it is right, but only by TLS, which the session does not speak; -ECONNRESET
 * when the client has gone meanwhile; or another -errno when nobody can tell
 * at present. Steps out of the gang while it waits, for half a minute at most. */
int authenticate(
	struct session *session, const char *user, const char *password, struct account **account);

/* By name and the certificate that the client has shown to the session's TLS. As above; -EACCES
 * also when it has shown none that is good. */
int authenticate_certificate(struct session *session, const char *user, struct account **account);

/* The account that the session's listener names. As above. */
int authenticate_listener(struct session *session, struct account **account);

#endif
