/* What `ftpctl doctor` knows when it looks for trouble, and what it has found. A check (doctor_*.c)
 * looks at one thing and tells each finding: what is the matter, where, why that is bad, and what
 * to do. It changes nothing; what the logins put there is removed again.
 *
 *     doctor           findings                doctor_server   the running server, its pipe
 *     doctor_files     roots, disks, users     doctor_network  passive addresses and ports
 *     doctor_tls       certificates            doctor_machine  descriptors, kernel, clock, PAM
 *     doctor_login     one listener after the other, by doctor_ftp and doctor_lgpq */
#ifndef FTPOOL_CLIENT_DOCTOR_H
#define FTPOOL_CLIENT_DOCTOR_H

#include "common/config.h"

#include <jansson.h>

enum doctor_grade {
	DOCTOR_ADVICE, /* worth knowing; the service is well */
	DOCTOR_FAULT   /* somebody is, or soon will be, served badly or not at all */
};

struct doctor {
	const char *socket;          /* as the user named it; NULL: the usual places */
	const struct config *config; /* NULL: there is none that can be read */
	json_t *status;              /* the running server's answer; NULL: there is no server */
	const char *user, *password; /* whose login is tried; NULL: anonymous alone */

	/* What came of it. */
	const char *check; /* that is at work */
	json_t *checks;    /* {"name", "grade": "well"|"advice"|"fault"|"skipped", "said"} */
	json_t *findings;  /* {"check", "grade", "where", "what", "why", "advice"} */
	unsigned int faults, advices;
};

struct doctor_check {
	const char *name;
	const char *help;
	bool needs_config, needs_server;
	void (*run)(struct doctor *doctor);
};

/* 0 or -ENOMEM. */
int doctor_open(struct doctor *doctor);
void doctor_close(struct doctor *doctor);

/* Runs a check, or notes why it cannot be run. */
void doctor_run(struct doctor *doctor, const struct doctor_check *check);

struct doctor_finding {
	enum doctor_grade grade;
	const char *where;  /* a place in a file, a path, an address */
	const char *why;    /* what comes of it */
	const char *advice; /* what to do */
};

/* The text is what is the matter. */
void doctor_find(struct doctor *doctor, struct doctor_finding finding, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Each line of what complain (common/complaints.h) wrote is a fault. The text is cut up. */
void doctor_take_complaints(struct doctor *doctor, char *text, const char *why, const char *advice);

/* What was looked at and is good, in a few words. */
void doctor_note(struct doctor *doctor, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "ftpool.conf:7", where that option was written. Returns place. */
enum { DOCTOR_PLACE = 512 };
char *doctor_place(char place[DOCTOR_PLACE], const struct config *config, const char *section,
	const char *listener, const char *name);

/* Calls the function with the path in a child that is the service's user, if we can become him;
 * else as who we are. What it returned (0 to 200), or -errno. */
int doctor_as_service(
	const struct config *config, int (*function)(const char *path), const char *path);

/* The master's process id; 0: there is no server. */
pid_t doctor_server_pid(const struct doctor *doctor);

/* The path as the running server sees it (below /proc/PID/root), if we may look there; else as we
 * see it. Returns seen. */
enum { DOCTOR_PATH = 4200 };
char *doctor_seen_path(const struct doctor *doctor, const char *path, char seen[DOCTOR_PATH]);

#endif
