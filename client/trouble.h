/* What went wrong last, in words for the user. Whoever finds the trouble writes it down with all it
 * knows and returns the error; whoever decides that it matters prints it (client/report.h).
 *
 * Errors that mean the same everywhere in the client:
 *   -ENOTCONN   no connection could be made, or it is lost
 *   -ECANCELED  the user pressed ctrl-C
 *   -EBADMSG    a checksum does not match
 * Any other error: this file failed, the next may work. */
#ifndef FTPOOL_CLIENT_TROUBLE_H
#define FTPOOL_CLIENT_TROUBLE_H

/* Writes the words down in place of the last ones. Returns error. */
int trouble_set(int error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The last words; valid until the next trouble_set. */
const char *trouble_text(void);

#endif
