/* Any bytes as a client's path, seen from any directory (what stands before the first LF): what
 * resolves is absolute and in normal form, and stays so when resolved again. */
#include "tests/fuzz/fuzz.h"

#include "worker/vpath.h"

#include <assert.h>
#include <string.h>

static void assert_normal(const struct vpath *path)
{
	const char *at = path->text;

	assert(strlen(path->text) == path->length && path->length <= VPATH_LONGEST);
	assert(*at == '/');
	while (*at && path->length > 1) {
		size_t length = strcspn(at + 1, "/");

		assert(length >= 1 && length <= VPATH_NAME_LONGEST);
		assert(!(length == 1 && at[1] == '.'));
		assert(!(length == 2 && at[1] == '.' && at[2] == '.'));
		at += 1 + length;
	}
}

static void check_derived(const struct vpath *path)
{
	struct vpath again, parent, child;

	assert(vpath_resolve(&again, NULL, path->text, path->length) == 0);
	assert(strcmp(again.text, path->text) == 0);
	vpath_parent(&parent, path);
	assert_normal(&parent);
	assert(vpath_relative(path)[0] != '/' && vpath_relative(path)[0] != '\0');
	if (path->length > 1) {
		const char *name = vpath_name(path);

		assert(vpath_resolve(&child, &parent, name, strlen(name)) == 0);
		assert(strcmp(child.text, path->text) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *split = size ? memchr(data, '\n', size) : NULL;
	size_t first = split ? (size_t)(split - data) : size;
	struct vpath base, path;

	if (vpath_resolve(&base, NULL, (const char *)data, first) < 0)
		vpath_root(&base);
	assert_normal(&base);
	check_derived(&base);
	if (split && vpath_resolve(&path, &base, (const char *)split + 1, size - first - 1) == 0) {
		assert_normal(&path);
		check_derived(&path);
	}
	return 0;
}
