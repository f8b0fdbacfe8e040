#include "common/amount.h"
#include "common/config_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *number_form(enum config_kind kind)
{
	switch (kind) {
	case KIND_BYTES: return "a size such as 500K, 10M or 2G";
	case KIND_SECONDS: return "a time such as 30s, 5m or 2h";
	case KIND_MODE: return "permissions in octal such as 0660";
	default: return "a whole number";
	}
}

static bool set_number(const struct config_option *option, void *field, const char *text,
	struct origin origin, struct complaints *complaints)
{
	const struct amount_unit *units = option->kind == KIND_BYTES     ? amount_bytes
					  : option->kind == KIND_SECONDS ? amount_seconds
									 : amount_plain;
	uint64_t highest = option->highest ? option->highest : INT64_MAX;
	uint64_t number;

	if (!amount_read(&number, text, option->kind == KIND_MODE ? 8 : 10, units)) {
		complain(complaints, origin, "%s = \"%s\" is not %s; the default is %s",
			option->name, text, number_form(option->kind), option->standard);
		return false;
	}
	if (number < option->lowest || number > highest) {
		complain(complaints, origin,
			option->kind == KIND_MODE
				? "%s = %s is out of range; from %04jo to %04jo is right"
				: "%s = %s is out of range; from %ju to %ju is right",
			option->name, text, (uintmax_t)option->lowest, (uintmax_t)highest);
		return false;
	}
	if (option->kind == KIND_BYTES)
		*(uint64_t *)field = number;
	else
		*(uint32_t *)field = (uint32_t)number;
	return true;
}

/* Which of the words (blanks between) it is; -1: none. */
static int index_of_word(const char *words, const char *text, size_t length)
{
	int index = 0;

	for (const char *word = words; *word; index++) {
		size_t size = strcspn(word, " ");

		if (size == length && memcmp(word, text, size) == 0)
			return index;
		word += size + (word[size] == ' ');
	}
	return -1;
}

static bool set_word(const struct config_option *option, uint32_t *field, const char *text,
	struct origin origin, struct complaints *complaints)
{
	int index = index_of_word(option->words, text, strlen(text));

	if (index >= 0) {
		*field = (uint32_t)index;
		return true;
	}
	complain(complaints, origin, "%s = \"%s\" is no choice; one of these is right: %s",
		option->name, text, option->words);
	return false;
}

static bool set_switch(const struct config_option *option, bool *field, const char *text,
	struct origin origin, struct complaints *complaints)
{
	static const char *const on[] = {"true", "yes", "on"}, *const off[] = {
								       "false", "no", "off"};

	for (size_t i = 0; i < 3; i++) {
		if (!strcasecmp(text, on[i]) || !strcasecmp(text, off[i])) {
			*field = !strcasecmp(text, on[i]);
			return true;
		}
	}
	complain(complaints, origin, "%s = \"%s\" is neither true nor false", option->name, text);
	return false;
}

static bool set_text(const struct config_option *option, char **field, const char *text,
	struct origin origin, struct complaints *complaints)
{
	char *copy;

	if (option->kind == KIND_PATH && text[0] != '\0' && text[0] != '/') {
		complain(complaints, origin, "%s = \"%s\" is not absolute; write it from / on",
			option->name, text);
		return false;
	}
	copy = strdup(text);
	if (!copy) {
		complain(complaints, origin, "%s: out of memory", option->name);
		return false;
	}
	free(*field);
	*field = copy;
	return true;
}

/* ---- lists: items with blanks or commas between ---- */

static const char between[] = " \t\n,";

/* The next item and its length; NULL when there is none. */
static const char *next_item(const char *text, size_t *length)
{
	text += strspn(text, between);
	*length = strcspn(text, between);
	return *length > 0 ? text : NULL;
}

static bool set_words(const struct config_option *option, uint32_t *field, const char *text,
	struct origin origin, struct complaints *complaints)
{
	uint32_t bits = 0;
	bool fine = true;
	size_t length;

	for (const char *item = text; (item = next_item(item, &length)) != NULL; item += length) {
		int index = index_of_word(option->words, item, length);

		if (index >= 0) {
			bits |= UINT32_C(1) << index;
			continue;
		}
		complain(complaints, origin, "%s: \"%.*s\" is no choice; any of these is right: %s",
			option->name, (int)length, item, option->words);
		fine = false;
	}
	if (fine)
		*field = bits;
	return fine;
}

static void free_list(struct config_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct config_list){0};
}

static bool add_item(struct config_list *list, const char *item, size_t length)
{
	char **grown = reallocarray(list->items, list->count + 1, sizeof(*grown));
	char *copy = strndup(item, length);

	if (grown)
		list->items = grown;
	if (!grown || !copy) {
		free(copy);
		return false;
	}
	grown[list->count++] = copy;
	return true;
}

static bool set_list(const struct config_option *option, struct config_list *field,
	const char *text, struct origin origin, struct complaints *complaints)
{
	struct config_list list = {0};
	size_t length;

	for (const char *item = text; (item = next_item(item, &length)) != NULL; item += length) {
		if (!add_item(&list, item, length)) {
			complain(complaints, origin, "%s: out of memory", option->name);
			free_list(&list);
			return false;
		}
	}
	free_list(field);
	*field = list;
	return true;
}

/* ---- ports ---- */

/* "50000-50999", or one port alone. */
static bool read_ports(uint64_t *first, uint64_t *last, const char *text)
{
	size_t length = strcspn(text, "-");
	char *copy = strndup(text, length);
	bool fine = copy && amount_read(first, copy, 10, amount_plain);

	free(copy);
	*last = *first;
	return fine &&
	       (text[length] == '\0' || amount_read(last, text + length + 1, 10, amount_plain));
}

static bool set_ports(const struct config_option *option, struct config_ports *field,
	const char *text, struct origin origin, struct complaints *complaints)
{
	uint64_t first = 0, last = 0;

	if (text[0] != '\0' && !read_ports(&first, &last, text)) {
		complain(complaints, origin,
			"%s = \"%s\" is no range of ports; one such as 50000-50999 is right",
			option->name, text);
		return false;
	}
	if (text[0] != '\0' && (first < option->lowest || last > option->highest || first > last)) {
		complain(complaints, origin,
			"%s = \"%s\" is out of range; a first and a last port from %ju to %ju, in "
			"that order, is right",
			option->name, text, (uintmax_t)option->lowest, (uintmax_t)option->highest);
		return false;
	}
	*field = (struct config_ports){(uint16_t)first, (uint16_t)last};
	return true;
}

void config_value_free(const struct config_option *option, void *target)
{
	void *field = (char *)target + option->offset;

	if (option->kind == KIND_TEXT || option->kind == KIND_PATH) {
		free(*(char **)field);
		*(char **)field = NULL;
	} else if (option->kind == KIND_LIST) {
		free_list(field);
	}
}

bool config_value_set(const struct config_option *option, void *target, const char *text,
	struct origin origin, struct complaints *complaints)
{
	void *field = (char *)target + option->offset;

	switch (option->kind) {
	case KIND_TEXT:
	case KIND_PATH: return set_text(option, field, text, origin, complaints);
	case KIND_WORD: return set_word(option, field, text, origin, complaints);
	case KIND_WORDS: return set_words(option, field, text, origin, complaints);
	case KIND_LIST: return set_list(option, field, text, origin, complaints);
	case KIND_PORTS: return set_ports(option, field, text, origin, complaints);
	case KIND_SWITCH: return set_switch(option, field, text, origin, complaints);
	default: return set_number(option, field, text, origin, complaints);
	}
}
