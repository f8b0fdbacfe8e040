#include "worker/vpath.h"

#include <errno.h>
#include <string.h>

void vpath_root(struct vpath *path)
{
	path->length = 1;
	memcpy(path->text, "/", 2);
}

static void go_up(struct vpath *path)
{
	while (path->length > 1 && path->text[--path->length] != '/')
		;
	path->text[path->length] = '\0';
}

static int go_down(struct vpath *path, const char *name, size_t length)
{
	size_t slash = path->length > 1;

	if (length > VPATH_NAME_LONGEST || path->length + slash + length > VPATH_LONGEST)
		return -ENAMETOOLONG;
	if (slash)
		path->text[path->length++] = '/';
	memcpy(path->text + path->length, name, length);
	path->length += length;
	path->text[path->length] = '\0';
	return 0;
}

static int step(struct vpath *path, const char *name, size_t length)
{
	if (length == 0 || (length == 1 && name[0] == '.'))
		return 0;
	if (length == 2 && name[0] == '.' && name[1] == '.') {
		go_up(path);
		return 0;
	}
	return go_down(path, name, length);
}

int vpath_resolve(struct vpath *path, const struct vpath *base, const char *bytes, size_t length)
{
	const char *end = bytes + length;

	if (length == 0 || memchr(bytes, '\0', length))
		return -EINVAL;
	if (!base || bytes[0] == '/')
		vpath_root(path);
	else if (path != base)
		*path = *base;
	while (bytes < end) {
		const char *slash = memchr(bytes, '/', (size_t)(end - bytes));
		const char *stop = slash ? slash : end;
		int error = step(path, bytes, (size_t)(stop - bytes));

		if (error < 0)
			return error;
		bytes = slash ? slash + 1 : end;
	}
	return 0;
}

const char *vpath_name(const struct vpath *path)
{
	return strrchr(path->text, '/') + 1;
}

void vpath_parent(struct vpath *parent, const struct vpath *path)
{
	if (parent != path)
		*parent = *path;
	go_up(parent);
}

const char *vpath_relative(const struct vpath *path)
{
	return path->length > 1 ? path->text + 1 : ".";
}
