#include "client/import_proftpd.h"

#include <ctype.h>
#include <glob.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { DEPTH_MOST = 8, BLOCKS_MOST = 16, WORDS_MOST = 64, INCLUDED_MOST = 4 << 20 };

enum block_kind { SERVER, ANONYMOUS, DIRECTORY, LIMIT, IGNORED };

struct block {
	enum block_kind kind;
	char name[32];              /* as it was opened, and has to be closed */
	char path[PATH_MAX];        /* of an Anonymous or Directory */
	struct proftpd_limit limit; /* of a Limit */
	struct proftpd_place place; /* what the Limits in it have said */
	bool said;                  /* there were some */
	bool transparent;           /* no place of its own: what is said in it is said around it */
	struct proftpd_mark begun;
	struct origin origin;
};

struct reading {
	struct import *import;
	struct block blocks[BLOCKS_MOST];
	int depth; /* the innermost block; 0 is the server itself */
	struct proftpd_anonymous anonymous;
};

static struct block *innermost(struct reading *reading)
{
	return &reading->blocks[reading->depth];
}

/* ---- words ---- */

/* Cuts a line into words; "…" is one. */
static size_t cut(char *line, char *words[WORDS_MOST])
{
	size_t count = 0;
	char *end;

	while (count < WORDS_MOST) {
		line += strspn(line, " \t\r");
		if (*line == '\0')
			break;
		if (*line == '"') {
			words[count++] = ++line;
			end = strchr(line, '"');
		} else {
			words[count++] = line;
			end = line + strcspn(line, " \t\r");
		}
		if (!end || *end == '\0')
			break;
		*end = '\0';
		line = end + 1;
	}
	return count;
}

static void join(char *const *words, size_t count, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "", words[i]);
}

/* ---- blocks ---- */

/* "~ftp" is a home. */
static void expand(const char *path, char out[PATH_MAX])
{
	char name[64];
	size_t length = strcspn(path, "/");
	const struct passwd *user;

	if (path[0] != '~') {
		snprintf(out, PATH_MAX, "%s", path);
		return;
	}
	snprintf(name, sizeof(name), "%.*s", (int)length - 1, path + 1);
	user = name[0] != '\0' ? getpwnam(name) : NULL;
	snprintf(out, PATH_MAX, "%s%s", user ? user->pw_dir : "/srv/ftp", path + length);
}

/* The innermost block that is a place of its own. */
static struct block *place_of(struct reading *reading)
{
	int at = reading->depth;

	while (at > 0 && reading->blocks[at].transparent)
		at--;
	return &reading->blocks[at];
}

static bool is_everything(const char *path)
{
	return strcmp(path, "/") == 0 || strcmp(path, "/*") == 0 || strcmp(path, "*") == 0;
}

static void set_kind(struct reading *reading, struct block *block, const char *argument)
{
	struct import *import = reading->import;
	const struct block *around = innermost(reading);

	if (around->kind == IGNORED) {
		block->kind = IGNORED;
	} else if (strcasecmp(block->name, "Global") == 0) {
		block->kind = around->kind;
		block->transparent = true;
	} else if (strcasecmp(block->name, "IfModule") == 0) {
		block->kind = argument[0] == '!' ? IGNORED : around->kind;
		block->transparent = true;
	} else if (strcasecmp(block->name, "Anonymous") == 0 && place_of(reading)->kind == SERVER) {
		block->kind = ANONYMOUS;
		expand(argument, block->path);
	} else if (strcasecmp(block->name, "Directory") == 0) {
		block->transparent = is_everything(argument);
		block->kind = block->transparent ? around->kind : DIRECTORY;
		expand(argument, block->path);
	} else {
		block->kind = IGNORED;
		complain(import->notes, block->origin,
			"<%s %s>: there is nothing like it; what stands in it is left out",
			block->name, argument);
	}
}

static void open_block(struct reading *reading, char **words, size_t count, struct origin origin)
{
	struct block block = {
		.origin = origin, .begun = {reading->import->read.count, reading->anonymous.count}};
	char argument[PATH_MAX];

	snprintf(block.name, sizeof(block.name), "%s", words[0] + 1);
	join(words + 1, count - 1, argument, sizeof(argument));
	if (reading->depth + 1 == BLOCKS_MOST) {
		complain(reading->import->notes, origin, "too many blocks in each other");
		return;
	}
	if (strcasecmp(block.name, "Limit") == 0 && innermost(reading)->kind != IGNORED) {
		block.kind = LIMIT;
		block.limit = proftpd_limit_begin(reading->import, words + 1, count - 1, origin);
	} else {
		set_kind(reading, &block, argument);
	}
	reading->blocks[++reading->depth] = block;
}

static void close_directory(struct reading *reading, const struct block *block)
{
	const struct block *around = place_of(reading);

	if (!block->said)
		return;
	if (around->kind != ANONYMOUS || !proftpd_anonymous_add(&reading->anonymous, around->path,
						 block->path, &block->place, block->origin))
		complain(reading->import->notes, block->origin,
			"<Directory %s>: write a section directory for it, with the path that "
			"clients see",
			block->path);
}

