/* A visit to one listener, as a client makes it: log in, list, put, get, delete; with a probe file
 * whose name nobody can guess, which is gone afterwards whatever happened. */
#ifndef FTPOOL_CLIENT_DOCTOR_VISIT_H
#define FTPOOL_CLIENT_DOCTOR_VISIT_H

#include "client/doctor.h"

#include <limits.h>

enum { VISIT_BYTES = 4096, VISIT_NAME = 64, VISIT_SECONDS = 20 };

enum visit_step { VISIT_LOGIN, VISIT_LIST, VISIT_PUT, VISIT_GET, VISIT_DELETE, VISIT_CLEAN };

struct visit {
	struct doctor *doctor;
	const struct config_listener *listener;
	struct address address; /* where to go */
	bool tls;
	char where[DOCTOR_PLACE]; /* "listener ftp, 127.0.0.1:21, by TLS" */

	const char *user, *password;
	const char *root; /* the directory that is served to him; NULL: not known */
	char own_root[PATH_MAX];
	uint32_t may; /* what he is allowed, as far as is known */

	char name[VISIT_NAME];
	char bytes[VISIT_BYTES];
	bool tried;   /* a put was begun: something may be there */
	bool put;     /* the probe file is there */
	char did[64]; /* "list, put, get, delete" */
};

/* A new probe, for a listener at that address. */
void visit_open(struct visit *visit, struct doctor *doctor, const struct config_listener *listener,
	const struct address *address, bool tls);

/* Removes what is still there of the probe, by the disk. */
void visit_close(struct visit *visit);

/* Puts the probe file where a client can get it, by the disk, for one who may not put. */
bool visit_place(struct visit *visit);

/* Notes that a step went well. */
void visit_did(struct visit *visit, const char *step);

/* Tells that a step went wrong. */
void visit_fail(struct visit *visit, enum visit_step step, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
