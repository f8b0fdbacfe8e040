#include "supervisor/status_socket.h"

#include "tests/unit/loading.h"
#include "tests/unit/suite.h"

#include <sys/socket.h>
#include <sys/un.h>

static struct config *config;
static struct told told;
static char folder[PATH_MAX];

/* A config whose status path is `name` in a folder of the test's own. */
static const char *load_with_path(const char *name)
{
	if (!config) {
		config = load_fine("listener a { }\n");
		scratch_folder(folder, "f");
		told_open(&told);
	}
	free(config->status_path);
	config->status_path = strdup(scratch_path(folder, name));
	return config->status_path;
}

static int open_socket(void)
{
	return status_socket_open(config, &told.complaints);
}

static void forget(void)
{
	told_close(&told);
	config_free(config);
}

static int connect_to(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int client = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (connect(client, (struct sockaddr *)&address, sizeof(address)) == 0)
		return client;
	close(client);
	return -1;
}

START_TEST(socket_has_owner_and_mode)
{
	const char *path = load_with_path("status");
	struct stat status;
	int listening, client;

	config->status_mode = 0640;
	listening = open_socket();
	told_expect(&told, 0, NULL);
	ck_assert_int_ge(listening, 0);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert(S_ISSOCK(status.st_mode));
	ck_assert_uint_eq(status.st_mode & 07777, 0640);
	ck_assert_uint_eq(status.st_gid, config->status_gid);
	ck_assert(fcntl(listening, F_GETFL) & O_NONBLOCK);
	ck_assert(fcntl(listening, F_GETFD) & FD_CLOEXEC);
	client = connect_to(path);
	ck_assert_int_ge(client, 0);
	close(client);
	close(listening);
	forget();
}
END_TEST

START_TEST(umask_is_left_alone)
{
	load_with_path("status");
	umask(027);
	close(open_socket());
	ck_assert_uint_eq(umask(0), 027);
	forget();
}
END_TEST

START_TEST(stale_one_is_replaced)
{
	const char *path = load_with_path("status");
	int listening;

	close(open_socket());
	ck_assert(scratch_exists(path));
	ck_assert_int_lt(connect_to(path), 0);
	listening = open_socket();
	told_expect(&told, 0, NULL);
	ck_assert_int_ge(listening, 0);
	ck_assert_int_ge(connect_to(path), 0);
	forget();
}
END_TEST

START_TEST(live_one_is_refused)
{
	const char *path = load_with_path("status");
	int listening = open_socket(), client;
	char words[60];

	ck_assert_int_eq(open_socket(), -1);
	snprintf(words, sizeof(words), "a server answers there (pid %d)", (int)getpid());
	told_expect(&told, 1, words);
	/* It is as it was. */
	client = connect_to(path);
	ck_assert_int_ge(client, 0);
	close(client);
	close(listening);
	forget();
}
END_TEST

/* With its queue full it does not answer, but it lives. */
START_TEST(live_one_that_is_busy_is_refused)
{
	const char *path = load_with_path("status");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listening = socket(AF_UNIX, SOCK_STREAM, 0), client;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(listening, 0), 0);
	do {
		client = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	} while (connect(client, (struct sockaddr *)&address, sizeof(address)) == 0);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(open_socket(), -1);
	told_expect(&told, 1, "a server answers there");
	ck_assert(scratch_exists(path));
	forget();
}
END_TEST

START_TEST(what_is_no_socket_is_refused_and_stays)
{
	const char *path = load_with_path("status");

	scratch_write_text(path, "precious");
	ck_assert_int_eq(open_socket(), -1);
	told_expect(&told, 1, "no socket");
	scratch_expect(path, "precious");
	unlink(path);
	mkdir(path, 0755);
	ck_assert_int_eq(open_socket(), -1);
	ck_assert_int_eq(rmdir(path), 0);
	ck_assert_int_eq(symlink("elsewhere", path), 0);
	ck_assert_int_eq(open_socket(), -1);
	told_expect(&told, 3, NULL);
	forget();
}
END_TEST

START_TEST(last_directory_is_made)
{
	const char *path = load_with_path("new/status");
	int listening = open_socket();
	struct stat status;

	told_expect(&told, 0, NULL);
	ck_assert_int_ge(listening, 0);
	ck_assert(scratch_exists(path));
	ck_assert_int_eq(stat(scratch_path(folder, "new"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 022, 0);
	load_with_path("one/two/status");
	ck_assert_int_eq(open_socket(), -1);
	told_expect(&told, 1, "its directory cannot be created");
	close(listening);
	forget();
}
END_TEST

/* In /tmp anybody can make a directory of that name first. */
START_TEST(directory_of_somebody_else_is_refused)
{
	if (geteuid() != 0)
		suite_skip("only root can give a directory away");
	load_with_path("theirs/status");
	mkdir(scratch_path(folder, "theirs"), 0777);
	ck_assert_int_eq(chown(scratch_path(folder, "theirs"), 12345, 12345), 0);
	ck_assert_int_eq(open_socket(), -1);
	told_expect(&told, 1, "belongs to somebody else");
	ck_assert_int_eq(symlink("theirs", scratch_path(folder, "link")), 0);
	load_with_path("link/status");
	ck_assert_int_eq(open_socket(), -1);
	told_expect(&told, 2, NULL);
	forget();
}
END_TEST

START_TEST(path_below_a_file_is_refused)
{
	load_with_path("file/status");
	scratch_write_text(scratch_path(folder, "file"), "");
	ck_assert_int_eq(open_socket(), -1);
	told_expect(&told, 1, "status path");
	forget();
}
END_TEST

SUITE(status_socket, socket_has_owner_and_mode, umask_is_left_alone, stale_one_is_replaced,
	live_one_is_refused, live_one_that_is_busy_is_refused,
	what_is_no_socket_is_refused_and_stays, last_directory_is_made,
	directory_of_somebody_else_is_refused, path_below_a_file_is_refused)
