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
	case KIND_BYTES: fprintf(out, "%ju", (uintmax_t) * (const uint64_t *)field); return;
	case KIND_MODE: fprintf(out, "%04o", *(const uint32_t *)field); return;
	default: fprintf(out, "%u", *(const uint32_t *)field); return;
	}
}
