#include "supervisor/handover_guard.h"

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/birth.h"
#include "supervisor/handover_parts.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	BEGIN_MS = 2000,    /* for the guardian to be there */
	GRACE_MS = 10000,   /* for the new program to go back by itself */
	KILLED_MS = 2000,   /* for the end of who was killed */
	CLOSED_MS = 1000,   /* between the end of the socket and that of who had it */
	TELL_MS = 1000,     /* for room in the socket */
	ORPHANS_MOST = 4096 /* children of the new program */
};

struct message {
	enum handover_word word;
	pid_t pid;
};

struct order {
	int memory;
	const int *ends;
	const char *path;
	unsigned int seconds;
	pid_t master;
};

struct guardian {
	struct handover handover; /* what it holds */
	const char *path;
	int socket; /* -1: nobody is at its other end */
	pid_t master_pid;
	int master; /* pidfd_open(2) */
	bool begun; /* the new program has taken over */
	int64_t give_up_ms;
	int64_t patience_ms;
	int orphans[ORPHANS_MOST]; /* the same of the new program's children */
	pid_t orphan_pids[ORPHANS_MOST];
	size_t orphan_count;
};

static int open_process(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static bool is_over(int process, int patience_ms)
{
	struct pollfd end = {.fd = process, .events = POLLIN};

	return process < 0 || poll(&end, 1, patience_ms) > 0;
}

static void end_process(int process)
{
	(void)syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0);
}

/* ---- what it holds ---- */

/* The master is still there, and so are all of its children's numbers. */
static void open_workers(json_t *state)
{
	json_t *slots = json_object_get(state, "slots");

	for (size_t i = 0; i < json_array_size(slots); i++) {
		json_t *slot = json_array_get(slots, i);
		pid_t pid = (pid_t)json_integer_value(json_object_get(slot, "pid"));
		int process = (int)json_integer_value(json_object_get(slot, "process"));

		if (pid <= 0 || process > 0)
			continue;
		process = open_process(pid);
		json_object_set_new(slot, "process", json_integer(process));
		if (process >= 0)
			json_array_append_new(
				json_object_get(state, "descriptors"), json_integer(process));
	}
}

/* The new program's end of the socket is not one of those. */
static void forget_socket(json_t *state, int socket)
{
	json_t *descriptors = json_object_get(state, "descriptors");

	for (size_t i = json_array_size(descriptors); i-- > 0;) {
		if (json_integer_value(json_array_get(descriptors, i)) == socket)
			json_array_remove(descriptors, i);
	}
	json_object_set_new(state, "guardian", json_integer(-1));
}

/* Whatever else the master has open has to end with it: who asks it, its locks, its herald. */
static int keep_only(const struct guardian *guardian)
{
	const json_t *descriptors = json_object_get(guardian->handover.state, "descriptors");
	size_t named = json_array_size(descriptors), count = 0;
	int *kept = calloc(named + 3, sizeof(kept[0]));

	if (!kept)
		return -ENOMEM;
	for (size_t i = 0; i < named; i++)
		kept[count++] = (int)json_integer_value(json_array_get(descriptors, i));
	kept[count++] = guardian->socket;
	kept[count++] = guardian->master;
	kept[count++] = log_descriptor();
	birth_keep_only(kept, count);
	free(kept);
	return 0;
}

static int take_all(struct guardian *guardian, const struct order *order)
{
	*guardian = (struct guardian){.path = order->path,
		.socket = order->ends[1],
		.master_pid = order->master,
		.master = open_process(order->master),
		.patience_ms = (int64_t)order->seconds * 1000};
	guardian->give_up_ms = clock_ms() + guardian->patience_ms;
	if (guardian->master < 0 || handover_load(&guardian->handover, order->memory) < 0)
		return -1;
	forget_socket(guardian->handover.state, order->ends[0]);
	open_workers(guardian->handover.state);
	return keep_only(guardian);
}

/* ---- waiting ---- */

static void note_orphan(struct guardian *guardian, pid_t pid)
{
	int process;

	for (size_t i = 0; i < guardian->orphan_count; i++) {
		if (guardian->orphan_pids[i] == pid)
			return;
	}
	process = guardian->orphan_count < ORPHANS_MOST && pid > 1 ? open_process(pid) : -1;
	if (process < 0)
		return;
	guardian->orphan_pids[guardian->orphan_count] = pid;
	guardian->orphans[guardian->orphan_count++] = process;
}

/* false: it is done. Who dies closes the socket, too; who has begun, closes it and lives, is done.
 */
static bool hear(struct guardian *guardian)
{
	struct message message;
	ssize_t got = recv(guardian->socket, &message, sizeof(message), MSG_DONTWAIT);

	if (got == 0) {
		close(guardian->socket);
		guardian->socket = -1;
		return !guardian->begun || is_over(guardian->master, CLOSED_MS);
	}
	if (got != (ssize_t)sizeof(message))
		return true;
	if (message.word == HANDOVER_BEGUN) {
		guardian->begun = true;
		guardian->give_up_ms = clock_ms() + guardian->patience_ms + GRACE_MS;
	}
	if (message.word == HANDOVER_BORN)
		note_orphan(guardian, message.pid);
	return message.word != HANDOVER_DONE;
}

