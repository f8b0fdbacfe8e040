/* What all transfers share: the data connection from its making to its end, the replies before and
 * after, and the control connection, which is heard meanwhile (ABOR, STAT, QUIT).
 *
 *     error = transfer_open(&transfer, ftp);
 *     if (error == 0)
 *             error = …move the bytes…;
 *     return transfer_close(&transfer, error);
 *
 * Errors go from hand to hand as -errno, and transfer_close makes a reply of them. */
#ifndef FTPOOL_WORKER_FTP_TRANSFER_H
#define FTPOOL_WORKER_FTP_TRANSFER_H

#include "worker/ftp/state.h"
#include "worker/throttle.h"

enum { TRANSFER_CHUNK = 64 * 1024, TRANSFER_UPLOAD_CHUNK = 1024 * 1024 };

struct zmode;

enum transfer_kind { TRANSFER_DOWNLOAD, TRANSFER_UPLOAD, TRANSFER_LISTING };

struct transfer {
	struct ftp *ftp;
	enum transfer_kind kind;
	struct stream stream; /* the data connection; its socket is -1 before there is one */
	struct stream_aside aside;
	struct throttle throttle;
	struct zmode *zmode; /* in MODE Z */
	const char *verb;
	const char *subject; /* a path as the client wrote it, for replies */
	int64_t began_ms;
	bool ended_unclean; /* by TLS, but without its end mark */
	bool disk_failed;   /* the error is the store's, not the connection's */
	int given_up;       /* what transfer_is_given_up has said, unless 0 */
};

/* Fills in what is known before a transfer, for transfer_is_given_up; transfer_open does so itself.
 */
void transfer_init(struct transfer *transfer, struct ftp *ftp, enum transfer_kind kind,
	const char *verb, const char *subject) __attribute__((nonnull));

/* Has the client thought better of it, while something took its time before transfer_open? STAT is
 * answered. 0, -ECANCELED after ABOR, -ENOTCONN; -EDESTADDRREQ when it would be 425 anyway. The
 * context is the transfer. */
int transfer_is_given_up(void *context);

/* Replies what an error means of a transfer that was not opened. 0 or the -errno of the control
 * connection. */
int transfer_refuse(struct transfer *transfer, int error);

/* Makes the data connection that was agreed (else 425) for what the command line says, and replies
 * 150 with the text. 0 or an error for transfer_close, which is due in any case. Everything until
 * then counts as a transfer and holds no place in the gang. */
int transfer_open(struct transfer *transfer, struct ftp *ftp, enum transfer_kind kind,
	const char *verb, const char *subject, const char *text) __attribute__((nonnull));

/* Sends bytes, deflated in MODE Z; counts them. 0 or -errno. */
int transfer_write(struct transfer *transfer, const char *bytes, size_t length);

/* Sends what MODE Z still holds, ends the stream and waits until all of it has arrived. */
int transfer_finish(struct transfer *transfer);

/* Reads some bytes as they came. Their number; 0 at the end; or -errno. */
ssize_t transfer_read(struct transfer *transfer, char *bytes, size_t size);

/* The data has ended. Is the client still there to say so? A client that was killed ends both its
 * connections, and then a file that looks whole is not. 0 or -ENOTCONN. */
int transfer_is_meant(struct transfer *transfer);

/* Marks an error as the store's own. Returns it. */
int transfer_disk_error(struct transfer *transfer, int error);

/* Ends it: closes the data connection, logs, counts, and replies 226 with the text, or what the
 * error means. 0 or the -errno of the control connection. */
int transfer_close(struct transfer *transfer, int error, const char *text);

#endif
