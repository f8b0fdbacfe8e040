#include "common/rights_at.h"

#include "common/rights.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

enum { NAME_LONGEST = 255 };

static bool is_sound_name(const char *name, size_t length)
{
	if (length == 0 || length > NAME_LONGEST)
		return false;
	for (size_t i = 0; i < length; i++) {
		if (iscntrl((unsigned char)name[i]))
			return false;
	}
	return name[0] != '.' || length > 2 || name[length - 1] != '.';
}

bool rights_at_path_is_sound(const char *path)
{
	if (path[0] != '/' || strlen(path) + 1 + sizeof(uint32_t) > RIGHTS_AT_BYTES)
		return false;
	while (*path) {
		size_t length = strcspn(path + 1, "/");

		if (!is_sound_name(path + 1, length))
			return false;
		path += 1 + length;
	}
	return true;
}

bool rights_at_next(const struct rights_at *at, size_t *offset, const char **path, uint32_t *may)
{
	if (*offset >= at->size)
		return false;
	*path = at->bytes + *offset;
	*offset += strlen(*path) + 1;
	memcpy(may, at->bytes + *offset, sizeof(*may));
	*offset += sizeof(*may);
	return true;
}

/* Where the path stands, with its rights, up to *end; the size: nowhere. */
static size_t find(const struct rights_at *at, const char *path, size_t *end)
{
	size_t start = 0;
	const char *there;
	uint32_t may;

	*end = 0;
	while (rights_at_next(at, end, &there, &may)) {
		if (strcmp(there, path) == 0)
			return start;
		start = *end;
	}
	return at->size;
}

bool rights_at_has(const struct rights_at *at, const char *path)
{
	size_t end;

	return find(at, path, &end) < at->size;
}

bool rights_at_remove(struct rights_at *at, const char *path)
{
	size_t end, start = find(at, path, &end);

	if (start == at->size)
		return false;
	memmove(at->bytes + start, at->bytes + end, at->size - end);
	at->size -= (uint32_t)(end - start);
	return true;
}

int rights_at_set(struct rights_at *at, const char *path, uint32_t may)
{
	size_t length = strlen(path) + 1;

	(void)rights_at_remove(at, path);
	if (length + sizeof(may) > sizeof(at->bytes) - at->size)
		return -ENOSPC;
	memcpy(at->bytes + at->size, path, length);
	memcpy(at->bytes + at->size + length, &may, sizeof(may));
	at->size += (uint32_t)(length + sizeof(may));
	return 0;
}

bool rights_at_is_sound(const struct rights_at *at)
{
	size_t offset = 0;

	if (at->size > sizeof(at->bytes))
		return false;
	while (offset < at->size) {
		const char *path = at->bytes + offset;
		const char *end = memchr(path, '\0', at->size - offset);
		uint32_t may;

		if (!end || at->size - offset < (size_t)(end - path) + 1 + sizeof(may) ||
			!rights_at_path_is_sound(path))
			return false;
		memcpy(&may, end + 1, sizeof(may));
		if (may & ~(uint32_t)RIGHTS_ALL)
			return false;
		offset += (size_t)(end - path) + 1 + sizeof(may);
	}
	return true;
}
