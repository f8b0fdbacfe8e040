/* What a protocol is to the engine: a table of functions. A protocol is one folder and one row in
 * worker.c's table.
 *
 * All of it runs on a thread of the gang that owns the session meanwhile: plain sequential code
 * that may block in the stream's functions and on storage. */
#ifndef FTPOOL_WORKER_PROTOCOL_H
#define FTPOOL_WORKER_PROTOCOL_H

#include "common/config.h"

#include <stdbool.h>

struct session;

enum session_next {
	SESSION_PARK,  /* nothing left to do until the client sends more */
	SESSION_CLOSE, /* it is over, but the client may still be sending */
	SESSION_PARTED /* the client has asked for the end, and sends nothing more */
};

/* Why a session is ended by the server, or a connection refused. */
enum session_end {
	END_IDLE,
	END_STOPPING,
	END_KICKED,
	END_BANNED,
	END_SERVER_FULL,
	END_ADDRESS_FULL,
	END_NO_DESCRIPTOR,
	END_REPLACED /* by a worker that serves whoever connects again */
};

struct protocol {
	uint32_t name; /* enum config_protocol */

	/* Transfers have a connection of their own: a client in the middle of one can be told on
	 * the session's why it ends. Without, the transfer itself is what has to be cut. */
	bool transfers_aside;

	/* Begins a new session, and greets it if the server speaks first. NULL: there is nothing
	 * to begin. */
	enum session_next (*open)(struct session *session);

	/* There is something to read (or the end of the stream): answers every request that is
	 * whole and leaves a half one in the stream. */
	enum session_next (*serve)(struct session *session);

	/* The session is over: frees what the protocol keeps for it. NULL: there is nothing. */
	void (*close)(struct session *session);

	/* Writes the words for a client that is turned away or whose session ends; returns their
	 * length, 0 for none. Needs no session: it may be called before there is one. */
	size_t (*farewell)(enum session_end why, char *text, size_t size);
};

#endif
