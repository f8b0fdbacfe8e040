/* What one command does that may take long and moves nothing over a data connection: sums, copies,
 * the removal of a tree. It holds no place in the gang, and the client is heard meanwhile: ABOR
 * ends it, and so does a client that goes away.
 *
 *     errand_begin(&errand, ftp);
 *     error = …something long, which asks errand_is_given_up now and then…;
 *     errand_end(&errand);
 *     return error < 0 ? errand_refuse(&errand, subject, error) : …reply…; */
#ifndef FTPOOL_WORKER_FTP_ERRAND_H
#define FTPOOL_WORKER_FTP_ERRAND_H

#include "worker/ftp/state.h"

struct errand {
	struct ftp *ftp;
	short events; /* that are awaited at the control connection */
	int64_t looked_ms;
	int given_up; /* what errand_is_given_up has said, unless 0 */
};

void errand_begin(struct errand *errand, struct ftp *ftp);
void errand_end(const struct errand *errand);

/* 0, -ECANCELED after ABOR, -ENOTCONN when the client is gone, -ECONNABORTED when the session is to
 * end. May be asked as often as one likes. The context is the errand. */
int errand_is_given_up(void *context);

/* Replies what an error means, the store's or that it was given up. 0 or the -errno of the control
 * connection. */
int errand_refuse(const struct errand *errand, const char *subject, int error);

#endif
