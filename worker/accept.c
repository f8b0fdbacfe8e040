#include "worker/accept.h"

#include "common/clock.h"
#include "common/log.h"
#include "worker/farewell.h"
#include "worker/guard.h"
#include "worker/limits.h"
#include "worker/session.h"
#include "worker/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REST_MS = 100, WARN_EVERY_MS = 10000, RESERVE_MOST = 8, LEAVES_MOST = 50 };

struct listener {
	struct watch watch;
	struct acceptor *acceptor;
	const struct protocol *protocol;
	uint32_t index;
	int socket;
	pthread_mutex_t lock; /* held while one thread accepts here */
	bool stopped;
	bool resting;
	uint32_t
		leaves_left; /* so often it is still tried to leave with nobody waiting; 0: stays */
	int64_t rest_until_ms;
};

struct acceptor {
	struct engine *engine;
	uint32_t count;
	_Atomic uint32_t resting; /* listeners that rest */
	_Atomic uint32_t open;    /* listeners that are not stopped */
	_Atomic uint32_t taking;  /* threads between a listener and a session */
	pthread_mutex_t spare_lock;
	int spare; /* a descriptor to give up when there is no other left */
	_Atomic int64_t warned_ms;
	_Atomic int64_t told_ms[2]; /* of limits.sessions, and sessions_per_address */
	struct listener listeners[];
};

static void listener_ready(struct watch *watch, uint32_t events);

static int open_spare(void)
{
	/* Any descriptor will do; a copy needs no file that the sandbox might refuse. */
	return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
}

struct acceptor *acceptor_new(struct engine *engine, const int *sockets,
	const struct protocol *(*protocol_named)(uint32_t name))
{
	uint32_t count = (uint32_t)engine->config->listener_count;
	struct acceptor *acceptor =
		calloc(1, sizeof(*acceptor) + count * sizeof(acceptor->listeners[0]));

	if (!acceptor)
		return NULL;
	acceptor->engine = engine;
	acceptor->count = count;
	atomic_store(&acceptor->open, count);
	pthread_mutex_init(&acceptor->spare_lock, NULL);
	acceptor->spare = open_spare();
	for (uint32_t i = 0; i < count; i++) {
		struct listener *listener = &acceptor->listeners[i];

		listener->watch.ready = listener_ready;
		listener->acceptor = acceptor;
		listener->protocol = protocol_named(engine->config->listeners[i].protocol);
		listener->index = i;
		listener->socket = sockets[i];
		stream_prepare(sockets[i]);
		pthread_mutex_init(&listener->lock, NULL);
	}
	return acceptor;
}

/* Edge-triggered, so that one thread comes for it: the others would be woken as well until it is
 * taken out. Nothing gets lost, since adding it looks whether somebody waits there. */
static int watch_listener(struct listener *listener)
{
	return gang_add(listener->acceptor->engine->gang, listener->socket,
		EPOLLIN | EPOLLEXCLUSIVE | EPOLLET, &listener->watch);
}

/* Leaves the listener out of the set for a moment (longer, if it is out already), so that a
 * connection that cannot be accepted does not make the worker spin; the other workers still have
 * it. */
static void rest(struct listener *listener)
{
	listener->rest_until_ms = clock_ms() + REST_MS;
	if (listener->resting)
		return;
	listener->resting = true;
	atomic_fetch_add(&listener->acceptor->resting, 1);
	gang_call_monitor(listener->acceptor->engine->gang);
}

static void stop(struct listener *listener)
{
	close(listener->socket);
	listener->stopped = true;
	if (atomic_fetch_sub(&listener->acceptor->open, 1) == 1)
		atomic_store(&listener->acceptor->engine->row->accepting, BOARD_ACCEPTS_NONE);
}

/* The listener is out of the set. Who came before may have woken this worker alone, and is taken;
 * who came after has woken another one. */
static void leave(struct listener *listener)
{
	struct pollfd waiting = {.fd = listener->socket, .events = POLLIN};

	if (--listener->leaves_left == 0 || poll(&waiting, 1, 0) == 0 ||
		watch_listener(listener) < 0)
		stop(listener);
}

static void put_back(struct listener *listener)
{
	int error = 0;

	if (listener->leaves_left > 0)
		leave(listener);
	else if (!listener->stopped && !listener->resting)
		error = watch_listener(listener);
	if (error < 0) {
		log_error("accept: cannot watch a listener", "error=\"%s\"", strerror(-error));
		rest(listener);
	}
}

