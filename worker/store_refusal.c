#include "worker/store_refusal.h"

#include "common/rights.h"

#include <stdio.h>

/* Static storage of each thread: `where` is only read by who got the error, while the account is
 * still there. */
static _Thread_local struct {
	uint32_t missing;
	const char *where;
	const char *words; /* of what no right would change, */
	int error;         /* and the error that they are about */
} last;

static const char *const names[] = {
#define RIGHT(name, help) #name,
#include "common/rights.def"
#undef RIGHT
};

int store_refusal_lack(const struct zone *zone, uint32_t missing)
{
	last.missing = missing;
	last.words = NULL;
	last.where = zone->path;
	return -EPERM;
}

int store_refusal_check(const struct zone *zone, uint32_t needed)
{
	last.missing = 0;
	last.words = NULL;
	return rights_check(zone->may, needed) == 0 ? 0
						    : store_refusal_lack(zone, needed & ~zone->may);
}

int store_refusal_check_any(const struct zone *zone, uint32_t needed)
{
	return store_refusal_check(zone, zone->may & needed ? 0 : needed & -needed);
}

int store_refusal_exists(const struct zone *zone)
{
	(void)store_refusal_lack(zone, RIGHT_overwrite);
	return -EEXIST;
}

static int refuse(int error, const char *words)
{
	last.missing = 0;
	last.words = words;
	last.error = error;
	return error;
}

int store_refusal_fixed(void)
{
	return refuse(-EPERM, "the server's configuration has put that there, and it stays");
}

int store_refusal_root(void)
{
	return refuse(-EACCES, "that is the root, and it stays as it is");
}

int store_refusal_kind(void)
{
	return refuse(-EACCES, "neither a file nor a directory; nothing else is served");
}

static void write_missing(char text[STORE_REFUSAL_TEXT], const char *before)
{
	size_t used = (size_t)snprintf(text, STORE_REFUSAL_TEXT, "%sthis account may not", before);

	for (size_t i = 0, told = 0; i < RIGHT_COUNT; i++) {
		if (last.missing >> i & 1)
			used += (size_t)snprintf(text + used, STORE_REFUSAL_TEXT - used, "%s %s",
				told++ > 0 ? "," : "", names[i]);
	}
	/* Cut if it has to be. */
	(void)snprintf(text + used, STORE_REFUSAL_TEXT - used, " in %s", last.where);
}

const char *store_refusal_text(int error, char text[STORE_REFUSAL_TEXT])
{
	if (last.words && error == last.error)
		return last.words;
	if ((error != -EPERM && error != -EEXIST) || last.missing == 0)
		return NULL;
	write_missing(text, error == -EEXIST ? "exists already, and " : "");
	return text;
}
