#include "worker/store.h"

#include "common/rights.h"
#include "worker/partial_name.h"
#include "worker/store_facts.h"
#include "worker/store_refusal.h"
#include "worker/store_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the disk has in it; nothing, for a directory that is there for a mount's sake alone. */
static int open_stream(struct store_listing *listing)
{
	int descriptor = store_walk_open_real(
		listing->store, &listing->directory, RIGHT_list, O_RDONLY | O_DIRECTORY);
	bool missing = descriptor == -ENOENT || descriptor == -ENOTDIR;
	int error;

	if (missing && zones_mount_below(listing->store->zones, &listing->directory))
		return 0;
	if (descriptor < 0)
		return descriptor;
	listing->stream = fdopendir(descriptor);
	if (listing->stream)
		return 0;
	error = errno;
	close(descriptor);
	return -error;
}

int store_list(struct store_listing *listing, const struct store *store, const struct vpath *path)
{
	int error;

	listing->store = store;
	listing->directory = *path;
	listing->stream = NULL;
	listing->mounts = 0;
	error = open_stream(listing);
	if (error < 0)
		return error;
	listing->may = store_walk_zone(store, &listing->directory).may;
	listing->has_zones = zones_hold(store->zones, &listing->directory);
	return 0;
}

static int path_of(const struct store_listing *listing, const char *name, struct vpath *path)
{
	return vpath_resolve(path, &listing->directory, name, strlen(name));
}

/* Is it the name of a mount, or of a directory above one, which is told in its own turn? */
static bool is_mount(const struct store_listing *listing, const char *name)
{
	struct vpath path;

	return listing->has_zones && path_of(listing, name, &path) == 0 &&
	       zones_mount_at_or_below(listing->store->zones, &path);
}

static uint32_t may_of(const struct store_listing *listing, const char *name)
{
	struct vpath path;

	if (!listing->has_zones || path_of(listing, name, &path) < 0)
		return listing->may;
	return store_walk_may(listing->store, &path);
}

/* A link is followed by the store's own rules, so that it tells nothing of what lies outside. */
static int look_at_link(
	const struct store_listing *listing, const char *name, struct store_file *file)
{
	struct vpath path;
	int error = path_of(listing, name, &path);

	return error < 0 ? error : store_look(listing->store, &path, file);
}

/* It is there whatever may be done with it. */
static int look_at_mount(const struct store_listing *listing, struct store_entry *entry)
{
	struct vpath path;
	int error = path_of(listing, entry->name, &path);

	return error < 0 ? error : store_look_for(listing->store, &path, 0, &entry->file);
}

int store_list_look(const struct store_listing *listing, struct store_entry *entry)
{
	struct stat status;
	int error;

	if (entry->name == listing->mount)
		return look_at_mount(listing, entry);
	if (fstatat(dirfd(listing->stream), entry->name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	entry->kind = S_ISLNK(status.st_mode)   ? STORE_LINK
		      : S_ISDIR(status.st_mode) ? STORE_DIRECTORY
						: STORE_FILE;
	if (entry->kind == STORE_LINK)
		return look_at_link(listing, entry->name, &entry->file);
	error = store_facts_take(&entry->file, &status);
	if (error == 0)
		entry->file.may = may_of(listing, entry->name);
	return error;
}

static bool is_hidden(const char *name)
{
	return name[0] == '.' &&
	       (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || partial_name_is(name));
}

/* Is it a kind that may be served? */
static bool take_kind(enum store_kind *kind, unsigned char type)
{
	*kind = type == DT_REG   ? STORE_FILE
		: type == DT_DIR ? STORE_DIRECTORY
		: type == DT_LNK ? STORE_LINK
				 : STORE_UNKNOWN;
	return *kind != STORE_UNKNOWN || type == DT_UNKNOWN;
}

/* Mounts come last. */
static int next_mount(struct store_listing *listing, struct store_entry *entry)
{
	if (!zones_next_name(
		    listing->store->zones, &listing->directory, &listing->mounts, listing->mount))
		return 0;
	entry->name = listing->mount;
	entry->kind = STORE_DIRECTORY;
	return 1;
}

int store_list_name(struct store_listing *listing, struct store_entry *entry)
{
	const struct dirent *found;

	do {
		errno = 0;
		found = listing->stream ? readdir(listing->stream) : NULL;
		if (!found)
			return errno ? -errno : next_mount(listing, entry);
	} while (is_hidden(found->d_name) || !take_kind(&entry->kind, found->d_type) ||
		 is_mount(listing, found->d_name));
	entry->name = found->d_name;
	return 1;
}

int store_list_next(struct store_listing *listing, struct store_entry *entry)
{
	int got;

	while ((got = store_list_name(listing, entry)) > 0)
		if (store_list_look(listing, entry) == 0)
			break;
	return got;
}

void store_list_rewind(struct store_listing *listing)
{
	listing->mounts = 0;
	if (listing->stream)
		rewinddir(listing->stream);
}

void store_list_close(struct store_listing *listing)
{
	if (listing->stream)
		closedir(listing->stream);
	listing->stream = NULL;
}
