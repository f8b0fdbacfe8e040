#include "supervisor/log_file.h"

#include "common/log.h"
#include "tests/unit/loading.h"
#include "tests/unit/suite.h"

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

SUITE(log_file, log_goes_to_the_file, standard_error_needs_no_opening,
	file_that_cannot_be_opened_is_told_where_it_went_before)
