/* Upgrading: the master becomes another program under the same process id. The new program proves
 * itself first, in a child that does all that the leap would do, up to a worker that is ready
 * (supervisor/trial). Then the master leaps (execve(2)); no listening socket is closed, and the
 * workers of before are still its children and serve on. From there it goes on as a reload does: a
 * generation of the new program's workers is started, and the one before retires when they are
 * ready. If they do not get ready within upgrade_timeout, the master becomes the program of before
 * again, which has its workers still. If the new program dies or hangs before that, in spite of its
 * trial, a child that was forked before the leap becomes the program of before, under an id of its
 * own (supervisor/handover_guard).
 *
 *     resting ──▶ proving ──▶ leaping ══▶ starting ──▶ resting
 *                    │           │           └──▶ returning ══▶ resting   ══ another program
 *                    └───────────┴──▶ resting (refused) */
#ifndef FTPOOL_SUPERVISOR_UPGRADE_H
#define FTPOOL_SUPERVISOR_UPGRADE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct master;

struct upgrade {
	char *path;         /* of the new program */
	int state;          /* what is handed over; -1: nothing yet */
	int output;         /* what the child has said; -1: there is none */
	int guardian;       /* the new program's end to it; -1: there is none */
	pid_t pid;          /* of the child; 0: there is none */
	int64_t give_up_ms; /* when those who ask, or the workers, are waited for no longer */
	int64_t told_ms;    /* the guardian knows who was born before */
	uint32_t abandoned; /* the generation that has not got ready */
	char *why;
};

void upgrade_init(struct upgrade *upgrade);
void upgrade_close(struct upgrade *upgrade);

/* Begins one; path NULL: the program that stands where this one stood. 0, -EBUSY or another -errno.
 */
int upgrade_begin(struct master *master, const char *path);

/* Its child has ended. false: it was another one. */
bool upgrade_bury(struct master *master, pid_t pid, int status);

/* Leaps, and comes back. Idempotent; for the master's loop. */
void upgrade_tend(struct master *master, int64_t now_ms);

/* The new workers have not got ready. */
void upgrade_fail(struct master *master, const char *why);

/* After a leap, in the program that has taken over, or got back: what the one before had begun. */
void upgrade_go_on(struct master *master, uint32_t number);

#endif
