#include "common/tally.h"

static void add_histogram(struct tally_histogram *tally, const struct board_histogram *histogram)
{
	for (int i = 0; i < BOARD_BUCKETS; i++)
		tally->buckets[i] +=
			atomic_load_explicit(&histogram->buckets[i], memory_order_relaxed);
	tally->sum_us += atomic_load_explicit(&histogram->sum_us, memory_order_relaxed);
}

void tally_add(struct tally *tally, const struct board_listener *row)
{
	for (int i = 0; i < BOARD_COUNTERS; i++)
		tally->counters[i] += atomic_load_explicit(&row->counters[i], memory_order_relaxed);
	for (int i = 0; i < BOARD_LATENCIES; i++)
		add_histogram(&tally->latencies[i], &row->latencies[i]);
}

void tally_add_worker(struct tally tallies[BOARD_LISTENERS], const struct board_worker *worker)
{
	for (int i = 0; i < BOARD_LISTENERS; i++)
		tally_add(&tallies[i], &worker->listeners[i]);
}
