/* The board: shared memory in which the workers show what they are doing. The master makes it once
 * (a memfd of fixed, sealed size) and every worker inherits it. Fixed rows, no pointers; each row
 * has one writer: the worker in that slot. Whoever reads must expect nonsense in it, for a worker
 * that was broken into can write anything anywhere on the board; readers copy, clamp, and never use
 * what they read as an index. Limits are counted by looking at live rows, so the share of a worker
 * that died vanishes when the master wipes its rows. */
#ifndef FTPOOL_COMMON_BOARD_H
#define FTPOOL_COMMON_BOARD_H

#include "common/address.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum board_counter {
#define COUNTER(name, help) COUNT_##name,
#include "common/counters.def"
#undef COUNTER
	BOARD_COUNTERS
};

extern const char *const board_counter_names[BOARD_COUNTERS];
extern const char *const board_counter_helps[BOARD_COUNTERS]; /* what they mean */

/* What takes time, and is told as a histogram. */
enum board_latency {
	LATENCY_LOGIN,      /* from PASS to the verdict */
	LATENCY_FIRST_BYTE, /* from a command to the first byte of its file or listing */
	LATENCY_COMMAND,    /* of commands that move no file or listing */
	LATENCY_TRANSFER,   /* of those that do */
	BOARD_LATENCIES
};

/* How many took at most so many microseconds (board_bucket_us), and longer than the one before. */
enum { BOARD_BUCKETS = 16 };
extern const int64_t board_bucket_us[BOARD_BUCKETS];

/* Listeners beyond that share the last row. */
enum { BOARD_LISTENERS = 16 };
enum { BOARD_NAMES = 32 };
enum {
	BOARD_ADDRESS_BUCKETS = 4096,
	BOARD_USER_BUCKETS = 1024,
	BOARD_USER = 32,
	BOARD_COMMAND = 16,
	BOARD_PATH = 160
};

/* What one session is, and does. Written whole under the row's turn counter. */
struct board_activity {
	struct address peer;
	uint32_t listener;        /* index into the config's listeners */
	uint32_t number;          /* which one of the slot's: its name is "slot.number" */
	int64_t opened_unix;      /* seconds */
	int64_t command_since_ms; /* CLOCK_MONOTONIC; 0: idle */
	int64_t bytes_total;      /* of the transfer; -1: not known */
	uint64_t user_key;        /* limits_user of who has logged in; 0: nobody has */
	char user[BOARD_USER];    /* his name, cut to fit; "": nobody has */
	char command[BOARD_COMMAND];
	char path[BOARD_PATH]; /* cut to fit, ends in NUL */
};

enum { BOARD_WORDS = sizeof(struct board_activity) / sizeof(uint64_t) };

struct board_session {
	_Atomic uint32_t turn;    /* odd while being written */
	_Atomic uint32_t live;    /* 0: no session has this row */
	_Atomic uint32_t doubted; /* 1: its client may be gone, and is being probed */
	_Atomic uint64_t bytes_done;
	_Atomic uint64_t words[BOARD_WORDS]; /* a struct board_activity */
};

struct board_histogram {
	_Atomic uint64_t buckets[BOARD_BUCKETS];
	_Atomic uint64_t sum_us;
};

/* What one worker has done for the clients of one listener. */
struct board_listener {
	_Atomic uint64_t counters[BOARD_COUNTERS];
	struct board_histogram latencies[BOARD_LATENCIES];
	_Atomic uint32_t sessions;
	uint32_t padding;
};

/* Does a worker take new sessions? One that leaves takes those that have woken it already. */
enum board_accepting { BOARD_ACCEPTS_NONE, BOARD_ACCEPTS, BOARD_ACCEPTS_LAST };

