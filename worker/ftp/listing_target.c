#include "worker/ftp/listing_target.h"

#include "worker/ftp/listing_line.h"
#include "worker/ftp/wildcard.h"

#include <errno.h>
#include <string.h>

/* At most as long as a path may be. */
static int set_base(struct listing_target *target, const char *text, size_t length)
{
	if (length > VPATH_LONGEST)
		return -ENAMETOOLONG;
	memcpy(target->base, text, length);
	target->base[length] = '\0';
	target->base_length = length;
	return listing_line_holds(target->base) ? 0 : -EINVAL;
}

/* Without slashes at the end; "." for no path. */
static int set_base_as_asked(struct listing_target *target, const char *text)
{
	size_t length = strlen(text);

	while (length > 1 && text[length - 1] == '/')
		length--;
	return length > 0 ? set_base(target, text, length) : set_base(target, ".", 1);
}

static const char *last_component(const char *text)
{
	const char *slash = strrchr(text, '/');

	return slash ? slash + 1 : text;
}

static int find_pattern(struct listing_target *target, struct vpath *path, const struct vpath *from,
	const char *text)
{
	const char *pattern = last_component(text);
	size_t before = (size_t)(pattern - text);
	int error = set_base(target, text, before);

	if (error < 0)
		return error;
	if (strlen(pattern) > VPATH_NAME_LONGEST)
		return -ENAMETOOLONG;
	strcpy(target->pattern, pattern);
	target->prefixed = true;
	if (before > 0)
		return vpath_resolve(path, from, text, before);
	*path = *from;
	return 0;
}

static void become_directory(
	struct listing_target *target, enum listing_form form, const struct listing_argument *wish)
{
	target->prefixed =
		form == LISTING_NAMES && !wish->recursive && strcmp(target->base, ".") != 0;
	if (target->base[target->base_length - 1] != '/')
		strcpy(target->base + target->base_length++, "/");
}

static int resolve(struct vpath *path, const struct vpath *from, const char *text)
{
	*path = *from;
	return text[0] ? vpath_resolve(path, from, text, strlen(text)) : 0;
}

int listing_target_find(struct listing_target *target, struct vpath *path,
	const struct store *store, enum listing_form form, const struct vpath *from,
	const struct listing_argument *wish)
{
	int error = resolve(path, from, wish->path);

	*target = (struct listing_target){0};
	if (error == 0)
		error = store_look(store, path, &target->self);
	if (form == LISTING_FACTS)
		return error == 0 && !target->self.directory ? -ENOTDIR : error;
	if (error == -ENOENT && wildcard_is(last_component(wish->path)))
		return find_pattern(target, path, from, wish->path);
	if (error == 0)
		error = set_base_as_asked(target, wish->path);
	target->only_self = !target->self.directory || wish->itself;
	if (error == 0 && !target->only_self)
		become_directory(target, form, wish);
	return error;
}
