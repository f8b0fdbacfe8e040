/* The transfer log, one line a file, in the format xferlog of wu-ftpd:
 *
 *     current-time transfer-time remote-host file-size filename transfer-type special-action-flag
 *     direction access-mode username service-name authentication-method authenticated-user-id
 *     completion-status
 *
 * such as `Wed Nov 25 19:04:07 2026 1 192.0.2.7 1048576 /a/b.txt b _ i r anna ftp 0 * c`. Fields
 * are split at blanks: what a client might smuggle into one becomes `_`. A line is one write(2) to
 * a descriptor that the master opened. */
#ifndef FTPOOL_WORKER_XFERLOG_H
#define FTPOOL_WORKER_XFERLOG_H

#include "worker/session.h"

struct xferlog_entry {
	const char *path; /* any bytes */
	const char *user; /* any bytes; "": nobody had to say who he is */
	uint64_t bytes;   /* that went over the wire */
	int64_t began_ms; /* as of clock_ms */
	bool upload;
	bool ascii;
	bool anonymous;
	bool complete;
};

/* Adds a line; nothing to do when no such log is kept. */
void xferlog_note(const struct session *session, const struct xferlog_entry *entry);

#endif
