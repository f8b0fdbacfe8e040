/* Amounts as people write them: 500K, 10M, 2G; 30s, 5m, 2h. */
#ifndef FTPOOL_COMMON_AMOUNT_H
#define FTPOOL_COMMON_AMOUNT_H

#include <stdbool.h>
#include <stdint.h>

/* What an amount may end in, and what that stands for. */
struct amount_unit {
	const char *suffix; /* in letters of any size; NULL ends the list */
	uint64_t factor;
};

extern const struct amount_unit amount_bytes[], amount_seconds[], amount_plain[];

/* Reads a whole number in digits and one of the units. false for anything else. */
bool amount_read(uint64_t *amount, const char *text, int base, const struct amount_unit *units);

enum { AMOUNT_TEXT = 24 };

/* Bytes in the largest unit that they fill without a rest: 10485760 is 10M, 1000 is 1000. */
char *amount_write(char text[AMOUNT_TEXT], uint64_t bytes);

#endif
