#include "worker/zones.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct zones {
	size_t count;
	struct zone
		all[]; /* the longest path first, so that the first that fits is the innermost */
};

/* ---- where a path lies ---- */

static bool lies_in(const struct vpath *path, const struct zone *zone)
{
	return path->length >= zone->length && memcmp(path->text, zone->path, zone->length) == 0 &&
	       (path->text[zone->length] == '/' || path->text[zone->length] == '\0');
}

static bool begins_at_or_below(const struct zone *zone, const struct vpath *path)
{
	if (path->length == 1)
		return true;
	return zone->length >= path->length && memcmp(zone->path, path->text, path->length) == 0 &&
	       (zone->path[path->length] == '/' || zone->path[path->length] == '\0');
}

const struct zone *zones_find(const struct zones *zones, const struct vpath *path)
{
	for (size_t i = 0; zones && i < zones->count; i++) {
		if (lies_in(path, &zones->all[i]))
			return &zones->all[i];
	}
	return NULL;
}

bool zones_hold(const struct zones *zones, const struct vpath *path)
{
	for (size_t i = 0; zones && i < zones->count; i++) {
		if (begins_at_or_below(&zones->all[i], path))
			return true;
	}
	return false;
}

const struct zone *zones_mount_at_or_below(const struct zones *zones, const struct vpath *path)
{
	for (size_t i = 0; zones && i < zones->count; i++) {
		if (zones->all[i].mount && begins_at_or_below(&zones->all[i], path))
			return &zones->all[i];
	}
	return NULL;
}

const struct zone *zones_mount_below(const struct zones *zones, const struct vpath *path)
{
	const struct zone *first = zones_mount_at_or_below(zones, path);

	/* The longest comes first: when that is the path itself, nothing lies below. */
	return first && first->length > path->length ? first : NULL;
}

/* ---- names ---- */

/* The component of the zone's path that stands in the directory; *length is its. */
static const char *component_in(
	const struct zone *zone, const struct vpath *directory, size_t *length)
{
	const char *name = zone->path + (directory->length > 1 ? directory->length : 0) + 1;

	*length = strcspn(name, "/");
	return name;
}

static bool leads_into(const struct zone *zone, const struct vpath *directory)
{
	return zone->mount && zone->length > directory->length &&
	       begins_at_or_below(zone, directory);
}

/* Did one before it have the same name there? */
static bool is_repeated(const struct zones *zones, size_t at, const struct vpath *directory)
{
	size_t length, other_length;
	const char *name = component_in(&zones->all[at], directory, &length);

	for (size_t i = 0; i < at; i++) {
		const char *other;

		if (!leads_into(&zones->all[i], directory))
			continue;
		other = component_in(&zones->all[i], directory, &other_length);
		if (other_length == length && memcmp(other, name, length) == 0)
			return true;
	}
	return false;
}

bool zones_next_name(const struct zones *zones, const struct vpath *directory, size_t *position,
	char name[VPATH_NAME_LONGEST + 1])
{
	while (zones && *position < zones->count) {
		size_t at = (*position)++, length;
		const char *found;

		if (!leads_into(&zones->all[at], directory) || is_repeated(zones, at, directory))
			continue;
		found = component_in(&zones->all[at], directory, &length);
		if (length > VPATH_NAME_LONGEST)
			continue;
		memcpy(name, found, length);
		name[length] = '\0';
		return true;
	}
	return false;
}

/* ---- making ---- */

static struct zone *zone_at(struct zones *zones, const char *path)
{
	for (size_t i = 0; i < zones->count; i++) {
		if (strcmp(zones->all[i].path, path) == 0)
			return &zones->all[i];
	}
	return NULL;
}

static int add(struct zones *zones, const struct zone_wish *wish)
{
	struct zone *zone = zone_at(zones, wish->path);
	char *path = zone ? NULL : strdup(wish->path);

	if (!zone && !path)
		return -ENOMEM;
	if (!zone) {
		zone = &zones->all[zones->count++];
		*zone = (struct zone){.path = path, .length = strlen(path), .root = ZONE_NO_ROOT};
	}
	zone->may = wish->may;
	if (wish->root != ZONE_NO_ROOT) {
		zone->mount = true;
		zone->root = wish->root;
		zone->root_length = zone->length;
	}
	return 0;
}

static int by_length(const void *a, const void *b)
{
	const struct zone *one = a, *other = b;

	if (one->length != other->length)
		return one->length > other->length ? -1 : 1;
	return strcmp(one->path, other->path);
}

/* What is no mount lies in the root of the mount around it. */
static void find_roots(struct zones *zones)
{
	for (size_t i = zones->count; i-- > 0;) {
		struct zone *zone = &zones->all[i];

		for (size_t j = i + 1; j < zones->count && !zone->mount; j++) {
			const struct zone *outer = &zones->all[j];

			if (strncmp(zone->path, outer->path, outer->length) != 0 ||
				zone->path[outer->length] != '/')
				continue;
			zone->root = outer->root;
			zone->root_length = outer->root_length;
			break;
		}
	}
}

int zones_make(struct zones **zones, const struct zone_wish *wishes, size_t count)
{
	struct zones *made;
	int error = 0;

	*zones = NULL;
	if (count == 0)
		return 0;
	made = calloc(1, sizeof(*made) + count * sizeof(made->all[0]));
	if (!made)
		return -ENOMEM;
	for (size_t i = 0; i < count && error == 0; i++)
		error = add(made, &wishes[i]);
	if (error < 0) {
		zones_free(made);
		return error;
	}
	qsort(made->all, made->count, sizeof(made->all[0]), by_length);
	find_roots(made);
	*zones = made;
	return 0;
}

void zones_free(struct zones *zones)
{
	for (size_t i = 0; zones && i < zones->count; i++)
		free((char *)(uintptr_t)zones->all[i].path);
	free(zones);
}
