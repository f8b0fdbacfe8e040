#include "common/bucket.h"

enum { NS_A_MS = 1000000 };

static int64_t time_of(uint64_t rate, uint64_t bytes)
{
	return (int64_t)(bytes * UINT64_C(1000000000) / rate);
}

/* Who rested may be a burst behind; who finds nonsense, or a crowd of a minute, waits no longer
 * than that. */
static int64_t turn_after(int64_t due_ns, int64_t now_ns)
{
	int64_t earliest = now_ns - (int64_t)BUCKET_BURST_MS * NS_A_MS;
	int64_t latest = now_ns + (int64_t)BUCKET_LONGEST_MS * NS_A_MS;

	return due_ns < earliest ? earliest : due_ns > latest ? latest : due_ns;
}

int64_t bucket_draw(struct bucket *bucket, uint64_t rate, uint64_t bytes, int64_t now_ns)
{
	int64_t due = atomic_load_explicit(&bucket->due_ns, memory_order_relaxed);
	int64_t turn;

	do {
		turn = turn_after(due, now_ns);
	} while (!atomic_compare_exchange_weak_explicit(&bucket->due_ns, &due,
		turn + time_of(rate, bytes), memory_order_relaxed, memory_order_relaxed));
	return turn;
}

void bucket_return(struct bucket *bucket, uint64_t rate, uint64_t bytes)
{
	atomic_fetch_sub_explicit(&bucket->due_ns, time_of(rate, bytes), memory_order_relaxed);
}