/* What it says holds for what is around it. */
static void close_limit(struct reading *reading, const struct block *limit)
{
	struct block *around = place_of(reading);

	proftpd_limit_end(&limit->limit, reading->import, &around->place, limit->origin);
	around->said = true;
}

static void close_block(struct reading *reading, char *name, struct origin origin)
{
	struct block block = *innermost(reading);

	name[strcspn(name, ">")] = '\0';
	if (reading->depth == 0 || strcasecmp(name, block.name) != 0) {
		complain(reading->import->notes, origin, "</%s> closes nothing", name);
		return;
	}
	reading->depth--;
	if (block.kind == ANONYMOUS && !block.transparent)
		proftpd_anonymous_close(&reading->anonymous, reading->import, block.path,
			&block.place, block.begun, block.origin);
	else if (block.kind == DIRECTORY && !block.transparent)
		close_directory(reading, &block);
	else if (block.kind == LIMIT && !block.transparent)
		close_limit(reading, &block);
}

/* ---- directives ---- */

static void read_text(struct reading *reading, char *text, const char *file);

/* Its name is kept for as long as something may say that it came from there. */
static void include_one(struct reading *reading, const char *path, struct origin origin)
{
	struct import *import = reading->import;
	FILE *in = fopen(path, "re");
	char *text = in ? calloc(1, INCLUDED_MOST + 1) : NULL;

	if (text && fread(text, 1, INCLUDED_MOST, in) > 0) {
		import_keep(import, "Include", path, origin);
		read_text(reading, text, import_value(import, "Include", path));
	} else if (!text) {
		complain(import->notes, origin, "Include %s: cannot be read", path);
	}
	free(text);
	if (in)
		fclose(in);
}

static void include(struct reading *reading, const char *pattern, struct origin origin)
{
	glob_t found = {0};
	char all[PATH_MAX];

	if (!reading->import->follow || reading->import->depth >= DEPTH_MOST) {
		complain(reading->import->notes, origin, "Include %s: is not followed", pattern);
		return;
	}
	/* A directory means all that is in it. */
	snprintf(all, sizeof(all), "%s%s", pattern,
		pattern[0] != '\0' && pattern[strlen(pattern) - 1] == '/' ? "*" : "");
	reading->import->depth++;
	if (glob(all, 0, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			include_one(reading, found.gl_pathv[i], origin);
	} else if (!strpbrk(all, "*?[")) {
		complain(reading->import->notes, origin, "Include %s: cannot be read", pattern);
	}
	globfree(&found);
	reading->import->depth--;
}

static void take_directive(
	struct reading *reading, char **words, size_t count, struct origin origin)
{
	struct block *block = place_of(reading);
	struct import *import = reading->import;
	char value[2048];

	join(words + 1, count - 1, value, sizeof(value));
	if (block->kind == LIMIT) {
		proftpd_limit_take(&block->limit, import, words, count, origin);
	} else if (strcasecmp(words[0], "Include") == 0) {
		include(reading, value, origin);
	} else if (block->kind == ANONYMOUS) {
		import_rows_obey(import, &import_proftpd_anonymous_rows, PROFTPD_ANONYMOUS,
			words[0], value, origin);
	} else if (block->kind == DIRECTORY) {
		complain(import->notes, origin, "%s: holds for the whole server or not at all",
			words[0]);
	} else {
		import_rows_obey(import, &import_proftpd_rows, "", words[0], value, origin);
	}
}

static void take_line(struct reading *reading, char *line, struct origin origin)
{
	char *words[WORDS_MOST];
	size_t count;

	line += strspn(line, " \t");
	if (line[0] == '#')
		return;
	if (line[0] == '<')
		line[strcspn(line, ">")] = '\0';
	count = cut(line, words);
	if (count == 0)
		return;
	if (words[0][0] == '<' && words[0][1] == '/')
		close_block(reading, words[0] + 2, origin);
	else if (words[0][0] == '<')
		open_block(reading, words, count, origin);
	else if (innermost(reading)->kind != IGNORED)
		take_directive(reading, words, count, origin);
}

/* A backslash at a line's end goes on in the next one. */
static void read_text(struct reading *reading, char *text, const char *file)
{
	unsigned int number = 1;
	char *rest = text;

	while (rest) {
		struct origin origin = {file, number};
		char *line = strsep(&rest, "\n");
		size_t length = strlen(line);

		number++;
		while (rest && length > 0 && line[length - 1] == '\\') {
			line[length - 1] = ' ';
			line[length] = ' '; /* where the line feed was */
			(void)strsep(&rest, "\n");
			length = strlen(line);
			number++;
		}
		take_line(reading, line, origin);
	}
}

void import_proftpd(struct import *import, char *text, const char *file)
{
	struct reading reading = {.import = import};
	const struct proftpd_place *server = &reading.blocks[0].place;

	read_text(&reading, text, file);
	if (reading.depth > 0)
		complain(import->notes, innermost(&reading)->origin, "<%s> is never closed",
			innermost(&reading)->name);
	proftpd_finish(import, proftpd_may(&server, 1));
	proftpd_anonymous_finish(&reading.anonymous, import, server);
}
