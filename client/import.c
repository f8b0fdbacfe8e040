#include "client/import.h"

#include "client/import_rows.h"

#include "common/config_table.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *const import_kind_names[IMPORT_KINDS] = {[IMPORT_VSFTPD] = "vsftpd",
	[IMPORT_PROFTPD] = "proftpd",
	[IMPORT_PUREFTPD] = "pureftpd",
	[IMPORT_AUTHUSERFILE] = "authuserfile"};

/* ---- entries ---- */

static void entry_free(struct import_entry *entry)
{
	free(entry->name);
	free(entry->value);
}

static void list_free(struct import_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		entry_free(&list->entries[i]);
	free(list->entries);
}

static void list_add(
	struct import_list *list, const char *name, const char *value, struct origin origin)
{
	struct import_entry entry = {strdup(name), strdup(value), origin};
	struct import_entry *grown =
		reallocarray(list->entries, list->count + 1, sizeof(*list->entries));

	if (grown)
		list->entries = grown;
	if (grown && entry.name && entry.value)
		list->entries[list->count++] = entry;
	else
		entry_free(&entry);
}

static struct import_entry *list_find(const struct import_list *list, const char *name)
{
	for (size_t i = list->count; i > 0; i--) {
		if (strcasecmp(list->entries[i - 1].name, name) == 0)
			return &list->entries[i - 1];
	}
	return NULL;
}

void import_keep(struct import *import, const char *name, const char *value, struct origin origin)
{
	list_add(&import->read, name, value, origin);
}

void import_forget(struct import *import, const char *prefix, size_t since)
{
	struct import_list *list = &import->read;
	size_t left = since;

	for (size_t i = since; i < list->count; i++) {
		if (strncmp(list->entries[i].name, prefix, strlen(prefix)) == 0)
			entry_free(&list->entries[i]);
		else
			list->entries[left++] = list->entries[i];
	}
	list->count = left;
}

const struct import_entry *import_kept(const struct import *import, const char *name)
{
	return list_find(&import->read, name);
}

const char *import_value(const struct import *import, const char *name, const char *standard)
{
	const struct import_entry *entry = import_kept(import, name);

	return entry ? entry->value : standard;
}

bool import_is_on(const struct import *import, const char *name, bool standard)
{
	static const char *const words[] = {"yes", "on", "true", "1"};
	const char *value = import_value(import, name, NULL);

	for (size_t i = 0; value && i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(value, words[i]) == 0)
			return true;
	}
	return value ? false : standard;
}

struct origin import_origin(const struct import *import, const char *name)
{
	const struct import_entry *entry = import_kept(import, name);

	return entry ? entry->origin : (struct origin){import->file, 0};
}

/* ---- options of ours ---- */

/* The row of "SECTION.OPTION", and in section[] the block it belongs to: "", "limits",
 * "listener ftp". */
enum { SECTION_NAME = 1024 };
static const struct config_option *find_option(const char *path, char section[SECTION_NAME])
{
	const char *dot = strrchr(path, '.');
	int length = dot ? (int)(dot - path) : 0;
	char *name;

	snprintf(section, SECTION_NAME, "%.*s", length, path);
	name = strchr(section, '.');
	if (name)
		*name = '\0'; /* the listener's or the directory's */
	enum config_section found = dot ? config_section_find(section) : SECTION_TOP;

	if (name)
		*name = ' ';
	return found < SECTION_COUNT ? config_option_find(found, dot ? dot + 1 : path) : NULL;
}

bool import_has_option(const char *option)
{
	char section[SECTION_NAME];

	return find_option(option, section) != NULL;
}

static bool is_list(const struct config_option *option)
{
	return option->kind == KIND_LIST || option->kind == KIND_WORDS;
}

static bool is_quoted(const struct config_option *option)
{
	return option->kind == KIND_TEXT || option->kind == KIND_PATH || option->kind == KIND_PORTS;
}

/* Quotes, backslashes and ${NAME} mean something in our files. */
static bool can_be_written(const char *value)
{
	for (const char *at = value; *at; at++) {
		if (iscntrl((unsigned char)*at) || strchr("\"\\{}#", *at))
			return false;
	}
	return true;
}

static bool is_accepted(const struct config_option *option, const char *value, struct origin origin,
	struct complaints *notes)
{
	union {
		struct config config;
		struct config_listener listener;
		struct config_zone zone;
	} scratch = {0};
	bool good = config_value_set(option, &scratch, value, origin, notes);

	config_value_free(option, &scratch);
	return good;
}

void import_set(struct import *import, const char *option, const char *value, struct origin origin)
{
	char section[SECTION_NAME];
	const struct config_option *row = find_option(option, section);
	struct import_entry *before = list_find(&import->settings, option);
	char *copy;

	if (!row) {
		complain(import->notes, origin, "has no counterpart in this version");
		return;
	}
	if (!can_be_written(value)) {
		complain(import->notes, origin,
			"%s: the value has bytes that ftpool.conf keeps for "
			"itself; write it by hand",
			option);
		return;
	}
	if (!is_accepted(row, value, origin, import->notes))
		return;
	copy = before ? strdup(value) : NULL;
	if (copy) {
		free(before->value);
		before->value = copy;
		before->origin = origin;
	} else if (!before) {
		list_add(&import->settings, option, value, origin);
	}
}