/* NULL: all is well. What was said before the end is heard before the end is seen. */
static const char *watch(struct guardian *guardian)
{
	for (;;) {
		struct pollfd watches[] = {{.fd = guardian->socket, .events = POLLIN},
			{.fd = guardian->master, .events = POLLIN}};

		if (clock_ms() >= guardian->give_up_ms)
			return "hung after it had taken over, for longer than upgrade_timeout";
		(void)poll(watches, 2, clock_left_ms(guardian->give_up_ms));
		if (watches[0].revents && !hear(guardian))
			return NULL;
		if (!watches[0].revents && watches[1].revents)
			return "died after it had taken over";
	}
}

/* ---- taking over ---- */

static bool is_known(const struct guardian *guardian, pid_t pid)
{
	const json_t *slots = json_object_get(guardian->handover.state, "slots");

	for (size_t i = 0; i < json_array_size(slots); i++) {
		if (json_integer_value(json_object_get(json_array_get(slots, i), "pid")) == pid)
			return true;
	}
	return pid == getpid();
}

/* Of one that lives, and hangs. What it has not told of may be no ftpoold's, and hold sockets. If
 * it is over when all is noted, its number may have been another's, and nothing is. */
static void note_children(struct guardian *guardian)
{
	size_t before = guardian->orphan_count;
	char name[64];
	FILE *list;
	int pid;

	snprintf(name, sizeof(name), "/proc/%d/task/%d/children", (int)guardian->master_pid,
		(int)guardian->master_pid);
	list = fopen(name, "re");
	while (list && fscanf(list, "%d", &pid) == 1) {
		if (!is_known(guardian, pid))
			note_orphan(guardian, pid);
	}
	if (list)
		(void)fclose(list);
	if (is_over(guardian->master, 0))
		guardian->orphan_count = before;
}

static void end_all(struct guardian *guardian)
{
	if (!is_over(guardian->master, 0)) {
		note_children(guardian);
		end_process(guardian->master);
	}
	(void)is_over(guardian->master, KILLED_MS);
	for (size_t i = 0; i < guardian->orphan_count; i++)
		end_process(guardian->orphans[i]);
	for (size_t i = 0; i < guardian->orphan_count; i++)
		(void)is_over(guardian->orphans[i], KILLED_MS);
}

/* Workers that have left meanwhile are no more; an authenticator is begun anew. */
static void describe_the_living(json_t *state)
{
	json_t *slots = json_object_get(state, "slots");
	json_t *generations = json_object_get(state, "generations");

	for (size_t i = 0; i < json_array_size(slots); i++) {
		json_t *slot = json_array_get(slots, i);

		if (!is_over((int)json_integer_value(json_object_get(slot, "process")), 0))
			continue;
		json_object_set_new(slot, "pid", json_integer(0));
		json_object_set_new(slot, "process", json_integer(-1));
		json_object_set_new(slot, "channel", json_integer(-1));
	}
	for (size_t i = 0; i < json_array_size(generations); i++) {
		json_t *generation = json_array_get(generations, i);

		json_object_set_new(generation, "pid", json_integer(0));
		json_object_set_new(generation, "channel", json_integer(-1));
		json_object_set_new(generation, "ready", json_false());
	}
	json_object_set_new(state, "bereaved", json_true());
}

static int guard(const void *what)
{
	static struct guardian guardian;
	const struct order *order = what;
	const char *fault;
	char why[600];

	if (take_all(&guardian, order) < 0 ||
		send(guardian.socket, &(struct message){.word = HANDOVER_GUARDED},
			sizeof(struct message), MSG_NOSIGNAL) < 0)
		return 1;
	prctl(PR_SET_NAME, "ftpool guardian", 0, 0, 0);
	setproctitle("guards an upgrade");
	fault = watch(&guardian);
	if (!fault)
		return 0;
	end_all(&guardian);
	snprintf(why, sizeof(why), "%s: %s\nthe server goes on with process id %d", guardian.path,
		fault, (int)getpid());
	log_error("upgrade: the guardian takes the master's place",
		"pid=%d program=\"%s\" fault=\"%s\"", (int)getpid(), guardian.path, fault);
	describe_the_living(guardian.handover.state);
	handover_return(&guardian.handover, NULL, why);
	return 1;
}

/* ---- in the programs before and after ---- */

int handover_guard_pair(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ? -errno : 0;
}

int handover_guard_begin(int memory, const int ends[2], const char *path, unsigned int seconds)
{
	const struct order order = {memory, ends, path, seconds, getpid()};
	struct pollfd first = {.fd = ends[0], .events = POLLIN};
	struct message message = {.word = HANDOVER_DONE};
	pid_t pid = birth_fork_double(guard, &order);

	close(ends[1]);
	if (pid < 0)
		return pid;
	if (poll(&first, 1, BEGIN_MS) > 0 &&
		recv(ends[0], &message, sizeof(message), MSG_DONTWAIT) ==
			(ssize_t)sizeof(message) &&
		message.word == HANDOVER_GUARDED)
		return 0;
	kill(pid, SIGKILL);
	return -ESRCH;
}

void handover_guard_tell(const struct handover *handover, enum handover_word word, pid_t pid)
{
	const struct message message = {word, pid};
	struct pollfd room = {.fd = handover->guardian, .events = POLLOUT};

	if (handover->guardian >= 0 && poll(&room, 1, TELL_MS) > 0)
		(void)send(
			handover->guardian, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT);
}