struct board_worker {
	_Atomic int64_t heartbeat_ms;
	_Atomic uint32_t accepting; /* enum board_accepting */
	_Atomic uint32_t sessions;
	_Atomic uint32_t claiming; /* of those, the ones that may yet be refused (limits.c) */
	_Atomic uint32_t transfers;
	_Atomic uint32_t threads;
	_Atomic uint32_t threads_waiting;
	_Atomic uint64_t probed_user;   /* whose sessions it has probed last (session_room.c) */
	_Atomic int64_t probed_ms;      /* and when */
	_Atomic uint32_t rows_used;     /* session rows from here on were never touched */
	_Atomic uint32_t passive_ports; /* kept open by sessions */
	_Atomic uint32_t numbered;      /* sessions that the slot has had, whoever lived there */
	_Atomic uint64_t counters[BOARD_COUNTERS]; /* of no listener; see board_count */
	struct board_listener listeners[BOARD_LISTENERS];
	_Atomic uint32_t addresses[BOARD_ADDRESS_BUCKETS]; /* sessions by network_of_client */
	_Atomic uint32_t users[BOARD_USER_BUCKETS];        /* and by limits_user */
} __attribute__((aligned(64)));

struct board {
	uint32_t worker_count;
	uint32_t sessions_per_worker;
	struct board_worker *workers;   /* [worker_count] */
	struct board_session *sessions; /* [worker_count * sessions_per_worker] */
	_Atomic uint32_t *names;        /* [BOARD_NAMES]: see board_name_write */
	_Atomic uint32_t *slots_used;   /* see board_use_slots */
	size_t size;
	int memory; /* the memfd */
};

/* Makes the board. 0 or -errno; what is not touched of it costs no memory. */
int board_open(struct board *board, uint32_t worker_count, uint32_t sessions_per_worker);
void board_close(struct board *board);

/* Another program's board, of as many rows, of which this is the memory, which it takes over. 0, or
 * -EPROTO when that is none of this layout. */
int board_adopt(
	struct board *board, int memory, uint32_t worker_count, uint32_t sessions_per_worker);

/* The same, but nobody else sees what this process, or a child of it, writes there. */
int board_adopt_apart(
	struct board *board, int memory, uint32_t worker_count, uint32_t sessions_per_worker);

/* A number that differs when rows are laid out otherwise, or count other things. */
uint64_t board_layout(void);

/* The same board as one generation of workers sees it: with names of its own. Only eight
 * generations have different ones. */
struct board board_of_generation(const struct board *board, uint32_t generation);

/* All its names are unknown again. */
void board_forget_names(const struct board *board);

/* Slots from that one on are nobody's: written by the master, so that nobody looks at rows that
 * were never touched, which would make them real memory. At first all slots are somebody's. */
void board_use_slots(const struct board *board, uint32_t count);
uint32_t board_slots_used(const struct board *board);

/* The row of a session; slot and index in range are the caller's duty. */
struct board_session *board_session(const struct board *board, uint32_t slot, uint32_t index);

/* What a worker has counted, of all listeners and of none, is added to the sums. */
void board_add_counters(const struct board_worker *worker, uint64_t sums[BOARD_COUNTERS]);

/* The row for a listener's numbers, whatever its index. */
static inline struct board_listener *board_listener(struct board_worker *worker, uint32_t index)
{
	return &worker->listeners[index < BOARD_LISTENERS ? index : BOARD_LISTENERS - 1];
}

/* Notes how long something took. */
void board_latency_note(struct board_listener *row, enum board_latency latency, int64_t us);

/* How many session rows of a slot are worth looking at; never more than there are. */
uint32_t board_rows_used(const struct board *board, uint32_t slot);

/* For the owner of the row. */
void board_session_open(struct board_session *row, const struct board_activity *activity);
void board_session_write(struct board_session *row, const struct board_activity *activity);
void board_session_close(struct board_session *row);

/* Copies a live row out, texts ended by NUL whatever stood there. false: no session, or the row was
 * being written all the time. Any process, any thread. */
bool board_session_read(
	struct board_session *row, struct board_activity *activity, uint64_t *bytes_done);

/* What the host name in that item of the config's passive.address means: written by the children
 * that look names up (supervisor/lookup), read by the workers. IPv4 alone. */
void board_name_write(const struct board *board, size_t item, const struct address *address);

/* 0, or -EADDRNOTAVAIL when the name is not known yet. */
int board_name_read(const struct board *board, size_t item, struct address *address);

/* Empties all rows of a slot: after its worker is dead, before the next one lives there. That one
 * goes on numbering sessions where this one was: what a log tells of is named once. */
void board_wipe_worker(const struct board *board, uint32_t slot);

#endif
