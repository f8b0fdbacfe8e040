/* The line between the master and one worker, or the authenticator: a SOCK_SEQPACKET socket pair,
 * one struct a message (common/packet), a descriptor with it where the message needs one. When
 * either process dies, the other one reads the end of it. */
#ifndef FTPOOL_COMMON_CHANNEL_H
#define FTPOOL_COMMON_CHANNEL_H

/* After an upgrade, workers of one version have a master of another: new words go to the end. */
enum channel_word {
	CHANNEL_READY,  /* worker → master: roots are open, privileges are gone, accepting */
	CHANNEL_FAILED, /* worker → master: cannot start; text says why */
	CHANNEL_DRAIN,  /* master → worker: accept no more, finish what runs, exit; text: how long
			   that may take is stop_timeout, or "now" */
	CHANNEL_RETIRE, /* master → worker: accept no more, leave when the clients have left */
	CHANNEL_LOG,    /* master → worker: write the log to this descriptor from now on */
	CHANNEL_XFERLOG,      /* master → worker: the transfer log, likewise */
	CHANNEL_ALIVE,        /* authenticator → master: each second, unless it hangs */
	CHANNEL_CERTIFICATES, /* master → worker: TLS with what is in this memory from now on */
	CHANNEL_KICK,         /* master → worker: end sessions; text: a target, a blank, why */
	CHANNEL_BAN,          /* master → worker: the same, of a ban */
	CHANNEL_PROBE,        /* worker → master → workers: are a user's clients there? */
	CHANNEL_LOGIN_FAILED, /* worker → master: text says who and what (worker/guard) */
	CHANNEL_LEVEL,        /* master → both: text is the log's level from now on */
	CHANNEL_TRACE, /* master → worker: tell what the target in text says to this descriptor */
	CHANNEL_CONFIG, /* master → worker: this config from now on; others have changed nothing
			   that a worker is built upon (common/config_change) */
	CHANNEL_WORDS
};

enum { CHANNEL_TEXT = 400 };

struct channel_message {
	enum channel_word word;
	char text[CHANNEL_TEXT]; /* ends in NUL */
};

/* ends[0] for the master, ends[1] for the worker; both close-on-exec and never blocking.
 * 0 or -errno. */
int channel_pair(int ends[2]);

/* Sends; descriptor -1 for none (the caller keeps it open or closes it). 0 or -errno; -EAGAIN when
 * the other side does not read. */
int channel_send(int channel, enum channel_word word, const char *text, int descriptor);

/* 1 and a message (with *descriptor ≥ 0 if one came: the caller's to close), 0 when the other side
 * is gone, or -errno: -EAGAIN when there is nothing, -EPROTO for a message that is none. */
int channel_receive(int channel, struct channel_message *message, int *descriptor);

#endif
