#include "client/figures.h"

#include <inttypes.h>
#include <stdio.h>

char *figures_size(char text[FIGURES_TEXT], int64_t bytes)
{
	static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double amount = (double)bytes;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(text, FIGURES_TEXT, "%" PRId64 " B", bytes);
		return text;
	}
	/* 1023.95 would round to "1024.0 KiB": that is 1.0 MiB. */
	for (amount /= 1024; amount >= 1023.95 && unit + 1 < sizeof(units) / sizeof(*units); unit++)
		amount /= 1024;
	snprintf(text, FIGURES_TEXT, "%.1f %s", amount, units[unit]);
	return text;
}

char *figures_duration(char text[FIGURES_TEXT], int64_t seconds)
{
	int64_t hours = seconds / 3600;
	int minutes = (int)(seconds / 60 % 60);
	int rest = (int)(seconds % 60);

	if (hours > 0)
		snprintf(text, FIGURES_TEXT, "%" PRId64 ":%02d:%02d", hours, minutes, rest);
	else
		snprintf(text, FIGURES_TEXT, "%d:%02d", minutes, rest);
	return text;
}

int64_t figures_rate(int64_t bytes, int64_t milliseconds)
{
	if (milliseconds <= 0)
		return 0;
	return (int64_t)((double)bytes * 1000 / (double)milliseconds);
}
