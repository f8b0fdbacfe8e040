#include "common/config_table.h"

#include <stdlib.h>
#include <string.h>

#define OPTION(section, name, kind, type, field, standard, lowest, highest, words, help)           \
	{SECTION_##section, name, KIND_##kind, offsetof(type, field), standard, lowest, highest,   \
		words, help},

/* The first one has a blank before it. */
static const char right_words[] =
#define RIGHT(name, help) " " #name
#include "common/rights.def"
#undef RIGHT
	;
#define RIGHT_WORDS (right_words + 1)

const struct config_option config_options[] = {
#include "common/config_options.def"
};

const size_t config_option_count = sizeof(config_options) / sizeof(config_options[0]);

const char *const config_section_names[SECTION_COUNT] = {"", "listener", "directory", "mount",
	"pam", "anonymous", "passive", "ftp", "tls", "limits", "rates", "ban", "log", "status"};

const char *config_protocol_name(uint32_t protocol)
{
	static const char *const names[] = {
		[PROTOCOL_LGPQ] = "lgpq", [PROTOCOL_ECHO] = "echo", [PROTOCOL_FTP] = "ftp"};

	return names[protocol];
}

const struct config_option *config_option_find(enum config_section section, const char *name)
{
	for (size_t i = 0; i < config_option_count; i++) {
		if (config_options[i].section == section && !strcmp(config_options[i].name, name))
			return &config_options[i];
	}
	return NULL;
}

enum config_section config_section_find(const char *name)
{
	int section = SECTION_LISTENER;

	while (section < SECTION_COUNT && strcmp(config_section_names[section], name) != 0)
		section++;
	return (enum config_section)section;
}

bool config_section_is_titled(enum config_section section)
{
	return section == SECTION_LISTENER || section == SECTION_DIRECTORY ||
	       section == SECTION_MOUNT;
}

bool config_option_is_list(const struct config_option *option)
{
	return option->kind == KIND_WORDS || option->kind == KIND_LIST;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* How many letters have to be added, taken out or changed to make one word of the other
 * (Levenshtein), for words that fit a line of the table. */
static unsigned int distance(const char *a, const char *b)
{
	enum { LONGEST = 40 };
	unsigned int row[LONGEST + 1];
	size_t length = strlen(b);

	if (length > LONGEST)
		return LONGEST;
	for (unsigned int j = 0; j <= length; j++)
		row[j] = j;
	for (unsigned int i = 1; a[i - 1] != '\0'; i++) {
		unsigned int diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			unsigned int changed = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = least(changed, least(row[j], row[j - 1]) + 1);
		}
	}
	return row[length];
}

const char *config_option_nearest(enum config_section section, const char *name)
{
	/* One slip in three letters is a slip; more is another word. */
	unsigned int best = (unsigned int)(strlen(name) + 2) / 3 + 1;
	const char *nearest = NULL;

	for (size_t i = 0; i < config_option_count; i++) {
		if (config_options[i].section == section &&
			distance(name, config_options[i].name) < best) {
			best = distance(name, config_options[i].name);
			nearest = config_options[i].name;
		}
	}
	for (int i = SECTION_LISTENER; section == SECTION_TOP && i < SECTION_COUNT; i++) {
		if (distance(name, config_section_names[i]) < best) {
			best = distance(name, config_section_names[i]);
			nearest = config_section_names[i];
		}
	}
	return nearest;
}
