/* Upload events as workers write them down: records in a file that one worker alone appends to, and
 * that the herald reads (herald/).
 *
 *     intent   before an upload takes its name: all there is to tell of it, and how to find out
 *              whether it did, should nobody live to say so
 *     commit   it has its name
 *     abort    it has not, and will not
 *
 * A record is one write(2). One that was cut short, by a full disk or a death, is passed over: what
 * follows it is found by its magic number and trusted for its checksum. */
#ifndef FTPOOL_COMMON_EVENT_H
#define FTPOOL_COMMON_EVENT_H

#include "common/address.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum event_kind { EVENT_INTENT = 1, EVENT_COMMIT, EVENT_ABORT };

struct event_head {
	uint32_t magic;
	uint32_t checksum; /* CRC-32 of all behind it */
	uint32_t length;   /* of the record */
	uint32_t kind;     /* enum event_kind */
	uint64_t number;   /* of the intent, in its file */
	int64_t tick_ns;   /* CLOCK_MONOTONIC */
	int64_t unix_ms;
};

/* What makes a file itself, however it is called. */
struct event_identity {
	uint64_t device, inode;
	int64_t born_ns; /* -1: this file system does not know */
	int64_t bytes, changed_ns;
};

/* Of an intent. */
struct event_facts {
	struct event_identity identity;
	int64_t duration_ms;
	uint32_t slot, session; /* "3.17" */
	uint32_t protocol;      /* enum config_protocol */
	uint32_t padding;
	struct address peer;
};

enum event_text {
	EVENT_USER,
	EVENT_SHA256, /* "": not known */
	EVENT_PATH,   /* as the client sees it */
	EVENT_DIRECTORY,
	EVENT_NAME,    /* there, once it is committed */
	EVENT_PARTIAL, /* and before */
	EVENT_TEXTS
};

struct event {
	struct event_head head;
	struct event_facts facts;
	const char *texts[EVENT_TEXTS]; /* never NULL */
};

enum { EVENT_LONGEST = 16 * 1024 };

/* Appends the record, whose magic, checksum, length and times are filled in here. 0 or -errno. */
int event_write(int file, struct event *event);

/* Reads the record at the front of these bytes; texts point into them. Its length; 0 when it may
 * not be there whole yet; -EBADMSG when there is none. */
ssize_t event_read(const char *bytes, size_t length, struct event *event);

/* How many of these bytes can be no record's beginning. */
size_t event_skip(const char *bytes, size_t length);

/* The identity of an open file, or of a name in a directory (links not followed). 0 or -errno. */
int event_identify(int directory, const char *name, struct event_identity *identity);
int event_identify_open(int file, struct event_identity *identity);

/* Are both the same file? */
int event_same(const struct event_identity *a, const struct event_identity *b);

#endif
