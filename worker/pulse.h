/* The pulse: whether the other side of a silent TCP connection is still there, by the kernel's
 * keep-alive (tcp(7)), which asks and gets an answer below all protocols. A client that is gone
 * without a word, since its network or its battery is, is found out by and by; and within seconds
 * by who cannot wait. */
#ifndef FTPOOL_WORKER_PULSE_H
#define FTPOOL_WORKER_PULSE_H

#include <stdint.h>

enum { PULSE_MS = 5000 /* after which pulse_ask has its answer */ };

enum pulse {
	PULSE_FELT,   /* something came from there since */
	PULSE_WAITED, /* nobody knows yet */
	PULSE_DEAD    /* what was sent is not acknowledged, though it was sent again and again */
};

/* As a connection is kept: the first question after a minute of silence, the end after two. */
void pulse_keep(int socket);

/* Asks now. Who gives no answer to three questions is found dead after three or four
 * seconds, and the
 * socket then fails for whoever waits for it; until pulse_keep it goes on asking each second. */
enum pulse pulse_ask(int socket);

/* What has come of it so many milliseconds ago. */
enum pulse pulse_feel(int socket, int64_t asked_ms_ago);

#endif
