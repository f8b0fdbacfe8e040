#include "worker/store_change.h"

#include "common/rights.h"
#include "worker/partial_name.h"
#include "worker/store_place.h"
#include "worker/store_refusal.h"
#include "worker/store_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How far up ".." is followed at most: a path has no more components. */
enum { HIGHEST = VPATH_LONGEST / 2 };

/* What a link would say: so many ".." and then a path. */
struct relation {
	size_t ups;
	const char *rest; /* "" or "a/b" */
};

/* A partial must not be read, by whatever name. */
static bool names_a_partial(const struct vpath *path)
{
	char name[VPATH_NAME_LONGEST + 1];

	for (const char *at = path->text; *at;) {
		size_t length = strcspn(++at, "/");

		memcpy(name, at, length);
		name[length] = '\0';
		if (partial_name_is(name))
			return true;
		at += length;
	}
	return false;
}

static bool is_same(int one, int other)
{
	struct stat first, second;

	return fstat(one, &first) == 0 && fstat(other, &second) == 0 &&
	       first.st_ino == second.st_ino && first.st_dev == second.st_dev;
}

/* How many directories above the open one the root is. */
static int depth_of(int root, int directory)
{
	int here = openat(directory, ".", O_PATH | O_DIRECTORY | O_CLOEXEC), depth = 0;

	while (here >= 0 && !is_same(here, root)) {
		int above =
			depth < HIGHEST ? openat(here, "..", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;

		close(here);
		here = above;
		depth++;
	}
	if (here < 0)
		return -ENOENT; /* it was moved away meanwhile */
	close(here);
	return depth;
}

/* Without a link on the way to the directory its path says how the target is reached from it, and
 * what both have in common need not be said. */
static void relate_straight(
	struct relation *relation, const struct vpath *directory, const struct vpath *target)
{
	const char *from = directory->length > 1 ? directory->text : "";
	const char *to = target->length > 1 ? target->text : "";
	size_t common = 0;

	for (size_t i = 0;; i++) {
		bool from_ends = from[i] == '\0' || from[i] == '/';
		bool to_ends = to[i] == '\0' || to[i] == '/';

		if (from_ends && to_ends)
			common = i;
		if (from[i] != to[i] || from[i] == '\0')
			break;
	}
	relation->ups = 0;
	for (from += common; *from; from++)
		relation->ups += *from == '/';
	relation->rest = to[common] == '/' ? to + common + 1 : to + common;
}

static int write_relation(char text[VPATH_LONGEST + 1], const struct relation *relation)
{
	size_t length = 3 * relation->ups, rest = strlen(relation->rest);

	if (length + rest > VPATH_LONGEST)
		return -ENAMETOOLONG;
	for (size_t i = 0; i < length; i += 3)
		memcpy(text + i, "../", 3);
	memcpy(text + length, relation->rest, rest + 1);
	if (rest == 0)
		strcpy(length > 0 ? text + length - 1 : text, length > 0 ? "" : ".");
	return 0;
}

/* In a tree with zones *directory loses its links, so that its path says how the target is reached;
 * but no link leads from one root into another. */
static int find_ways(const struct store *store, struct vpath *directory, const struct vpath *target)
{
	int descriptor;

	if (!store->zones)
		return 0;
	descriptor = store_walk_open_real(store, directory, 0, O_PATH | O_DIRECTORY);
	if (descriptor < 0)
		return descriptor;
	close(descriptor);
	return store_walk_zone(store, directory).root == store_walk_zone(store, target).root
		       ? 0
		       : -EXDEV;
}

static int make_link(const struct store *store, const struct store_place *place,
	struct vpath *directory, const struct vpath *target)
{
	char text[VPATH_LONGEST + 1];
	struct relation relation;
	int error = find_ways(store, directory, target);

	if (error < 0)
		return error;
	if (store->zones || store_walk_is_straight(store, directory)) {
		relate_straight(&relation, directory, target);
	} else {
		int depth = depth_of(place->zone.root, place->directory);

		if (depth < 0)
			return depth;
		relation = (struct relation){
			.ups = (size_t)depth, .rest = target->length > 1 ? target->text + 1 : ""};
	}
	error = write_relation(text, &relation);
	return error < 0 ? error : store_place_make_link(place, text);
}

int store_make_link(const struct store *store, const char *target, size_t target_length,
	const struct vpath *path)
{
	struct vpath directory, wanted;
	struct store_place place;
	struct zone zone = store_walk_zone(store, path);
	int error = store_refusal_check(&zone, RIGHT_mkdir);

	vpath_parent(&directory, path);
	if (error == 0)
		error = vpath_resolve(&wanted, &directory, target, target_length);
	if (error == 0 && names_a_partial(&wanted))
		error = -EINVAL;
	if (error == 0)
		error = store_place_open(&place, store, path, RIGHT_mkdir);
	if (error != 0)
		return error == -EISDIR ? -EEXIST : error;
	error = make_link(store, &place, &directory, &wanted);
	store_place_close(&place);
	return error;
}
