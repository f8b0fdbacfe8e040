#include "common/config_table.h"

#include <string.h>

static void write_word(FILE *out, const char *words, uint32_t index)
{
	for (; index > 0 && *words; index--) {
		words += strcspn(words, " ");
		words += *words == ' ';
	}
	fprintf(out, "%.*s", (int)strcspn(words, " "), words);
}

static void write_words(FILE *out, const char *words, uint32_t bits)
{
	const char *between = "";

	for (uint32_t i = 0; i < 32; i++) {
		if (!(bits & UINT32_C(1) << i))
			continue;
		fputs(between, out);
		write_word(out, words, i);
		between = " ";
	}
}

static void write_list(FILE *out, const struct config_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		fprintf(out, "%s%s", i > 0 ? " " : "", list->items[i]);
}

static void write_ports(FILE *out, const struct config_ports *ports)
{
	if (ports->first != 0)
		fprintf(out, "%u-%u", ports->first, ports->last);
}

/* "15m" and "2G": in the largest unit of which it is a whole number. */
static void write_in_units(FILE *out, uint64_t value, const uint64_t *sizes, const char *units)
{
	for (size_t i = 0; units[i]; i++) {
		if (value > 0 && value % sizes[i] == 0) {
			fprintf(out, "%ju%c", (uintmax_t)(value / sizes[i]), units[i]);
			return;
		}
	}
	fprintf(out, "%ju", (uintmax_t)value);
}

static void write_seconds(FILE *out, uint32_t seconds)
{
	static const uint64_t sizes[] = {86400, 3600, 60, 1};

	write_in_units(out, seconds, sizes, "dhms");
}

static void write_bytes(FILE *out, uint64_t bytes)
{
	static const uint64_t sizes[] = {UINT64_C(1) << 40, 1 << 30, 1 << 20, 1 << 10};

	write_in_units(out, bytes, sizes, "TGMK");
}

void config_value_write(FILE *out, const struct config_option *option, const void *target)
{
	const void *field = (const char *)target + option->offset;

	switch (option->kind) {
	case KIND_TEXT:
	case KIND_PATH: fputs(*(char *const *)field, out); return;
	case KIND_WORD: write_word(out, option->words, *(const uint32_t *)field); return;
	case KIND_WORDS: write_words(out, option->words, *(const uint32_t *)field); return;
	case KIND_LIST: write_list(out, field); return;
	case KIND_PORTS: write_ports(out, field); return;
	case KIND_SWITCH: fputs(*(const bool *)field ? "true" : "false", out); return;
	case KIND_BYTES: write_bytes(out, *(const uint64_t *)field); return;
	case KIND_SECONDS: write_seconds(out, *(const uint32_t *)field); return;
	case KIND_MODE: fprintf(out, "%04o", *(const uint32_t *)field); return;
	default: fprintf(out, "%u", *(const uint32_t *)field); return;
	}
}
