#include "common/argon2_form.h"

#include <stdio.h>
#include <string.h>

/* A lane more would take a thread more. Of more memory a few logins at a time would take all. */
enum { MEMORY_MOST_KIB = 1 << 20, TIMES_MOST = 1 << 16, SALT_LEAST = 11, HASH_LEAST = 16 };

static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

bool argon2_form_is_hash(const char *text)
{
	unsigned int version, memory, times, lanes;
	char kind[3];
	int end = 0;
	size_t salt;

	if (sscanf(text, "$argon2%2[id]$v=%2u$m=%7u,t=%5u,p=%2u$%n", kind, &version, &memory,
		    &times, &lanes, &end) != 5 ||
		end == 0)
		return false;
	if ((strcmp(kind, "id") != 0 && strcmp(kind, "i") != 0) || version != 19 || lanes != 1 ||
		memory > MEMORY_MOST_KIB || times == 0 || times > TIMES_MOST)
		return false;
	text += end;
	salt = strspn(text, base64);
	if (salt < SALT_LEAST || text[salt] != '$')
		return false;
	text += salt + 1;
	return strlen(text) >= HASH_LEAST && strspn(text, base64) == strlen(text);
}
