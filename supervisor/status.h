/* The status pipe: a Unix stream socket. An asker sends one line, gets one JSON object, and is
 * disconnected. Nothing here waits: a slow or silent asker is dropped after a while, and holds up
 * nobody meanwhile. Used by the master alone. */
#ifndef FTPOOL_SUPERVISOR_STATUS_H
#define FTPOOL_SUPERVISOR_STATUS_H

#include "common/config.h"

#include <poll.h>
#include <stddef.h>

enum { STATUS_ASKERS = 64, STATUS_QUESTION = 512, STATUS_WATCHES = STATUS_ASKERS + 1 };

/* One connection. */
struct status_asker {
	int socket; /* -1: none */
	uid_t uid;
	pid_t pid;
	int64_t give_up_ms;
	char question[STATUS_QUESTION];
	size_t asked;
	char *answer; /* NULL until the question is whole */
	size_t length, sent;
};

/* Answers a question (its words, without the \n; cut off if it is too long for any) from an asker:
 * a text from malloc, or NULL when memory is short. */
typedef char *(*status_answer)(void *context, const struct status_asker *asker);

struct status_pipe {
	int socket;   /* -1: closed */
	char *path;   /* of its own */
	bool closing; /* lets nobody in for now */
	status_answer answer;
	void *context;
	struct status_asker askers[STATUS_ASKERS];
};

/* Makes the socket, in place of a stale one. 0, or -1 after complaining: a live server answers at
 * the path, its directory is missing or not ours … */
int status_open(struct status_pipe *pipe, const struct config *config,
	struct complaints *complaints, status_answer answer, void *context);

/* The same with a socket that another program made at that path: takes it over. 0 or -ENOMEM. */
int status_adopt(struct status_pipe *pipe, int socket, const char *path, status_answer answer,
	void *context);

/* Is nobody being answered? Until then, with `closing`, nobody new is let in: he waits in the
 * kernel's queue. */
bool status_is_quiet(struct status_pipe *pipe, bool closing);

/* Removes the socket and drops all askers. Idempotent. */
void status_close(struct status_pipe *pipe);

/* For poll(2): fills in STATUS_WATCHES entries, and later takes what they brought. */
void status_watch(const struct status_pipe *pipe, struct pollfd *watches);
void status_hear(struct status_pipe *pipe, const struct pollfd *watches, int64_t now_ms);

#endif
