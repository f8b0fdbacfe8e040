/* The herald as the master sees it: its process, which is born again when it dies, and the files in
 * which workers write down their uploads for it. Where nobody wants to know of uploads there is
 * neither. Used by the master alone, which reads none of those files. */
#ifndef FTPOOL_SUPERVISOR_TIDINGS_H
#define FTPOOL_SUPERVISOR_TIDINGS_H

#include "common/event_raw.h"
#include "supervisor/state.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define TIDINGS_DIRECTORY "events" /* below the state directory */

struct tidings {
	const struct config *config;
	const struct state *state;
	struct state place; /* the journal's directory; -1: nobody wants to know */
	struct state raw;   /* and the workers' files' */
	char boot[EVENT_RAW_BOOT + 1];
	int channel; /* -1: none */
	pid_t pid;   /* 0: there is no process */
	int64_t since_ms;
	int64_t rest_until_ms;
	uint32_t young_deaths; /* in a row */
	bool told_to_leave;    /* another one is to come, with a new config */
};

/* Nobody wants to know of uploads yet. What it points to must outlive it. */
void tidings_init(struct tidings *tidings, const struct config *config, const struct state *state);

/* Makes what it takes if that config wants uploads told of. From then on the herald is there until
 * the end: workers of before may still have something to tell. 0 or -errno. */
int tidings_prepare(struct tidings *tidings, const struct config *config);

/* This config, which it was prepared for, takes the other one's place. */
void tidings_configure(struct tidings *tidings, const struct config *config);

/* Lets the herald tell of what the last workers did, for some seconds, then ends it. Idempotent. */
void tidings_close(struct tidings *tidings);

/* A file for a new worker with that config, the caller's to close once it is born; *file is -1 when
 * nobody wants to know. 0 or -errno: a worker without one must not be. */
int tidings_give(const struct tidings *tidings, const struct config *config, int *file);

/* Buries it if it is this process that died. false: it is another one. */
bool tidings_bury(struct tidings *tidings, pid_t pid, int status, int64_t now_ms);

/* Forks one if there is none. Idempotent. */
void tidings_tend(struct tidings *tidings, int64_t now_ms);

/* It is wanted, and there is none: events wait. */
bool tidings_are_missing(const struct tidings *tidings);

/* The log's new descriptor, and its level. */
void tidings_hand_log(const struct tidings *tidings, int descriptor);
void tidings_tell_level(const struct tidings *tidings, const char *level);

#endif
