/* The worker's part in telling of uploads: it writes down that a file is about to take its name,
 * and then whether it did (common/event). Its death in between is the herald's to sort out. */
#ifndef FTPOOL_WORKER_EVENTS_H
#define FTPOOL_WORKER_EVENTS_H

#include "common/config.h"

#include <stdatomic.h>
#include <stdint.h>

struct upload;

struct events {
	int file;  /* this worker's own, from the master; -1: nobody wants to know */
	int links; /* /proc/self/fd: where a directory is */
	_Atomic uint64_t next;
};

/* Before the sandbox is closed. 0 or -errno. */
int events_open(struct events *events, int file);

/* To be called before the upload takes its name, when all its bytes are there. 0, with *number for
 * events_settle; or -errno, and then the upload must not be committed. What is written here is on
 * the disk before that, unless sync is SYNC_NONE. */
int events_intend(struct events *events, const struct upload *upload, enum config_sync sync,
	uint64_t *number);

/* And after: error 0, it has its name, or -errno, it has not. */
void events_settle(
	const struct events *events, const struct upload *upload, uint64_t number, int error);

#endif
