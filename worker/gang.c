#include "worker/gang.h"

#include "common/clock.h"
#include "common/log.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
	STACK_BYTES = 256 * 1024,
	FEWEST = 3,
	SURPLUS_LOOK_MS = 1000,
	KEPT_FOR_OTHERS = 2,
};

struct gang {
	int set;
	int alarm;       /* written when nobody is left waiting */
	int retirement;  /* each count ends one waiting thread */
	uint32_t fewest; /* threads kept in the gang */
	uint32_t max_threads;
	_Atomic uint32_t threads;        /* all of them */
	_Atomic uint32_t members;        /* those that have not stepped out */
	_Atomic uint32_t waiting;        /* those in epoll_wait */
	_Atomic uint32_t fewest_waiting; /* since the last look for surplus */
	_Atomic bool alarmed;
	bool nobody_waited; /* at the last tick; monitor only */
	int64_t looked_ms;  /* monitor only */
	struct watch retire;
	struct board_worker *row;
};

/* How often this thread has stepped out; -1: it is none of the gang's. */
static _Thread_local int away = -1;
static _Thread_local bool told_to_end;

static bool start_thread(struct gang *gang);

static void retire_one(struct watch *watch, uint32_t events)
{
	struct gang *gang = (struct gang *)((char *)watch - offsetof(struct gang, retire));
	uint64_t count;

	(void)events;
	told_to_end = read(gang->retirement, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

void gang_call_monitor(struct gang *gang)
{
	uint64_t one = 1;

	if (!atomic_exchange(&gang->alarmed, true) && write(gang->alarm, &one, sizeof(one)) < 0)
		log_error("gang: alarm cannot be written", "error=%s", strerror(errno));
}

/* Asks the monitor for ticks when the last one goes from the waiting place. */
static void note_waiting(struct gang *gang, uint32_t left)
{
	if (left < atomic_load_explicit(&gang->fewest_waiting, memory_order_relaxed))
		atomic_store_explicit(&gang->fewest_waiting, left, memory_order_relaxed);
	if (left == 0)
		gang_call_monitor(gang);
}

static void *thread_main(void *argument)
{
	struct gang *gang = argument;
	struct epoll_event event;

	away = 0;
	while (!told_to_end) {
		atomic_fetch_add(&gang->waiting, 1);
		int got = epoll_wait(gang->set, &event, 1, -1);
		note_waiting(gang, atomic_fetch_sub(&gang->waiting, 1) - 1);

		if (got == 1) {
			struct watch *watch = event.data.ptr;

			watch->ready(watch, event.events);
		} else {
			assert(got < 0 && errno == EINTR);
		}
	}
	atomic_fetch_sub(&gang->members, 1);
	atomic_store(&gang->row->threads, atomic_fetch_sub(&gang->threads, 1) - 1);
	return NULL;
}

static int create_detached(struct gang *gang)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	error = pthread_create(&thread, &attributes, thread_main, gang);
	pthread_attr_destroy(&attributes);
	return -error;
}

/* Counts first, so that many callers at once cannot start more than the limit. */
static bool start_thread(struct gang *gang)
{
	int error = -EAGAIN;

	if (atomic_fetch_add(&gang->threads, 1) < gang->max_threads) {
		atomic_fetch_add(&gang->members, 1);
		error = create_detached(gang);
		if (error == 0) {
			atomic_fetch_add(&gang->row->counters[COUNT_threads_started], 1);
			atomic_store(&gang->row->threads, atomic_load(&gang->threads));
			return true;
		}
		atomic_fetch_sub(&gang->members, 1);
		log_warning("gang: no thread can be started", "error=\"%s\" threads=%u",
			strerror(-error), atomic_load(&gang->threads) - 1);
	}
	atomic_fetch_sub(&gang->threads, 1);
	return false;
}

static uint32_t fewest_for_this_machine(void)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	return cpus > 6 ? 8 : (uint32_t)(cpus > 1 ? cpus + 2 : FEWEST);
}

static int open_descriptors(struct gang *gang)
{
	gang->set = epoll_create1(EPOLL_CLOEXEC);
	gang->alarm = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	gang->retirement = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
	if (gang->set < 0 || gang->alarm < 0 || gang->retirement < 0)
		return -errno;
	gang->retire.ready = retire_one;
	return gang_add(gang, gang->retirement, EPOLLIN | EPOLLEXCLUSIVE, &gang->retire);
}

