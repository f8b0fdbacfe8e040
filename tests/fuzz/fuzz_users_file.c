/* Any bytes as a users file: what is taken for an account is printed as a line that reads the same,
 * and every account has a name that can stand in a path. */
#include "tests/fuzz/fuzz.h"

#include "common/users_file.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static FILE *nowhere;

static void check_same(const struct user *one, const struct user *other)
{
	assert(!strcmp(one->name, other->name) && !strcmp(one->hash, other->hash));
	assert(!strcmp(one->root, other->root) && one->may == other->may);
	assert(one->protocols == other->protocols && one->locked == other->locked);
	assert(one->expires_unix == other->expires_unix && one->from_count == other->from_count);
	for (size_t i = 0; i < one->from_count; i++)
		assert(network_equal(&one->from[i], &other->from[i]));
}

static void check_user(const struct user *user)
{
	struct complaints complaints = {.to = nowhere};
	char *line = NULL, root[PATH_MAX];
	struct user again;
	size_t size;
	FILE *out = open_memstream(&line, &size);

	assert(out && user_name_is_sound(user->name));
	assert(user->root[0] == '\0' || user->root[0] == '/');
	(void)user_root(root, user->root, user->name);
	user_print(out, user);
	assert(fclose(out) == 0 && size > 0 && line[size - 1] == '\n');
	line[size - 1] = '\0';
	assert(user_parse(&again, line, (struct origin){"again", 1}, &complaints));
	check_same(user, &again);
	user_close(&again);
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct complaints complaints;
	struct users_file file;
	char *text = malloc(size + 1);

	if (!nowhere)
		nowhere = fopen("/dev/null", "we");
	assert(nowhere && text);
	complaints = (struct complaints){.to = nowhere};
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	assert(users_file_take(&file, text, size, "users", &complaints) == 0);
	for (size_t i = 0; i < file.count; i++) {
		check_user(&file.users[i]);
		assert(users_file_find(&file, file.users[i].name) == &file.users[i]);
	}
	users_file_free(&file);
	return 0;
}
