#include "common/board.h"

#include "common/sealed_memory.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert(sizeof(struct board_activity) % sizeof(uint64_t) == 0, "copied word by word");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "atomics are shared between processes");

const char *const board_counter_names[BOARD_COUNTERS] = {
#define COUNTER(name, help) #name,
#include "common/counters.def"
#undef COUNTER
};

const char *const board_counter_helps[BOARD_COUNTERS] = {
#define COUNTER(name, help) help,
#include "common/counters.def"
#undef COUNTER
};

const int64_t board_bucket_us[BOARD_BUCKETS] = {100, 250, 500, 1000, 2500, 5000, 10000, 25000,
	50000, 100000, 250000, 500000, 1000000, 5000000, 30000000, INT64_MAX};
enum { GENERATIONS = 8 };

static struct board measure(uint32_t worker_count, uint32_t sessions_per_worker)
{
	struct board board = {
		.worker_count = worker_count, .sessions_per_worker = sessions_per_worker};

	board.size = worker_count * sizeof(struct board_worker) +
		     (size_t)worker_count * sessions_per_worker * sizeof(struct board_session) +
		     (size_t)GENERATIONS * BOARD_NAMES * sizeof(board.names[0]) +
		     sizeof(board.slots_used[0]);
	return board;
}

/* Takes the memory over. `kind`: MAP_SHARED or MAP_PRIVATE. */
static int map(struct board *board, int memory, int kind)
{
	char *start = mmap(NULL, board->size, PROT_READ | PROT_WRITE, kind, memory, 0);
	int error = errno;

	board->memory = memory;
	if (start == MAP_FAILED) {
		close(memory);
		board->memory = -1;
		return -error;
	}
	board->workers = (struct board_worker *)start;
	start += board->worker_count * sizeof(struct board_worker);
	board->sessions = (struct board_session *)start;
	start += (size_t)board->worker_count * board->sessions_per_worker *
		 sizeof(struct board_session);
	board->names = (_Atomic uint32_t *)start;
	board->slots_used = board->names + (size_t)GENERATIONS * BOARD_NAMES;
	return 0;
}

int board_open(struct board *board, uint32_t worker_count, uint32_t sessions_per_worker)
{
	int memory, error;

	*board = measure(worker_count, sessions_per_worker);
	memory = board->memory = sealed_memory_new("ftpool-board", board->size);
	if (memory < 0)
		return memory;
	error = map(board, memory, MAP_SHARED);
	if (error == 0)
		board_use_slots(board, worker_count);
	return error;
}

static int adopt(struct board *board, int memory, uint32_t worker_count,
	uint32_t sessions_per_worker, int kind)
{
	struct stat status;

	*board = measure(worker_count, sessions_per_worker);
	board->memory = -1;
	if (fstat(memory, &status) < 0 || status.st_size != (off_t)board->size)
		return -EPROTO;
	return map(board, memory, kind);
}

int board_adopt(
	struct board *board, int memory, uint32_t worker_count, uint32_t sessions_per_worker)
{
	return adopt(board, memory, worker_count, sessions_per_worker, MAP_SHARED);
}

int board_adopt_apart(
	struct board *board, int memory, uint32_t worker_count, uint32_t sessions_per_worker)
{
	return adopt(board, memory, worker_count, sessions_per_worker, MAP_PRIVATE);
}

static uint64_t mix(uint64_t sum, const void *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001b3);
	return sum;
}

uint64_t board_layout(void)
{
	const uint64_t sizes[] = {sizeof(struct board_worker), sizeof(struct board_session),
		sizeof(struct board_activity), BOARD_NAMES, GENERATIONS, BOARD_COUNTERS,
		BOARD_LISTENERS, BOARD_BUCKETS, BOARD_ADDRESS_BUCKETS};
	uint64_t sum = mix(UINT64_C(0xcbf29ce484222325), sizes, sizeof(sizes));

	for (int i = 0; i < BOARD_COUNTERS; i++)
		sum = mix(sum, board_counter_names[i], strlen(board_counter_names[i]) + 1);
	return sum;
}

struct board board_of_generation(const struct board *board, uint32_t generation)
{
	struct board seen = *board;

	seen.names += (size_t)(generation % GENERATIONS) * BOARD_NAMES;
	return seen;
}

void board_forget_names(const struct board *board)
{
	for (size_t i = 0; i < BOARD_NAMES; i++)
		atomic_store_explicit(&board->names[i], 0, memory_order_relaxed);
}

void board_use_slots(const struct board *board, uint32_t count)
{
	assert(count <= board->worker_count);
	atomic_store_explicit(board->slots_used, count, memory_order_relaxed);
}

uint32_t board_slots_used(const struct board *board)
{
	uint32_t used = atomic_load_explicit(board->slots_used, memory_order_relaxed);

	return used < board->worker_count ? used : board->worker_count;
}

void board_close(struct board *board)
{
	if (!board->workers)
		return;
	munmap(board->workers, board->size);
	close(board->memory);
	*board = (struct board){.memory = -1};
}

