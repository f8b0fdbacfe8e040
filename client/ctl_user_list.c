#include "client/ctl_user_list.h"

#include "common/clock.h"
#include "common/users_file.h"

#include <string.h>

static const char *state_of(const struct user *user)
{
	if (user->locked)
		return "locked";
	if (user->expires_unix != 0 && clock_unix_seconds() >= user->expires_unix)
		return "expired";
	return user->hash[0] == '\0' && user->tls.certificate[0] == '\0' ? "no password" : "active";
}

/* As its line tells it, without the hash. */
static void print_rest(FILE *out, struct user user)
{
	user.hash = "";
	user_print(out, &user);
}

static void print_all(const struct users_file *file)
{
	for (size_t i = 0; i < file->count; i++) {
		printf("%-11s ", state_of(&file->users[i]));
		print_rest(stdout, file->users[i]);
	}
}

/* How its hash begins: the method. */
static void print_one(const struct user *user)
{
	const char *end = user->hash[0] == '$' ? strchr(user->hash + 1, '$') : NULL;

	printf("state     %s\n", state_of(user));
	if (user->hash[0] != '\0')
		printf("password  %.*s\n", end ? (int)(end - user->hash) + 1 : 3,
			end ? user->hash : "DES");
	printf("line      %u\naccount   ", user->line);
	print_rest(stdout, *user);
}

enum ctl_exit ctl_user_list(const char *name_of_file, const char *name)
{
	struct complaints complaints = {.to = stderr};
	const struct user *user = NULL;
	struct users_file file;
	struct stat status;
	int error = users_file_read(&file, name_of_file, &status, &complaints);

	if (error < 0)
		fprintf(stderr, "ftpctl: %s: %s\n", name_of_file, strerror(-error));
	else if (!name)
		print_all(&file);
	else if ((user = users_file_find(&file, name)) != NULL)
		print_one(user);
	else
		fprintf(stderr, "ftpctl: there is no account %s\n", name);
	users_file_free(&file);
	if (error < 0 || complaints.count > 0 || (name && !user))
		return CTL_REFUSED;
	return fflush(stdout) == 0 ? CTL_WELL : CTL_REFUSED;
}
