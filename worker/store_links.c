#include "worker/store_links.h"

#include "worker/store_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { LINKS_MOST = 40 }; /* as the kernel */

struct following {
	const struct store *store;
	struct vpath *real;           /* the way so far, without links */
	size_t ceiling;               /* how long the path of the root is that ".." stays in */
	unsigned int links;           /* followed so far */
	char rest[VPATH_LONGEST + 1]; /* still to go: "a/../b" */
};

static void go_to_root(struct vpath *real, const char *path, size_t length)
{
	if (length == 0)
		vpath_root(real);
	else
		(void)vpath_resolve(real, NULL, path, length);
}

/* Reads the link that stands there. Its length; 0: there is none. */
static size_t read_link(const struct zone *zone, const struct vpath *path, char *target)
{
	int descriptor = store_walk_open_itself(zone, path, 0);
	ssize_t length;

	if (descriptor < 0)
		return 0;
	length = readlinkat(descriptor, "", target, VPATH_LONGEST + 1);
	close(descriptor);
	return length > 0 ? (size_t)length : 0;
}

/* What the link says comes before the rest of the way. */
static int go_by(struct following *to, const char *target, size_t length, const char *rest)
{
	size_t left = strlen(rest);

	if (++to->links > LINKS_MOST)
		return -ELOOP;
	if (length + 1 + left > VPATH_LONGEST)
		return -ENAMETOOLONG;
	memmove(to->rest + length + 1, rest, left + 1);
	memcpy(to->rest, target, length);
	to->rest[length] = '/';
	return 0;
}

/* One name further. `rest` is what follows it. */
static int go_down(struct following *to, const char *name, size_t length, const char *rest)
{
	char target[VPATH_LONGEST + 1];
	struct zone zone;
	size_t target_length;
	int error = vpath_resolve(to->real, to->real, name, length);

	if (error < 0)
		return error;
	zone = store_walk_zone(to->store, to->real);
	target_length = read_link(&zone, to->real, target);
	if (target_length == 0) {
		memmove(to->rest, rest, strlen(rest) + 1);
		return 0;
	}
	error = go_by(to, target, target_length, rest);
	if (target[0] == '/')
		go_to_root(to->real, zone.path, zone.root_length);
	else
		vpath_parent(to->real, to->real);
	to->ceiling = zone.root_length;
	return error;
}

/* "." and "..": of a directory, not of a file or of nothing. */
static int go_by_dots(struct following *to, size_t dots)
{
	struct zone zone = store_walk_zone(to->store, to->real);
	int descriptor = store_walk_open_itself(&zone, to->real, O_DIRECTORY);

	if (descriptor < 0)
		return descriptor;
	close(descriptor);
	if (dots == 2 && to->real->length > to->ceiling)
		vpath_parent(to->real, to->real);
	return 0;
}

static int go(struct following *to)
{
	const char *name = to->rest + strspn(to->rest, "/");
	size_t length = strcspn(name, "/");
	const char *rest = name + length;

	if (length == 0) {
		to->rest[0] = '\0';
		return 0;
	}
	if (name[0] != '.' || length > 2 || name[length - 1] != '.')
		return go_down(to, name, length, rest);
	memmove(to->rest, rest, strlen(rest) + 1);
	return go_by_dots(to, length);
}

int store_links_follow(const struct store *store, struct vpath *path)
{
	struct zone zone = store_walk_zone(store, path);
	struct following to = {.store = store, .real = path, .ceiling = zone.root_length};
	int error = 0;

	strcpy(to.rest, path->text + zone.root_length);
	go_to_root(path, zone.path, zone.root_length);
	while (error == 0 && to.rest[0] != '\0')
		error = go(&to);
	return error;
}
