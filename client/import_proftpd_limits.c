#include "client/import_proftpd.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
	WRITES = RIGHT_put | RIGHT_overwrite | RIGHT_append | RIGHT_resume | RIGHT_rename |
		 RIGHT_delete | RIGHT_mkdir | RIGHT_rmdir | RIGHT_chmod | RIGHT_touch
};

enum rank { EVERYTHING, CLASS, COMMAND };

/* ---- what a Limit is about ---- */

struct subject {
	const char *name;
	uint32_t rights;
	enum rank rank;
};

static const struct subject *find_subject(const char *name)
{
	static const struct subject subjects[] = {
		{"ALL", RIGHTS_ALL, EVERYTHING},
		{"DIRS", RIGHT_list, CLASS},
		{"READ", RIGHT_get, CLASS},
		{"WRITE", WRITES, CLASS},
		{"LOGIN", PROFTPD_LOGIN, COMMAND},
		{"RETR", RIGHT_get, COMMAND},
		{"STOR", RIGHT_put | RIGHT_overwrite | RIGHT_resume, COMMAND},
		{"STOU", RIGHT_put, COMMAND},
		{"APPE", RIGHT_append, COMMAND},
		{"DELE", RIGHT_delete, COMMAND},
		{"MKD", RIGHT_mkdir, COMMAND},
		{"XMKD", RIGHT_mkdir, COMMAND},
		{"RMD", RIGHT_rmdir, COMMAND},
		{"XRMD", RIGHT_rmdir, COMMAND},
		{"RNFR", RIGHT_rename, COMMAND},
		{"RNTO", RIGHT_rename, COMMAND},
		{"LIST", RIGHT_list, COMMAND},
		{"NLST", RIGHT_list, COMMAND},
		{"MLSD", RIGHT_list, COMMAND},
		{"SITE_CHMOD", RIGHT_chmod, COMMAND},
		{"MFMT", RIGHT_touch, COMMAND},
	};

	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		if (strcasecmp(subjects[i].name, name) == 0)
			return &subjects[i];
	}
	return NULL;
}

struct proftpd_limit proftpd_limit_begin(
	struct import *import, char *const *words, size_t count, struct origin origin)
{
	struct proftpd_limit limit = {0};
	size_t used = 0;

	for (size_t i = 0; i < count && used < sizeof(limit.what); i++)
		used += (size_t)snprintf(
			limit.what + used, sizeof(limit.what) - used, " %s", words[i]);
	for (size_t i = 0; i < count; i++) {
		const struct subject *subject = find_subject(words[i]);

		if (subject)
			limit.about[subject->rank] |= subject->rights;
		else
			complain(import->notes, origin,
				"<Limit %s>: there is no right for it alone", words[i]);
	}
	return limit;
}

/* ---- what it says ---- */

/* "from all", "all"; the word alone counts, for none other stands beside it. */
static bool is_word(char *const *words, size_t count, const char *word)
{
	size_t first = count > 1 && strcasecmp(words[1], "from") == 0 ? 2 : 1;

	return count == first + 1 && strcasecmp(words[first], word) == 0;
}

static void take_addresses(
	struct proftpd_limit *limit, bool allows, char *const *words, size_t count)
{
	if (is_word(words, count, "none"))
		limit->denies |= allows;
	else if (!is_word(words, count, "all"))
		limit->depends = true;
	else if (allows)
		limit->allows = true;
	else
		limit->denies = true;
}

/* "AllowUser", "DenyGroup" and the like. */
static bool is_about_people(const char *name)
{
	static const char *const ends[] = {"User", "Group", "Class"};
	size_t length = strlen(name);

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t end = strlen(ends[i]);

		if (length > end && strcasecmp(name + length - end, ends[i]) == 0)
			return true;
	}
	return false;
}

/* Order says which of two counts more; where there are two, it depends on who asks. */
void proftpd_limit_take(struct proftpd_limit *limit, struct import *import, char *const *words,
	size_t count, struct origin origin)
{
	if (strcasecmp(words[0], "AllowAll") == 0)
		limit->allows = true;
	else if (strcasecmp(words[0], "DenyAll") == 0)
		limit->denies = true;
	else if (strcasecmp(words[0], "Allow") == 0)
		take_addresses(limit, true, words, count);
	else if (strcasecmp(words[0], "Deny") == 0)
		take_addresses(limit, false, words, count);
	else if (is_about_people(words[0]))
		limit->depends = true;
	else if (strcasecmp(words[0], "Order") != 0)
		complain(import->notes, origin, "%s: there is nothing like it", words[0]);
}

void proftpd_limit_end(const struct proftpd_limit *limit, struct import *import,
	struct proftpd_place *place, struct origin origin)
{
	if (limit->depends)
		complain(import->notes, origin,
			"<Limit%s>: it depends on who asks, and is taken as DenyAll; %s",
			limit->what,
			limit->about[COMMAND] & PROFTPD_LOGIN
				? "who may log in is said by PAM (pam_listfile), or by the users "
				  "file; then let auth ask them"
				: "what an account may, and from where, is said by may= and from= "
				  "of "
				  "ftpool-users(5)");
	for (int rank = 0; rank < PROFTPD_RANKS; rank++) {
		if (limit->denies || limit->depends)
			place->taken[rank] |= limit->about[rank];
		else if (limit->allows)
			place->given[rank] |= limit->about[rank];
	}
}

/* A command that is named wins over its class, wherever either is said. */
uint32_t proftpd_may(const struct proftpd_place *const *places, size_t count)
{
	uint32_t may = RIGHTS_ALL | PROFTPD_LOGIN;

	for (int rank = 0; rank < PROFTPD_RANKS; rank++) {
		for (size_t i = 0; i < count; i++)
			may = (may | places[i]->given[rank]) & ~places[i]->taken[rank];
	}
	return may;
}

/* ---- rights ---- */

char *proftpd_words(uint32_t rights, char words[PROFTPD_WORDS])
{
	static const char *const names[] = {
#define RIGHT(name, help) #name,
#include "common/rights.def"
#undef RIGHT
	};
	size_t used = 0;

	words[0] = '\0';
	for (int i = 0; i < RIGHT_COUNT; i++) {
		if (rights & (uint32_t)(1 << i))
			used += (size_t)snprintf(words + used, PROFTPD_WORDS - used, "%s%s",
				used ? " " : "", names[i]);
	}
	return words;
}

static bool is_given(const struct import *import, const char *context, const char *name)
{
	char full[64];

	snprintf(full, sizeof(full), "%s%s", context, name);
	return import_is_on(import, full, import_is_on(import, name, false));
}

uint32_t proftpd_given(const struct import *import, const char *context, uint32_t rights)
{
	if (!is_given(import, context, "AllowOverwrite"))
		rights &= ~(uint32_t)RIGHT_overwrite;
	if (!is_given(import, context, "AllowStoreRestart"))
		rights &= ~(uint32_t)(RIGHT_resume | RIGHT_append);
	return rights;
}
