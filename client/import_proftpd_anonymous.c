#include "client/import_proftpd.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- its directories ---- */

/* Below its root, and without what says "all that is in it". */
static char *path_in(const char *root, const char *path)
{
	size_t above = strlen(root), length;
	char *seen = NULL;

	if (strncmp(path, root, above) == 0 && path[above] == '/')
		path += above;
	length = strlen(path);
	if (length > 2 && strcmp(path + length - 2, "/*") == 0)
		length -= 2;
	if (asprintf(&seen, "%s%.*s", path[0] == '/' ? "" : "/", (int)length, path) < 0)
		return NULL;
	return seen;
}

static bool add(struct proftpd_anonymous *anonymous, const struct proftpd_directory *directory)
{
	struct proftpd_directory *grown = reallocarray(
		anonymous->directories, anonymous->count + 1, sizeof(*anonymous->directories));

	if (!grown)
		return false;
	anonymous->directories = grown;
	grown[anonymous->count++] = *directory;
	return true;
}

bool proftpd_anonymous_add(struct proftpd_anonymous *anonymous, const char *root, const char *path,
	const struct proftpd_place *place, struct origin origin)
{
	const struct proftpd_directory directory = {path_in(root, path), *place, origin};

	if (directory.path && !strpbrk(directory.path, "*?[ ") && add(anonymous, &directory))
		return true;
	free(directory.path);
	return false;
}

static void forget_directories(struct proftpd_anonymous *anonymous, size_t left)
{
	while (anonymous->count > left)
		free(anonymous->directories[--anonymous->count].path);
}

/* ---- whether it is ours ---- */

static bool is_anonymous(const char *name)
{
	return strcasecmp(name, "ftp") == 0 || strcasecmp(name, "anonymous") == 0;
}

/* An alias is "NAME USER". */
static bool has_alias(const struct import *import, size_t since)
{
	for (size_t i = since; i < import->read.count; i++) {
		const struct import_entry *entry = &import->read.entries[i];
		char name[64];

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(entry->value, " "), entry->value);
		if (strcasecmp(entry->name, PROFTPD_ANONYMOUS "UserAlias") == 0 &&
			is_anonymous(name))
			return true;
	}
	return false;
}

/* Does it let in whoever calls himself so, and without a password? */
static bool is_for_all(const struct import *import, size_t since)
{
	return (is_anonymous(import_value(import, PROFTPD_ANONYMOUS "User", "ftp")) ||
		       has_alias(import, since)) &&
	       !import_is_on(import, PROFTPD_ANONYMOUS "AnonRequirePassword", false);
}

void proftpd_anonymous_close(struct proftpd_anonymous *anonymous, struct import *import,
	const char *root, const struct proftpd_place *place, struct proftpd_mark begun,
	struct origin origin)
{
	const char *why = NULL;

	if (!is_for_all(import, begun.read))
		why = "its guests are accounts of ftpool-users(5), with root= and may=";
	else if (import_kept(import, PROFTPD_ANONYMOUS "root"))
		why = "there is one section anonymous, made of the first";
	if (why) {
		complain(import->notes, origin, "<Anonymous %s>: is left out; %s", root, why);
		import_forget(import, PROFTPD_ANONYMOUS, begun.read);
		forget_directories(anonymous, begun.directories);
		return;
	}
	anonymous->place = *place;
	import_keep(import, PROFTPD_ANONYMOUS "root", root, origin);
}

/* ---- what follows ---- */

static void set_rights(
	struct import *import, const char *option, uint32_t may, struct origin origin)
{
	char words[PROFTPD_WORDS];

	import_set(import, option,
		proftpd_words(proftpd_given(import, PROFTPD_ANONYMOUS, may), words), origin);
}

static void set_directory(struct import *import, const struct proftpd_directory *directory,
	const struct proftpd_place *const *around)
{
	const struct proftpd_place *const places[] = {around[0], around[1], &directory->place};
	char option[PATH_MAX + 32];

	snprintf(option, sizeof(option), "directory.%s.may", directory->path);
	set_rights(import, option, proftpd_may(places, 3), directory->origin);
	snprintf(option, sizeof(option), "directory.%s.accounts", directory->path);
	import_set(import, option, "anonymous", directory->origin);
}

void proftpd_anonymous_finish(struct proftpd_anonymous *anonymous, struct import *import,
	const struct proftpd_place *server)
{
	const struct proftpd_place *const places[] = {server, &anonymous->place};
	const char *root = import_value(import, PROFTPD_ANONYMOUS "root", NULL);
	struct origin origin = import_origin(import, PROFTPD_ANONYMOUS "root");
	uint32_t may = proftpd_may(places, 2);

	import_set(import, "anonymous.enabled", root && (may & PROFTPD_LOGIN) ? "true" : "false",
		origin);
	if (root) {
		import_set(import, "anonymous.root", root, origin);
		set_rights(import, "anonymous.may", may, origin);
	}
	for (size_t i = 0; i < anonymous->count; i++)
		set_directory(import, &anonymous->directories[i], places);
	forget_directories(anonymous, 0);
	free(anonymous->directories);
}
