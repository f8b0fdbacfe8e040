#include "common/user_rights.h"

#include "common/user_words.h"

#include <stdlib.h>
#include <string.h>

static const char prefix[] = "may:";
enum { PREFIX = sizeof(prefix) - 1 };

bool user_rights_is_key(const char *key)
{
	return strncmp(key, prefix, PREFIX) == 0;
}

/* The key may have its value behind it. */
bool user_rights_has(const struct user *user, const char *key)
{
	char path[RIGHTS_AT_BYTES];
	size_t length = strcspn(key + PREFIX, "=");

	if (!user->at || length >= sizeof(path))
		return false;
	memcpy(path, key + PREFIX, length);
	path[length] = '\0';
	return rights_at_has(user->at, path);
}

static bool set(struct user *user, const char *path, uint32_t may)
{
	if (!user->at)
		user->at = calloc(1, sizeof(*user->at));
	return user->at && rights_at_set(user->at, path, may) == 0;
}

bool user_rights_take(struct user *user, const char *key, char *value, struct origin origin,
	struct complaints *complaints)
{
	const char *path = key + PREFIX, *unknown = NULL;
	uint32_t may = 0;

	if (!rights_at_path_is_sound(path) || strchr(path, '"')) {
		complain(complaints, origin,
			"%s: that is no path of a directory below the root; one such as /incoming "
			"is right",
			key);
		return false;
	}
	if (value[0] == '\0') {
		if (user->at)
			(void)rights_at_remove(user->at, path);
		return true;
	}
	if (strcmp(value, "none") != 0)
		unknown = user_words_read(USER_RIGHTS, value, &may);
	if (unknown)
		complain(complaints, origin,
			"%s: \"%s\" is no choice; ftpool-users(5) lists all there are", key,
			unknown);
	else if (!set(user, path, may))
		complain(complaints, origin, "%s: an account has room for %d bytes of such paths",
			key, RIGHTS_AT_BYTES);
	else
		return true;
	return false;
}

void user_rights_print(FILE *out, const struct user *user)
{
	size_t offset = 0;
	const char *path;
	uint32_t may;

	while (user->at && rights_at_next(user->at, &offset, &path, &may)) {
		const char *quote = strchr(path, ' ') ? "\"" : "";

		fprintf(out, " %smay:%s=", quote, path);
		if (may == 0)
			fputs("none", out);
		user_words_print(out, USER_RIGHTS, may);
		fputs(quote, out);
	}
}
