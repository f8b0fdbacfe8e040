#include "worker/partial_name.h"

#include "worker/vpath.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char partial_suffix[] = ".partial";

/* FNV-1a; two names that agree in their first bytes and in this would share a partial, and the
 * second writer would be told that the first is busy. */
static uint64_t hash_of(const char *name)
{
	uint64_t hash = 14695981039346656037ull;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 1099511628211ull;
	return hash;
}

void partial_name_make(char partial[PARTIAL_NAME], const char *name, const char *tag)
{
	size_t fixed = 1 + strlen(tag) + strlen(partial_suffix);
	size_t room = fixed < VPATH_NAME_LONGEST ? VPATH_NAME_LONGEST - fixed : 0;
	size_t length = strlen(name);
	char hash[20] = "";

	if (length > room) {
		snprintf(hash, sizeof(hash), "~%016jx", (uintmax_t)hash_of(name));
		length = room - strlen(hash);
	}
	partial[0] = '.';
	memcpy(partial + 1, name, length);
	snprintf(partial + 1 + length, PARTIAL_NAME - 1 - length, "%s%s%s", hash, tag,
		partial_suffix);
}

void partial_name_make_private(char partial[PARTIAL_NAME], const char *name, unsigned int number)
{
	char tag[16], own[PARTIAL_NAME];

	snprintf(tag, sizeof(tag), ".%u", number);
	partial_name_make(own, name, tag);
	partial_name_make(partial, own, "");
}

bool partial_name_is(const char *name)
{
	size_t length = strlen(name), suffix = sizeof(partial_suffix) - 1;

	return name[0] == '.' && length > suffix &&
	       memcmp(name + length - suffix, partial_suffix, suffix) == 0;
}
