#include "worker/ftp/listing.h"

#include "common/clock.h"
#include "worker/ftp/listing_line.h"
#include "worker/ftp/listing_output.h"
#include "worker/ftp/listing_target.h"
#include "worker/ftp/wildcard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An open directory, and how long `base` is for the one above it. */
struct level {
	struct level *above;
	size_t above_length;
	struct store_listing directory;
};

struct listing {
	const struct store *store;
	struct listing_argument wish; /* its path is the caller's: not used after listing_open */
	struct listing_output output;
	uint64_t left_out;

	struct listing_target target; /* base and its length are those of the innermost level */
	struct level *level;          /* the innermost */
	unsigned int depth;           /* levels above it */
	int cut; /* why something is missing: it lay too deep (-ELOOP), or the disk failed */
};

/* ---- the beginning ---- */

static int push_level(struct listing *listing, const struct vpath *path)
{
	struct level *level = malloc(sizeof(*level));
	int error;

	if (!level)
		return -ENOMEM;
	error = store_list(&level->directory, listing->store, path);
	if (error < 0) {
		free(level);
		return error;
	}
	level->above_length = listing->target.base_length;
	level->above = listing->level;
	listing->depth += level->above != NULL;
	listing->level = level;
	return 0;
}

static void pop_level(struct listing *listing)
{
	struct level *level = listing->level;

	listing->level = level->above;
	listing->depth -= level->above != NULL;
	store_list_close(&level->directory);
	free(level);
}

static bool is_wanted(const struct listing *listing, const char *name)
{
	if (listing->target.pattern[0] != '\0' && listing->depth == 0)
		return wildcard_match(listing->target.pattern, name);
	return name[0] != '.' || listing->wish.all || listing->output.form == LISTING_FACTS;
}

static bool is_surely_served(const struct store_entry *entry)
{
	return entry->kind == STORE_FILE || entry->kind == STORE_DIRECTORY;
}

/* Is there anything that fits? */
static int find_match(struct listing *listing)
{
	struct store_listing *directory = &listing->level->directory;
	struct store_entry entry;
	int got;

	while ((got = store_list_name(directory, &entry)) > 0)
		if (is_wanted(listing, entry.name) &&
			(is_surely_served(&entry) || store_list_look(directory, &entry) == 0))
			break;
	store_list_rewind(directory);
	return got > 0 ? 0 : got < 0 ? got : -ENOENT;
}

static int open_target(struct listing *listing, const struct vpath *from)
{
	struct vpath path;
	int error = listing_target_find(&listing->target, &path, listing->store,
		listing->output.form, from, &listing->wish);

	if (error == 0 && !listing->target.only_self)
		error = push_level(listing, &path);
	if (error == 0 && listing->target.pattern[0] != '\0')
		error = find_match(listing);
	return error;
}

int listing_open(struct listing **listing, const struct store *store, enum listing_form form,
	const struct vpath *from, const char *argument, uint32_t facts)
{
	struct listing *new = calloc(1, sizeof(*new));
	int error;

	if (!new)
		return -ENOMEM;
	new->store = store;
	new->output.form = form;
	new->output.facts = facts;
	new->output.now = clock_unix_seconds();
	if (form == LISTING_FACTS)
		new->wish.path = argument;
	else
		listing_argument_read(&new->wish, argument);
	if (form == LISTING_NAMES && new->wish.lines)
		new->output.form = LISTING_LONG;
	new->output.sort = new->wish.sort;
	new->output.reverse = new->wish.reverse;
	error = open_target(new, from);
	if (error < 0) {
		listing_close(new);
		return error;
	}
	*listing = new;
	return 0;
}

bool listing_is_of_file(const struct listing *listing)
{
	return listing->target.only_self && !listing->target.self.directory;
}

uint64_t listing_left_out(const struct listing *listing)
{
	return listing->left_out;
}

void listing_close(struct listing *listing)
{
	while (listing->level)
		pop_level(listing);
	free(listing);
}

/* ---- the walk ---- */

/* Then there is nothing for this client, and it would be told so if it asked for it. */
static bool is_out_of_reach(int error)
{
	return error == -EACCES || error == -EPERM || error == -ENOENT || error == -ENOTDIR ||
	       error == -ELOOP || error == -ENAMETOOLONG || error == -EXDEV;
}

/* The rest is listed; but that something else is missing has to be said at the end. */
static int pass_over(struct listing *listing, int error)
{
	if (!is_out_of_reach(error))
		listing->cut = error;
	return 0;
}

/* Does the disk have to be asked about each name? */
static bool needs_look(const struct listing *listing, const struct store_entry *entry)
{
	return listing->output.form != LISTING_NAMES || listing->wish.sort == LISTING_BY_TIME ||
	       listing->wish.sort == LISTING_BY_SIZE || !is_surely_served(entry);
}