/* Turns a client away with the protocol's words. */
static void refuse(
	const struct listener *listener, int socket, enum session_end why, const char *reason)
{
	char text[FAREWELL_TEXT];
	const struct config *config = listener->acceptor->engine->config;
	size_t length = 0;

	/* In clear to a client that waits for a handshake it would be noise. */
	if (config->listeners[listener->index].tls != TLS_IMPLICIT)
		length = farewell_write(listener->protocol, why, reason, text);

	if (length > 0)
		(void)send(socket, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)shutdown(socket, SHUT_WR);
	close(socket);
}

/* What may come a thousand times a second is told now and then. */
static bool is_time_to_tell(_Atomic int64_t *told_ms)
{
	int64_t now = clock_ms(), before = atomic_load(told_ms);

	return (before == 0 || now - before >= WARN_EVERY_MS) &&
	       atomic_compare_exchange_strong(told_ms, &before, now);
}

static void warn_rarely(struct acceptor *acceptor, const char *event, const char *advice)
{
	if (is_time_to_tell(&acceptor->warned_ms))
		log_warning(event, "worker=%u advice=\"%s\"", acceptor->engine->slot, advice);
}

/* The kernel has no descriptor for us: gives up the spare one to take the client and tell him. */
static void refuse_for_want_of_descriptors(struct listener *listener)
{
	struct acceptor *acceptor = listener->acceptor;
	int socket = -1;

	engine_count(acceptor->engine, COUNT_accepts_without_descriptor, 1);
	warn_rarely(acceptor, "accept: out of descriptors",
		"raise LimitNOFILE or lower limits.sessions");
	pthread_mutex_lock(&acceptor->spare_lock);
	if (acceptor->spare >= 0) {
		close(acceptor->spare);
		socket = accept4(listener->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (socket >= 0)
			refuse(listener, socket, END_NO_DESCRIPTOR, "");
	}
	acceptor->spare = open_spare();
	pthread_mutex_unlock(&acceptor->spare_lock);
}

/* From so many sessions on, rows are scarce. What is left is for connections that have woken this
 * worker already when it leaves the listeners: the kernel would wake no other for them. */
static uint32_t scarce_from(const struct acceptor *acceptor)
{
	uint32_t capacity = sessions_capacity(acceptor->engine->sessions);

	return capacity - (capacity / 8 < RESERVE_MOST ? capacity / 8 : RESERVE_MOST);
}

/* Should the listeners be left to others, with so many connections more than there are sessions? */
static bool leaves_to_others(const struct acceptor *acceptor, uint32_t coming)
{
	const struct engine *engine = acceptor->engine;
	uint32_t sessions = sessions_count(engine->sessions) + coming;
	uint32_t capacity = sessions_capacity(engine->sessions);
	uint32_t scarce = scarce_from(acceptor);

	if (sessions < scarce)
		return false;
	gang_call_monitor(engine->gang);
	return limits_another_has_fewer(engine, sessions < capacity ? scarce : capacity);
}

/* Accepts one connection and puts the listener back. The socket, or -1. */
static int accept_one(struct listener *listener, struct sockaddr_storage *peer)
{
	socklen_t size = sizeof(*peer);
	int socket = -1;

	pthread_mutex_lock(&listener->lock);
	if (!listener->stopped && !listener->resting) {
		gang_remove(listener->acceptor->engine->gang, listener->socket);
		socket = accept4(listener->socket, (struct sockaddr *)peer, &size,
			SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (socket < 0 && (errno == EMFILE || errno == ENFILE)) {
			refuse_for_want_of_descriptors(listener);
			rest(listener);
		} else if (socket < 0 && (errno == ENOBUFS || errno == ENOMEM)) {
			rest(listener);
		} else if (socket >= 0 && listener->leaves_left == 0 &&
			   leaves_to_others(listener->acceptor, 1)) {
			rest(listener);
		}
		put_back(listener);
	}
	pthread_mutex_unlock(&listener->lock);
	return socket;
}

static void refuse_over_limit(const struct listener *listener, int socket,
	const struct address *peer, enum limits_verdict verdict)
{
	bool full = verdict == LIMITS_SERVER_FULL;
	char text[ADDRESS_TEXT];

	if (is_time_to_tell(&listener->acceptor->told_ms[full]))
		log_info("accept: no more sessions", "peer=%s limit=%s worker=%u",
			address_format_host(peer, text), full ? "sessions" : "sessions_per_address",
			listener->acceptor->engine->slot);

	engine_count_at(listener->acceptor->engine, listener->index,
		full ? COUNT_sessions_refused_full : COUNT_sessions_refused_address, 1);
	refuse(listener, socket, full ? END_SERVER_FULL : END_ADDRESS_FULL, "");
}

/* Costs next to nothing, and is not logged: who is banned may come again as often as he likes. */
static bool refuse_banned(const struct listener *listener, int socket, const struct address *peer)
{
	const struct engine *engine = listener->acceptor->engine;
	char reason[GUARD_REASON];

	if (!guard_is_banned(engine, peer, reason))
		return false;
	engine_count(engine, COUNT_sessions_refused_banned, 1);
	refuse(listener, socket, END_BANNED, reason);
	return true;
}

/* Makes a session of a connection, or turns it away. */
static void welcome(struct listener *listener, int socket, const struct sockaddr_storage *from)
{
	struct engine *engine = listener->acceptor->engine;
	struct address peer;
	enum limits_verdict verdict;

	if (address_from_socket(&peer, from) < 0) {
		close(socket);
		return;
	}
	if (refuse_banned(listener, socket, &peer))
		return;
	verdict = limits_claim(engine, &peer);
	if (verdict != LIMITS_GRANTED) {
		refuse_over_limit(listener, socket, &peer, verdict);
		return;
	}
	if (!session_begin(engine->sessions, socket, &peer, listener->index, listener->protocol)) {
		limits_release(engine, &peer);
		refuse_over_limit(listener, socket, &peer, LIMITS_SERVER_FULL);
	}
}

static void listener_ready(struct watch *watch, uint32_t events)
{
	struct listener *listener = (struct listener *)watch;
	struct sockaddr_storage from;
	int socket;

	(void)events;
	atomic_fetch_add(&listener->acceptor->taking, 1);
	socket = accept_one(listener, &from);
	if (socket >= 0)
		welcome(listener, socket, &from);
	atomic_fetch_sub(&listener->acceptor->taking, 1);
}

int acceptor_start(struct acceptor *acceptor)
{
	atomic_store(&acceptor->engine->row->accepting, BOARD_ACCEPTS);
	for (uint32_t i = 0; i < acceptor->count; i++) {
		int error = watch_listener(&acceptor->listeners[i]);

		if (error < 0)
			return error;
	}
	return 0;
}

bool acceptor_wants_ticks(struct acceptor *acceptor)
{
	return atomic_load(&acceptor->resting) > 0 ||
	       atomic_load(&acceptor->engine->row->accepting) == BOARD_ACCEPTS_LAST ||
	       sessions_count(acceptor->engine->sessions) >= scarce_from(acceptor);
}

static void look_again(struct listener *listener)
{
	struct acceptor *acceptor = listener->acceptor;

	if (listener->leaves_left > 0) {
		gang_remove(acceptor->engine->gang, listener->socket);
		leave(listener);
		return;
	}
	if (listener->resting && clock_ms() < listener->rest_until_ms)
		return;
	if (leaves_to_others(acceptor, 0)) {
		gang_remove(acceptor->engine->gang, listener->socket);
		rest(listener);
	} else if (listener->resting) {
		listener->resting = false;
		atomic_fetch_sub(&acceptor->resting, 1);
		put_back(listener);
	}
}

static void to_each_that_is_open(struct acceptor *acceptor, void (*act)(struct listener *listener))
{
	for (uint32_t i = 0; i < acceptor->count; i++) {
		struct listener *listener = &acceptor->listeners[i];

		pthread_mutex_lock(&listener->lock);
		if (!listener->stopped)
			act(listener);
		pthread_mutex_unlock(&listener->lock);
	}
}

void acceptor_tick(struct acceptor *acceptor)
{
	to_each_that_is_open(acceptor, look_again);
}

static void stop_now(struct listener *listener)
{
	gang_remove(listener->acceptor->engine->gang, listener->socket);
	stop(listener);
}

void acceptor_stop(struct acceptor *acceptor)
{
	to_each_that_is_open(acceptor, stop_now);
}

static void begin_to_leave(struct listener *listener)
{
	gang_remove(listener->acceptor->engine->gang, listener->socket);
	listener->leaves_left = LEAVES_MOST;
	leave(listener);
}

void acceptor_leave(struct acceptor *acceptor)
{
	uint32_t accepts = BOARD_ACCEPTS;

	/* Told once more it may have left long ago. */
	(void)atomic_compare_exchange_strong(
		&acceptor->engine->row->accepting, &accepts, BOARD_ACCEPTS_LAST);
	to_each_that_is_open(acceptor, begin_to_leave);
}

bool acceptor_is_taking(const struct acceptor *acceptor)
{
	return atomic_load(&acceptor->open) > 0 || atomic_load(&acceptor->taking) > 0;
}