/* ---- ftpool.conf ---- */

static void print_list(FILE *out, const char *value, bool quoted)
{
	const char *between = "";

	fputc('{', out);
	while (*value) {
		size_t length = strcspn(value, " ,\t");

		if (length > 0) {
			fprintf(out, quoted ? "%s\"%.*s\"" : "%s%.*s", between, (int)length, value);
			between = ", ";
		}
		value += length + strspn(value + length, " ,\t");
	}
	fputc('}', out);
}

static void print_setting(const struct import_entry *entry, FILE *out, const char *indent)
{
	char section[SECTION_NAME];
	const struct config_option *row = find_option(entry->name, section);

	fprintf(out, "%s%s = ", indent, row->name);
	if (is_list(row))
		print_list(out, entry->value, row->kind == KIND_LIST);
	else
		fprintf(out, is_quoted(row) ? "\"%s\"" : "%s", entry->value);
	fputc('\n', out);
}

/* All that belongs to the block of the first one of it. */
static void print_block(const struct import *import, size_t first, const char *block, FILE *out)
{
	char section[SECTION_NAME];

	const char *name = strchr(block, ' ');

	/* A directory's name is a path, and stands in quotes. */
	if (name && name[1] == '/')
		fprintf(out, "\n%.*s \"%s\" {\n", (int)(name - block), block, name + 1);
	else if (block[0] != '\0')
		fprintf(out, "\n%s {\n", block);
	for (size_t i = first; i < import->settings.count; i++) {
		find_option(import->settings.entries[i].name, section);
		if (strcmp(section, block) == 0)
			print_setting(&import->settings.entries[i], out, block[0] ? "\t" : "");
	}
	if (block[0] != '\0')
		fputs("}\n", out);
}

static bool is_first_of_block(const struct import *import, size_t which, const char *block)
{
	char section[SECTION_NAME];

	for (size_t i = 0; i < which; i++) {
		find_option(import->settings.entries[i].name, section);
		if (strcmp(section, block) == 0)
			return false;
	}
	return true;
}

void import_print(const struct import *import, FILE *out, const char *title)
{
	char section[SECTION_NAME];

	fprintf(out, "# ftpool.conf, made from %s by ftpctl import; see ftpool.conf(5).\n\n",
		title);
	print_block(import, 0, "", out);
	for (size_t i = 0; i < import->settings.count; i++) {
		find_option(import->settings.entries[i].name, section);
		if (section[0] != '\0' && is_first_of_block(import, i, section))
			print_block(import, i, section, out);
	}
}

/* ---- which kind ---- */

static size_t colons(const char *line, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += line[i] == ':';
	return count;
}

static enum import_kind kind_of_line(const char *line, size_t length)
{
	size_t name = strcspn(line, "=: \t\r\n<");
	size_t parts = colons(line, length);

	if (line[0] == '<')
		return IMPORT_PROFTPD;
	if (name < length && line[name] == ':' && parts >= 12)
		return IMPORT_PUREFTPD;
	if (name < length && line[name] == ':' && parts == 6)
		return IMPORT_AUTHUSERFILE;
	return name > 0 && name < length && line[name] == '=' ? IMPORT_VSFTPD : IMPORT_PROFTPD;
}

/* Many files look like a proftpd.conf: "Name value". It is one if we know some of the names. */
static bool is_proftpd(const char *line)
{
	char name[64];

	if (line[0] == '<')
		return true;
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(line, " \t\r\n"), line);
	return strcasecmp(name, "Include") == 0 || import_rows_know(&import_proftpd_rows, name);
}

/* Each line has a vote; more than half of them have to agree. */
int import_recognise(const char *text)
{
	size_t votes[IMPORT_KINDS] = {0}, all = 0, proftpd = 0;

	for (const char *line = text; *line;) {
		size_t blank, length;

		blank = strspn(line, " \t");
		line += blank;
		length = strcspn(line, "\n");
		if (length > 0 && line[0] != '#' && line[0] != '\r') {
			votes[kind_of_line(line, length)]++;
			proftpd += is_proftpd(line);
			all++;
		}
		line += length + (line[length] == '\n');
	}
	for (int kind = 0; kind < IMPORT_KINDS; kind++) {
		if (votes[kind] > 0 && votes[kind] * 2 > all)
			return kind != IMPORT_PROFTPD || proftpd * 4 > all ? kind : -EINVAL;
	}
	return -EINVAL;
}

int import_text(enum import_kind kind, char *text, const char *file, bool follow, FILE *out,
	struct complaints *notes)
{
	struct import import = {.file = file, .notes = notes, .follow = follow};

	switch (kind) {
	case IMPORT_VSFTPD: import_vsftpd(&import, text, file); break;
	case IMPORT_PROFTPD: import_proftpd(&import, text, file); break;
	case IMPORT_PUREFTPD: import_pureftpd(out, notes, text, file); break;
	case IMPORT_AUTHUSERFILE: import_authuserfile(out, notes, text, file); break;
	case IMPORT_KINDS: break;
	}
	if (kind == IMPORT_VSFTPD || kind == IMPORT_PROFTPD)
		import_print(&import, out, file);
	list_free(&import.read);
	list_free(&import.settings);
	return ferror(out) ? -ENOMEM : 0;
}