static int write_entry(struct listing *listing, struct store_entry *entry)
{
	const char *prefix =
		listing->target.prefixed && listing->depth == 0 ? listing->target.base : "";
	int error = 0;

	if (!is_wanted(listing, entry->name))
		return 0;
	if (needs_look(listing, entry))
		error = store_list_look(&listing->level->directory, entry);
	if (error < 0)
		return pass_over(listing, error);
	if (!listing_line_holds(entry->name)) {
		listing->left_out++;
		return 0;
	}
	return listing_output_line(
		&listing->output, prefix, entry->name, &entry->file, FACTS_CHILD);
}

/* "dir/" is headed "dir:", and "/" "/:". */
static int write_heading(struct listing *listing)
{
	size_t length = listing->target.base_length;

	if (length == 0 || !listing->wish.recursive ||
		(listing->depth == 0 && listing->target.pattern[0]))
		return 0;
	return listing_output_heading(
		&listing->output, listing->target.base, length - (length > 1));
}

/* The innermost directory. */
static int write_directory(struct listing *listing)
{
	struct store_entry entry = {0};
	int error = write_heading(listing);
	int got = 0;

	listing_output_gather(&listing->output);
	while (error == 0 && (got = store_list_name(&listing->level->directory, &entry)) > 0)
		error = write_entry(listing, &entry);
	if (error == 0)
		error = listing_output_gathered(&listing->output);
	if (listing->wish.recursive)
		store_list_rewind(&listing->level->directory);
	return error < 0 ? error : got;
}

/* A second pass over the directory takes less memory than to remember which names to go into. */
static int next_directory(struct listing *listing, struct store_entry *entry)
{
	struct store_listing *directory = &listing->level->directory;
	int got;

	while ((got = store_list_name(directory, entry)) > 0) {
		if (!is_wanted(listing, entry->name) || !listing_line_holds(entry->name))
			continue;
		if (entry->kind == STORE_UNKNOWN && store_list_look(directory, entry) < 0)
			continue;
		if (entry->kind == STORE_DIRECTORY)
			break;
	}
	return got;
}

static void leave_directory(struct listing *listing)
{
	listing->target.base_length = listing->level->above_length;
	listing->target.base[listing->target.base_length] = '\0';
	pop_level(listing);
}

/* Links are not followed, so it ends; those too deep and those with too long a path are not gone
 * into. 1 when gone into. */
static int enter_directory(struct listing *listing, const char *name)
{
	struct listing_target *target = &listing->target;
	size_t length = strlen(name);
	struct vpath path;
	int error = vpath_resolve(&path, &listing->level->directory.directory, name, length);

	if (listing->depth == LISTING_DEEPEST || target->base_length + length > VPATH_LONGEST)
		error = -ELOOP;
	if (error < 0) {
		listing->cut = -ELOOP;
		return 0;
	}
	error = push_level(listing, &path);
	if (error < 0)
		return pass_over(listing, error);
	memcpy(target->base + target->base_length, name, length);
	target->base_length += length;
	strcpy(target->base + target->base_length++, "/");
	return 1;
}

/* What is below the first directory, depth first. */
static int write_tree(struct listing *listing)
{
	struct store_entry entry;
	int result = 0;

	while (listing->level && result >= 0) {
		result = next_directory(listing, &entry);
		if (result == 0)
			leave_directory(listing);
		if (result > 0)
			result = enter_directory(listing, entry.name);
		if (result > 0)
			result = write_directory(listing);
	}
	return result;
}

/* MLSD begins with the directory and the one above it (RFC 3659 7.5.1). */
static int write_dots(struct listing *listing)
{
	const struct vpath *path = &listing->level->directory.directory;
	struct listing_output *output = &listing->output;
	struct vpath above;
	struct store_file file;
	int error = listing_output_line(output, "", ".", &listing->target.self, FACTS_SELF);

	vpath_parent(&above, path);
	if (error < 0 || path->length == 1 || store_look(listing->store, &above, &file) < 0)
		return error;
	return listing_output_line(output, "", "..", &file, FACTS_PARENT);
}

static int write_all(struct listing *listing)
{
	int error = 0;

	if (listing->target.only_self)
		return listing_output_line(&listing->output, "", listing->target.base,
			&listing->target.self, FACTS_SELF);
	if (listing->output.form == LISTING_FACTS)
		error = write_dots(listing);
	if (error == 0)
		error = write_directory(listing);
	if (error == 0 && listing->wish.recursive)
		error = write_tree(listing);
	return error;
}

int listing_run(struct listing *listing, struct listing_sink *sink)
{
	int error = listing_output_open(&listing->output, sink);

	if (error == 0)
		error = write_all(listing);
	if (error == 0)
		error = listing_output_end(&listing->output);
	listing_output_close(&listing->output);
	return error < 0 ? error : listing->cut;
}
