/* Reloading: a child looks at the new config whole (rehearsal); what only changes values is obeyed
 * at once, by running sessions too; for everything else a new generation of workers is started, and
 * the one before retires when all of the new one are ready. Until then, and whatever goes wrong,
 * everything stays as it is, and the outcome says why.
 *
 *     resting ──▶ looking ──▶ starting ──▶ handing on ──▶ resting
 *                    └────────────┴───────────────────────┘  refused, or done at once */
#ifndef FTPOOL_SUPERVISOR_RELOAD_H
#define FTPOOL_SUPERVISOR_RELOAD_H

#include "supervisor/rehearsal.h"

#include <jansson.h>

struct master;

/* The last four are an upgrade's, which ends like a reload (supervisor/upgrade). */
enum reload_phase {
	RELOAD_RESTS,
	RELOAD_LOOKS,
	RELOAD_STARTS,
	RELOAD_HANDS_ON, /* the new workers serve; those before may still be taking a client */
	RELOAD_PROVES,
	RELOAD_LEAPS,
	RELOAD_RETURNS
};

struct reload {
	enum reload_phase phase;
	uint32_t number;  /* of the last one that was begun; 0: none was */
	bool upgrade;     /* it is, or ends, one */
	bool dry;         /* it only says what it would do */
	bool again;       /* another one was asked for meanwhile */
	uint32_t before;  /* the generation that hands on, */
	int64_t until_ms; /* and how long it may take to */
	struct rehearsal rehearsal;
	json_t *outcome; /* of the last one, as far as it has come; NULL: there was none */
};

void reload_init(struct reload *reload);
void reload_close(struct reload *reload);

/* Begins one, unless one is under way. 0, -EBUSY, or another -errno. */
int reload_begin(struct master *master, bool dry);

/* SIGHUP: begins one, now or when the one under way is over. */
void reload_signalled(struct master *master);

/* For an upgrade: begins something under a number of its own. 0 or -EBUSY. */
int reload_reserve(struct master *master, enum reload_phase phase);

/* For the program after a leap: goes on with what that number began. */
void reload_go_on(struct master *master, uint32_t number);

/* It is over, nothing has changed, and the lines say why. */
void reload_refuse(struct master *master, const char *why);

/* For poll(2), and what it brought. */
struct pollfd reload_watch(const struct reload *reload);
void reload_hear(struct master *master);

/* Goes on when the new workers are ready, and when those before take no clients any more: who is
 * told that it is done meets the new ones. Idempotent; for the master's loop. */
void reload_tend(struct master *master, int64_t now_ms);

/* How long the master may wait for events: no longer than `patience_ms`. */
int reload_patience(const struct reload *reload, int patience_ms);

/* Was that its child? */
bool reload_bury(struct reload *reload, pid_t pid);

#endif
