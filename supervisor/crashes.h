/* The workers that crashed lately: by which signal, with which backtrace, and what their sessions
 * were doing, as the board showed it before it was wiped. All of that was written by a process that
 * went wrong, perhaps because somebody broke into it: it is copied, clamped and quoted, and nothing
 * is concluded from it. Used by the master alone. */
#ifndef FTPOOL_SUPERVISOR_CRASHES_H
#define FTPOOL_SUPERVISOR_CRASHES_H

#include "common/board.h"

#include <jansson.h>
#include <sys/types.h>

enum { CRASHES_KEPT = 16, CRASH_SESSIONS = 16, CRASH_WORDS = 16384 };

/* Of a session that died with its worker. */
struct crash_session {
	struct board_activity activity;
	uint64_t bytes;
};

struct crash {
	int64_t when_unix;
	uint32_t worker; /* its slot */
	pid_t pid;
	int signal;
	bool hung; /* it was ended because it showed no life */
	int64_t age_ms;
	uint32_t sessions; /* all it had; of these at most CRASH_SESSIONS are told: */
	uint32_t told;
	struct crash_session told_of[CRASH_SESSIONS]; /* first those in the middle of a command */
	char words[CRASH_WORDS + 1];                  /* signal and backtrace, as it said them */
};

struct crashes {
	struct crash *kept[CRASHES_KEPT]; /* the newest is kept[(count - 1) % CRASHES_KEPT] */
	uint64_t count;
};

/* Memory for a worker's last words, of fixed size: its descriptor, or -errno. */
int crashes_open_words(void);

/* Keeps a crash, and logs what the worker said and what its sessions were doing. `facts` has
 * worker, pid, signal, hung and age_ms; the rest is read from the board, and from `words`, a
 * descriptor of crashes_open_words or -1. */
void crashes_note(
	struct crashes *crashes, const struct crash *facts, const struct board *board, int words);

/* {"crashes": […], "count": n}, the newest first; the caller's. */
json_t *crashes_report(const struct crashes *crashes);

/* All of them as memory without a name, for the program that takes this one's place: its
 * descriptor, or -errno. And back: those that a program of the same kind has kept. */
int crashes_pack(const struct crashes *crashes);
void crashes_unpack(struct crashes *crashes, int memory);

void crashes_close(struct crashes *crashes);

#endif
