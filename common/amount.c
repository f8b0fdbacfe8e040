#include "common/amount.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

const struct amount_unit amount_bytes[] = {{"", 1}, {"K", 1ull << 10}, {"M", 1ull << 20},
	{"G", 1ull << 30}, {"T", 1ull << 40}, {NULL, 0}};
const struct amount_unit amount_seconds[] = {
	{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {NULL, 0}};
const struct amount_unit amount_plain[] = {{"", 1}, {NULL, 0}};

bool amount_read(uint64_t *amount, const char *text, int base, const struct amount_unit *units)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*amount = strtoull(text, &end, base);
	if (errno != 0)
		return false;
	while (units->suffix && strcasecmp(units->suffix, end) != 0)
		units++;
	return units->suffix && !__builtin_mul_overflow(*amount, units->factor, amount);
}

char *amount_write(char text[AMOUNT_TEXT], uint64_t bytes)
{
	const struct amount_unit *unit = amount_bytes;

	while (bytes > 0 && unit[1].suffix && bytes % unit[1].factor == 0)
		unit++;
	snprintf(text, AMOUNT_TEXT, "%ju%s", (uintmax_t)(bytes / unit->factor), unit->suffix);
	return text;
}
