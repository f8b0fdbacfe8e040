/* One scrape: what the child does. */
#ifndef FTPOOL_SUPERVISOR_SCRAPE_ANSWER_H
#define FTPOOL_SUPERVISOR_SCRAPE_ANSWER_H

#include "common/config.h"

struct scrape_errand {
	const struct config *config;
	int socket;       /* connected, blocking */
	const char *text; /* the metrics */
};

/* An errand (supervisor/birth): gives up privileges, reads a request (a struct scrape_errand is
 * `what`), answers it, and returns the exit status. */
int scrape_answer(const void *what);

enum { SCRAPE_REQUEST = 4096 };

/* The status line's end that a request deserves: "200 OK", "400 Bad Request" …; *head: it wants no
 * body. `request` ends in NUL; all of its head is there. */
const char *scrape_judge(const char *request, bool *head);

#endif