static void close_descriptors(struct gang *gang)
{
	int descriptors[] = {gang->set, gang->alarm, gang->retirement};

	for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++) {
		if (descriptors[i] >= 0)
			close(descriptors[i]);
	}
}

int gang_start(struct gang **out, uint32_t max_threads, struct board_worker *row)
{
	struct gang *gang = calloc(1, sizeof(*gang));
	int error;

	if (!gang)
		return -ENOMEM;
	gang->row = row;
	gang->max_threads = max_threads;
	gang->fewest = fewest_for_this_machine();
	if (gang->fewest > max_threads)
		gang->fewest = max_threads;
	error = open_descriptors(gang);
	if (error == 0 && !start_thread(gang))
		error = -EAGAIN;
	if (error < 0) {
		close_descriptors(gang);
		free(gang);
		return error;
	}
	/* More would be welcome; one is enough to serve. */
	while (atomic_load(&gang->members) < gang->fewest && start_thread(gang))
		;
	*out = gang;
	return 0;
}

static int control(
	struct gang *gang, int what, int descriptor, uint32_t events, struct watch *watch)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	return epoll_ctl(gang->set, what, descriptor, &event) < 0 ? -errno : 0;
}

int gang_add(struct gang *gang, int descriptor, uint32_t events, struct watch *watch)
{
	return control(gang, EPOLL_CTL_ADD, descriptor, events, watch);
}

int gang_rearm(struct gang *gang, int descriptor, uint32_t events, struct watch *watch)
{
	return control(gang, EPOLL_CTL_MOD, descriptor, events, watch);
}

void gang_remove(struct gang *gang, int descriptor)
{
	(void)control(gang, EPOLL_CTL_DEL, descriptor, 0, NULL);
}

void gang_leave(struct gang *gang)
{
	if (away < 0 || away++ > 0)
		return;
	/* Started only when nobody is there to take over: a transfer that ends soon costs no
	 * thread. */
	if (atomic_fetch_sub(&gang->members, 1) - 1 < gang->fewest &&
		atomic_load(&gang->waiting) == 0)
		start_thread(gang);
}

void gang_rejoin(struct gang *gang)
{
	if (away < 0 || --away > 0)
		return;
	atomic_fetch_add(&gang->members, 1);
}

/* Threads that start or end are counted as if they had stepped out: near the limit that errs on the
 * right side. */
bool gang_is_spread_thin(const struct gang *gang)
{
	uint32_t threads = gang ? atomic_load(&gang->threads) : 0;
	uint32_t members = gang ? atomic_load(&gang->members) : 0;

	return threads > members && threads - members + KEPT_FOR_OTHERS > gang->max_threads;
}

bool gang_wants_ticks(struct gang *gang)
{
	return atomic_load(&gang->alarmed);
}

int gang_alarm(struct gang *gang)
{
	return gang->alarm;
}

/* All who wait were too many during the whole last second: they end. */
static void retire_surplus(struct gang *gang)
{
	uint32_t members = atomic_load(&gang->members);
	uint32_t idle = atomic_exchange(&gang->fewest_waiting, UINT32_MAX);
	uint64_t surplus;

	gang->looked_ms = clock_ms();
	if (idle == UINT32_MAX)
		idle = atomic_load(&gang->waiting);
	if (members <= gang->fewest || idle == 0)
		return;
	surplus = members - gang->fewest < idle ? members - gang->fewest : idle;
	if (write(gang->retirement, &surplus, sizeof(surplus)) < 0)
		log_error("gang: retirement cannot be written", "error=%s", strerror(errno));
}

void gang_tick(struct gang *gang)
{
	bool nobody_waits = atomic_load(&gang->waiting) == 0;
	uint64_t count;

	if (nobody_waits && gang->nobody_waited)
		start_thread(gang);
	gang->nobody_waited = nobody_waits;
	if (!nobody_waits && read(gang->alarm, &count, sizeof(count)) > 0) {
		atomic_store(&gang->alarmed, false);
		/* The last one may have left between our look and this, and thinks we know. */
		if (atomic_load(&gang->waiting) == 0)
			gang_call_monitor(gang);
	}
	atomic_store(&gang->row->threads_waiting, atomic_load(&gang->waiting));
	if (clock_ms() - gang->looked_ms >= SURPLUS_LOOK_MS)
		retire_surplus(gang);
}
