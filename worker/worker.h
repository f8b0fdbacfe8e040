/* A worker: one process of the pool. It takes its birthright, opens the root, gives up every
 * privilege, and only then reads a client's first byte. The only room that names the protocols. */
#ifndef FTPOOL_WORKER_WORKER_H
#define FTPOOL_WORKER_WORKER_H

#include "common/board.h"
#include "common/config.h"

struct buckets;
struct bans;
struct ledger;
struct tls;

/* Everything a worker may know. The descriptors are open; all others are closed by the master's
 * fork before worker_main is called. */
struct birthright {
	const struct config *config;
	const struct board *board;
	uint32_t slot;
	const struct bans *bans;
	int channel;
	int questions;   /* to the authenticator; -1: there is none */
	int words;       /* for its last words, beside the log; 0: none */
	int events;      /* where it writes down its uploads; -1: nobody wants to know */
	int xferlog;     /* the transfer log; -1: none is kept */
	struct tls *tls; /* certificates and keys; NULL: there is no TLS */
	struct buckets *buckets;
	struct ledger *ledger;
	const int *listeners; /* one for each of the config's listeners */
};

/* The status a worker exits with, beside deaths by signal. */
enum worker_exit {
	WORKER_DRAINED = 0,      /* was told to leave, or its master is gone */
	WORKER_CANNOT_START = 71 /* said why on the channel (EX_OSERR of sysexits.h) */
};

/* The life of a worker process; the caller does _exit with what it returns. */
enum worker_exit worker_main(const struct birthright *birthright);

#endif
