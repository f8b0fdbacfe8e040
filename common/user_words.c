#include "common/user_words.h"

#include "common/config.h"
#include "common/rights.h"

#include <string.h>

static const char *const right_names[] = {
#define RIGHT(name, help) #name,
#include "common/rights.def"
#undef RIGHT
};

static int count_of(enum user_words kind)
{
	return kind == USER_RIGHTS ? (int)RIGHT_COUNT : (int)PROTOCOL_COUNT;
}

static const char *name_of(enum user_words kind, int i)
{
	return kind == USER_RIGHTS ? right_names[i] : config_protocol_name((uint32_t)i);
}

static uint32_t all_of(enum user_words kind)
{
	return (UINT32_C(1) << count_of(kind)) - 1;
}

/* The bits of a word; 0: it is none. */
static uint32_t bits_of(enum user_words kind, const char *word)
{
	if (strcmp(word, "all") == 0)
		return all_of(kind);
	for (int i = 0; i < count_of(kind); i++) {
		if (strcmp(word, name_of(kind, i)) == 0)
			return UINT32_C(1) << i;
	}
	return 0;
}

const char *user_words_read(enum user_words kind, char *text, uint32_t *bits)
{
	char *rest = NULL;
	uint32_t taken = 0;

	for (char *word = strtok_r(text, ",", &rest); word; word = strtok_r(NULL, ",", &rest)) {
		uint32_t more = bits_of(kind, word);

		if (more == 0)
			return word;
		taken |= more;
	}
	*bits = taken;
	return NULL;
}

void user_words_print(FILE *out, enum user_words kind, uint32_t bits)
{
	const char *before = "";

	if (bits == all_of(kind)) {
		fputs("all", out);
		return;
	}
	for (int i = 0; i < count_of(kind); i++) {
		if (bits >> i & 1) {
			fprintf(out, "%s%s", before, name_of(kind, i));
			before = ",";
		}
	}
}
