/* The authenticator as the master sees it: its process, which is born again when it dies or hangs,
 * and the socket pair over which workers ask it. The pair outlives it, so questions wait for the
 * next one. Without anybody to ask (config_has_accounts) there is neither. Used by the master
 * alone. */
#ifndef FTPOOL_SUPERVISOR_AUTH_H
#define FTPOOL_SUPERVISOR_AUTH_H

#include "common/config.h"

#include <poll.h>
#include <sys/types.h>

struct auth {
	const struct config *config;
	int questions; /* the workers' end; -1: there is nobody to ask */
	int answerer;  /* the authenticator's end */
	int channel;   /* -1: none */
	pid_t pid;     /* 0: there is no process */
	int64_t since_ms;
	int64_t heard_ms;  /* when it last showed life */
	int64_t looked_ms; /* when it was last looked after */
	int64_t rest_until_ms;
	uint32_t young_deaths; /* in a row */
	uint32_t restarts;
	bool ready;
	bool foreign; /* another program's: no other one takes its place */
};

/* 0 or -errno. What it points to must outlive it. */
int auth_open(struct auth *auth, const struct config *config);

/* Ends the process and closes the pair. Idempotent. */
void auth_close(struct auth *auth);

/* Buries it if it is this process that died. false: it is another one. */
bool auth_bury(struct auth *auth, pid_t pid, int status, int64_t now_ms);

/* Ends it if it has shown no life for worker_timeout, and forks one if there is none. Idempotent.
 */
void auth_tend(struct auth *auth, int64_t now_ms);

/* It is needed, and there is none: nobody but anonymous can log in. */
bool auth_is_missing(const struct auth *auth);

/* Is there nothing to wait for before clients may come? */
bool auth_is_ready(const struct auth *auth);

/* It cannot start, and never could. */
bool auth_is_hopeless(const struct auth *auth);

/* How long it can do without auth_tend, at most `patience_ms`. */
int auth_patience(const struct auth *auth, int patience_ms, int64_t now_ms);

/* For poll(2), and what it brought. */
struct pollfd auth_watch(const struct auth *auth);
void auth_hear(struct auth *auth, const struct pollfd *watch, int64_t now_ms);

/* Tells it the log's level. */
void auth_tell_level(const struct auth *auth, const char *level);

/* Hands it the log's new descriptor. */
void auth_hand_log(const struct auth *auth, int descriptor);

#endif
