#include "supervisor/rates.h"

#include <string.h>

enum { SIZE = RATES_SECONDS + 1, EVERY_MS = 1000 };

void rates_note(struct rates *rates, const uint64_t totals[BOARD_COUNTERS], int64_t now_ms)
{
	if (rates->count > 0 && now_ms - rates->at_ms[rates->newest] < EVERY_MS)
		return;
	rates->newest = rates->count > 0 ? (rates->newest + 1) % SIZE : 0;
	rates->at_ms[rates->newest] = now_ms;
	memcpy(rates->totals[rates->newest], totals, sizeof(rates->totals[0]));
	if (rates->count < SIZE)
		rates->count++;
}

double rates_per_second(const struct rates *rates, enum board_counter counter)
{
	unsigned int oldest = (rates->newest + SIZE + 1 - rates->count) % SIZE;
	int64_t span_ms = rates->at_ms[rates->newest] - rates->at_ms[oldest];
	uint64_t before = rates->totals[oldest][counter];
	uint64_t after = rates->totals[rates->newest][counter];

	if (rates->count < 2 || span_ms <= 0 || after < before)
		return 0;
	return (double)(after - before) * 1000 / (double)span_ms;
}
