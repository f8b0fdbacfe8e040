/* Which of the two kinds of LGPQ a server speaks. */
#ifndef FTPOOL_CLIENT_LGPQ_DETECT_H
#define FTPOOL_CLIENT_LGPQ_DETECT_H

struct remote;

/* The connection's first request: a list, in framed mode's words, which an old server takes for its
 * own. Sets remote->protocol, and fills remote->catalogue from the answer. 0; an error with the
 * protocol set (the server is known but could not list); or -ENOTCONN, -ECANCELED. */
int lgpq_detect(struct remote *remote);

#endif