struct board_session *board_session(const struct board *board, uint32_t slot, uint32_t index)
{
	return &board->sessions[(size_t)slot * board->sessions_per_worker + index];
}

/* A seqlock of which also the data are atomics: a reader that meets a writer sees an odd or a
 * changed turn and looks again, and there is no data race in the sense of C17 5.1.2.4. */
void board_session_write(struct board_session *row, const struct board_activity *activity)
{
	uint64_t words[BOARD_WORDS];
	uint32_t turn = atomic_load_explicit(&row->turn, memory_order_relaxed);

	memcpy(words, activity, sizeof(words));
	atomic_store_explicit(&row->turn, turn | 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	for (size_t i = 0; i < BOARD_WORDS; i++)
		atomic_store_explicit(&row->words[i], words[i], memory_order_relaxed);
	atomic_store_explicit(&row->turn, (turn | 1) + 1, memory_order_release);
}

void board_session_open(struct board_session *row, const struct board_activity *activity)
{
	atomic_store_explicit(&row->bytes_done, 0, memory_order_relaxed);
	atomic_store_explicit(&row->doubted, 0, memory_order_relaxed);
	board_session_write(row, activity);
	atomic_store_explicit(&row->live, 1, memory_order_release);
}

void board_session_close(struct board_session *row)
{
	atomic_store_explicit(&row->live, 0, memory_order_release);
}

static bool copy_out(struct board_session *row, uint64_t words[BOARD_WORDS])
{
	uint32_t before = atomic_load_explicit(&row->turn, memory_order_acquire);

	if (before & 1)
		return false;
	for (size_t i = 0; i < BOARD_WORDS; i++)
		words[i] = atomic_load_explicit(&row->words[i], memory_order_relaxed);
	atomic_thread_fence(memory_order_acquire);
	return atomic_load_explicit(&row->turn, memory_order_relaxed) == before;
}

bool board_session_read(
	struct board_session *row, struct board_activity *activity, uint64_t *bytes_done)
{
	uint64_t words[BOARD_WORDS];
	bool whole = false;

	if (atomic_load_explicit(&row->live, memory_order_acquire) == 0)
		return false;
	for (int tries = 0; tries < 100 && !whole; tries++)
		whole = copy_out(row, words);
	if (!whole)
		return false;
	memcpy(activity, words, sizeof(*activity));
	activity->user[BOARD_USER - 1] = '\0';
	activity->command[BOARD_COMMAND - 1] = '\0';
	activity->path[BOARD_PATH - 1] = '\0';
	*bytes_done = atomic_load_explicit(&row->bytes_done, memory_order_relaxed);
	return true;
}

void board_name_write(const struct board *board, size_t item, const struct address *address)
{
	uint32_t host;

	assert(item < BOARD_NAMES && address->family == AF_INET);
	memcpy(&host, address->host, sizeof(host));
	atomic_store_explicit(&board->names[item], host, memory_order_relaxed);
}

int board_name_read(const struct board *board, size_t item, struct address *address)
{
	uint32_t host;

	assert(item < BOARD_NAMES);
	host = atomic_load_explicit(&board->names[item], memory_order_relaxed);
	if (host == 0)
		return -EADDRNOTAVAIL;
	*address = (struct address){.family = AF_INET};
	memcpy(address->host, &host, sizeof(host));
	return 0;
}

void board_add_counters(const struct board_worker *worker, uint64_t sums[BOARD_COUNTERS])
{
	for (int i = 0; i < BOARD_COUNTERS; i++)
		sums[i] += atomic_load_explicit(&worker->counters[i], memory_order_relaxed);
	for (int l = 0; l < BOARD_LISTENERS; l++) {
		for (int i = 0; i < BOARD_COUNTERS; i++)
			sums[i] += atomic_load_explicit(
				&worker->listeners[l].counters[i], memory_order_relaxed);
	}
}

void board_latency_note(struct board_listener *row, enum board_latency latency, int64_t us)
{
	struct board_histogram *histogram = &row->latencies[latency];
	int bucket = 0;

	while (us > board_bucket_us[bucket])
		bucket++;
	atomic_fetch_add_explicit(&histogram->buckets[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(
		&histogram->sum_us, us > 0 ? (uint64_t)us : 0, memory_order_relaxed);
}

uint32_t board_rows_used(const struct board *board, uint32_t slot)
{
	uint32_t used = atomic_load(&board->workers[slot].rows_used);

	return used < board->sessions_per_worker ? used : board->sessions_per_worker;
}

/* Rows that were never used are not even read: that alone would make their pages real. */
void board_wipe_worker(const struct board *board, uint32_t slot)
{
	uint32_t numbered = atomic_load(&board->workers[slot].numbered);

	for (uint32_t i = 0; i < board_rows_used(board, slot); i++)
		memset(board_session(board, slot, i), 0, sizeof(struct board_session));
	memset(&board->workers[slot], 0, sizeof(board->workers[slot]));
	atomic_store(&board->workers[slot].numbered, numbered);
}
