#include "supervisor/log_file.h"

#include "common/log.h"
#include "tests/unit/loading.h"
#include "tests/unit/suite.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct config *config;

static void load_with_log(const char *file)
{
	char text[PATH_MAX + 100];

	snprintf(text, sizeof(text), "listener a { }\nlog { to = file file = \"%s\" }\n", file);
	config = load_fine(text);
}

/* The file holds a line with these words. */
static void expect_line(const char *file, const char *words, bool there)
{
	char content[4096];

	scratch_read(file, content, sizeof(content));
	ck_assert_msg((strstr(content, words) != NULL) == there, "%s: %s", file, content);
}

START_TEST(log_goes_to_the_file)
{
	char here[PATH_MAX], file[PATH_MAX + 10];
	struct stat status;

	umask(0);
	snprintf(file, sizeof(file), "%s/log", getcwd(here, sizeof(here)));
	load_with_log(file);
	ck_assert_int_eq(log_file_open(config), 0);
	log_info("a: first", "");
	expect_line(file, "a: first", true);
	ck_assert_int_eq(stat(file, &status), 0);
	ck_assert_uint_eq(status.st_mode & 07, 0);
	/* Moved away and opened again, as logrotate does. */
	ck_assert_int_eq(rename("log", "log.1"), 0);
	log_info("a: second", "");
	ck_assert_int_eq(log_file_open(config), 0);
	log_info("a: third", "");
	expect_line("log.1", "a: second", true);
	expect_line("log.1", "a: third", false);
	expect_line("log", "a: third", true);
	/* What is there stays. */
	ck_assert_int_eq(log_file_open(config), 0);
	log_info("a: fourth", "");
	expect_line("log", "a: third", true);
	expect_line("log", "a: fourth", true);
	config_free(config);
}
END_TEST

START_TEST(standard_error_needs_no_opening)
{
	config = load_fine("listener a { }\n");
	ck_assert_int_eq(log_file_open(config), 0);
	ck_assert_int_eq(log_descriptor(), STDERR_FILENO);
	config_free(config);
}
END_TEST

START_TEST(file_that_cannot_be_opened_is_told_where_it_went_before)
{
	int before = open("before", O_RDWR | O_CREAT | O_APPEND, 0644);
	char here[PATH_MAX / 2], file[PATH_MAX];

	ck_assert_int_eq(log_adopt(before), 0);
	ck_assert_int_eq(mkdir("folder", 0755), 0);
	snprintf(file, sizeof(file), "%s/folder/log", getcwd(here, sizeof(here)));
	load_with_log(file);
	/* The config was sound; since then somebody has taken the directory away. */
	ck_assert_int_eq(rmdir("folder"), 0);
	ck_assert_int_eq(log_file_open(config), -ENOENT);
	log_info("a: b", "");
	expect_line("before", file, true);
	expect_line("before", "a: b", true);
	config_free(config);
	close(before);
}
END_TEST

/* A socket in a /run of this test's own. false: that cannot be had here. */
static bool hide(const char *directory)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", directory, "tmpfs", 0, NULL) == 0;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int listening = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	return listening;
}

static void expect_datagram(int listening, const char *words)
{
	char text[4096];
	ssize_t got = recv(listening, text, sizeof(text) - 1, 0);

	ck_assert_int_gt(got, 0);
	text[got] = '\0';
	ck_assert_msg(strstr(text, words), "%s", text);
}

START_TEST(journal_gets_fields)
{
	int journal;

	config = load_fine("listener a { }\nlog { to = journal }\n");
	if (!hide("/run"))
		suite_skip("a /run of its own takes root");
	ck_assert_int_eq(log_file_open(config), -ENOENT);
	ck_assert_int_eq(mkdir("/run/systemd", 0755) + mkdir("/run/systemd/journal", 0755), 0);
	journal = listen_at("/run/systemd/journal/socket");
	ck_assert_int_eq(log_file_open(config), 0);
	log_warning("a: b", "session=3.17");
	expect_datagram(journal, "MESSAGE=a: b session=3.17\n");
	config_free(config);
}
END_TEST

START_TEST(syslog_that_is_started_again_is_found)
{
	int syslog;

	config = load_fine("listener a { }\nlog { to = syslog facility = local3 }\n");
	if (!hide("/dev"))
		suite_skip("a /dev of its own takes root");
	syslog = listen_at("/dev/log");
	ck_assert_int_eq(log_file_open(config), 0);
	log_error("a: b", "");
	expect_datagram(syslog, "<155>");
	ck_assert(!log_file_is_stale(config, 10000));
	ck_assert_int_eq(unlink("/dev/log"), 0);
	close(syslog);
	ck_assert(!log_file_is_stale(config, 20000));
	syslog = listen_at("/dev/log");
	ck_assert(log_file_is_stale(config, 30000));
	ck_assert(!log_file_is_stale(config, 40000));
	ck_assert_int_eq(log_file_open(config), 0);
	log_info("c: d", "");
	expect_datagram(syslog, "c: d");
	config_free(config);
}
END_TEST

START_TEST(transfer_log_is_opened_or_told_of)
{
	char here[PATH_MAX / 2], text[PATH_MAX];
	int descriptor = 0;

	config = load_fine("listener a { }\n");
	ck_assert_int_eq(log_file_open_xferlog(config, &descriptor), 0);
	ck_assert_int_eq(descriptor, -1);
	config_free(config);
	ck_assert_int_eq(mkdir("folder", 0755), 0);
	snprintf(text, sizeof(text), "listener a { }\nlog { xferlog = \"%s/folder/xferlog\" }\n",
		getcwd(here, sizeof(here)));
	config = load_fine(text);
	ck_assert_int_eq(log_file_open_xferlog(config, &descriptor), 0);
	ck_assert_int_ge(descriptor, 0);
	ck_assert(fcntl(descriptor, F_GETFL) & O_APPEND);
	close(descriptor);
	ck_assert_int_eq(unlink("folder/xferlog") + rmdir("folder"), 0);
	ck_assert_int_eq(log_file_open_xferlog(config, &descriptor), -ENOENT);
	config_free(config);
}
END_TEST

SUITE(log_file, journal_gets_fields, syslog_that_is_started_again_is_found,
	transfer_log_is_opened_or_told_of, log_goes_to_the_file, standard_error_needs_no_opening,
	file_that_cannot_be_opened_is_told_where_it_went_before)
