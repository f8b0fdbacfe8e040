/* Replies (RFC 959 4.2): the one place that writes them. Each is one line or several, ends in CR
 * LF, and holds no other CR, LF or 255 than telnet allows.
 *
 * All return 0 or the -errno of the control connection, which then is of no use any more. */
#ifndef FTPOOL_WORKER_FTP_REPLY_H
#define FTPOOL_WORKER_FTP_REPLY_H

#include "worker/ftp/state.h"

/* A reply of one line, or the last line of a longer one: "code text". */
int reply(struct ftp *ftp, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* A reply of several lines: the first ("code-text"), those between, each with a blank before it so
 * that none can look like the last, which is reply's. */
int reply_first(struct ftp *ftp, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int reply_between(struct ftp *ftp, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Many lines between, made elsewhere: each ends in CR LF, a piece may hold any part of them, and
 * *inside, false at first, is for the next piece. A blank is put only before a line that has no
 * letter or sign of its own at the beginning: programs read these lines. */
int reply_lines(struct ftp *ftp, const char *bytes, size_t length, bool *inside);

/* What went wrong with `subject` (a path as the client wrote it): the code and the words of an
 * -errno of the store, an upload or a listing; of its last deed, which right was missing where. */
int reply_error(struct ftp *ftp, const char *subject, int error);

/* The same as a text, and its code, for replies that say more. */
const char *reply_error_text(int error, int *code);

#endif
