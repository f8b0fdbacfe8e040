#include "client/tally.h"

#include "client/figures.h"
#include "client/language.h"

#include <stdio.h>

enum { MOMENT_MS = 100 };

char *tally_text(char text[TALLY_TEXT], int64_t bytes, int64_t elapsed_ms)
{
	char size[FIGURES_TEXT], rate[FIGURES_TEXT];

	figures_size(size, bytes);
	figures_size(rate, figures_rate(bytes, elapsed_ms));
	if (elapsed_ms < MOMENT_MS)
		snprintf(text, TALLY_TEXT, "%s", size);
	else
		snprintf(text, TALLY_TEXT, _("%s in %.1f s (%s/s)"), size,
			(double)elapsed_ms / 1000, rate);
	return text;
}
