#include "supervisor/state.h"

#include "tests/unit/loading.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"

#include <pwd.h>

static struct config *config;
static struct state state;
static char place[PATH_MAX];

static void load_with_state(void)
{
	char text[PATH_MAX + 100], here[PATH_MAX / 2];

	snprintf(place, sizeof(place), "%s/state", getcwd(here, sizeof(here)));
	snprintf(text, sizeof(text), "listener a { }\nstate_directory = \"%s\"\n%s", place,
		geteuid() == 0 ? "user = nobody\n" : "");
	config = load_fine(text);
	quiet_log();
}

static void open_fine(void)
{
	struct told told;

	told_open(&told);
	ck_assert_int_eq(state_open(&state, config, &told.complaints), 0);
	told_expect(&told, 0, NULL);
	told_close(&told);
}

/* Another server's; its complaint has these words. */
static void expect_not_opened(const char *words)
{
	struct state other;
	struct told told;

	told_open(&told);
	ck_assert_int_eq(state_open(&other, config, &told.complaints), -1);
	told_expect(&told, 1, words);
	ck_assert_int_eq(other.directory, -1);
	ck_assert_int_eq(other.lock, -1);
	told_close(&told);
}

/* Beforehand: NULL for nothing to complain of. */
static void expect_checked(const char *words)
{
	struct told told;

	told_open(&told);
	state_check(config, &told.complaints);
	told_expect(&told, words ? 1 : 0, words);
	told_close(&told);
}

static void expect_owner(const char *path, mode_t mode)
{
	struct stat status;

	ck_assert_int_eq(lstat(path, &status), 0);
	ck_assert_uint_eq(status.st_uid, config->uid);
	ck_assert_uint_eq(status.st_mode & 07777, mode);
}

START_TEST(directory_is_made_for_the_services_user)
{
	umask(0);
	load_with_state();
	open_fine();
	expect_owner(place, 0750);
	expect_owner("state/lock", 0640);
	state_close(&state);
	state_close(&state);
	open_fine();
	state_close(&state);
	config_free(config);
}
END_TEST

START_TEST(without_one_there_are_no_files)
{
	char *bytes;

	config = load_fine("listener a { }\n");
	open_fine();
	ck_assert_int_eq(state.directory, -1);
	ck_assert_int_eq(state_open_file(&state, "a", O_RDWR | O_CREAT), -ENOENT);
	ck_assert_int_eq(state_read(&state, "a", 10, &bytes), -ENOENT);
	ck_assert_int_eq(state_replace(&state, "a", "b", 1), -ENOENT);
	ck_assert_int_eq(state_remove(&state, "a"), 0);
	ck_assert_int_eq(state_open_errand(&state, config), -ENOENT);
	config_free(config);
}
END_TEST

START_TEST(only_one_server_has_it)
{
	struct state errand;

	load_with_state();
	open_fine();
	expect_not_opened("another server has it");
	ck_assert_int_eq(state_open_errand(&errand, config), 0);
	state_close(&errand);
	expect_not_opened("another server has it");
	state_close(&state);
	open_fine();
	state_close(&state);
	config_free(config);
}
END_TEST

START_TEST(who_is_on_trial_has_it_beside_the_server)
{
	struct complaints none = {.to = stderr};
	struct state beside;

	load_with_state();
	open_fine();
	ck_assert_int_eq(state_open_beside(&beside, config, &none), 0);
	ck_assert_int_eq(state_open_file(&beside, "nothing", O_RDONLY), -ENOENT);
	state_close(&beside);
	expect_not_opened("another server has it");
	state_close(&state);
	config_free(config);
}
END_TEST

START_TEST(a_check_says_the_same_and_changes_nothing)
{
	struct stat status;

	load_with_state();
	expect_checked(NULL);
	ck_assert_int_eq(lstat("state", &status), -1);
	ck_assert_int_eq(mkdir("state", 0755), 0);
	ck_assert_int_eq(chmod("state", 0777), 0);
	expect_checked("everybody may write there");
	ck_assert_int_eq(chmod("state", 0755), 0);
	expect_checked(NULL);
	ck_assert_int_eq(lstat("state", &status), 0);
	ck_assert_uint_eq(status.st_uid, geteuid());
	ck_assert_int_eq(access("state/lock", F_OK), -1);
	open_fine();
	expect_checked(NULL);
	state_close(&state);
	ck_assert_int_eq(unlink("state/lock") + rmdir("state"), 0);
	scratch_write_text("state", "a file");
	expect_checked("Not a directory");
	config->state_assumed = true;
	expect_checked(NULL);
	config_free(config);
}
END_TEST

START_TEST(somebody_elses_directory_is_left_alone)
{
	load_with_state();
	ck_assert_int_eq(mkdir("state", 0755), 0);
	ck_assert_int_eq(chmod("state", 0777), 0);
	expect_not_opened("everybody may write there");
	if (geteuid() != 0)
		suite_skip("only root can give files away");
	/* Root's with files of others in it: /var by a slip of the pen. */
	ck_assert_int_eq(chmod("state", 0755), 0);
	scratch_write_text("state/a", "");
	expect_not_opened("belongs to somebody else");
	/* Root's after it was ours, and root's but empty. */
	scratch_write_text("state/lock", "");
	open_fine();
	expect_owner("state", 0755);
	expect_owner("state/lock", 0644);
	state_close(&state);
	ck_assert_int_eq(unlink("state/a") + unlink("state/lock"), 0);
	ck_assert_int_eq(chown("state", 0, 0), 0);
	open_fine();
	expect_owner("state", 0755);
	state_close(&state);
	config_free(config);
}
END_TEST

START_TEST(what_is_assumed_may_fail)
{
	load_with_state();
	config->state_assumed = true;
	scratch_write_text("state", "a file");
	open_fine();
	ck_assert_int_eq(state.directory, -1);
	config->state_assumed = false;
	expect_not_opened("state_directory");
	config_free(config);
}
END_TEST

START_TEST(files_are_replaced_whole)
{
	char *bytes;

	load_with_state();
	open_fine();
	ck_assert_int_eq(state_read(&state, "a", 10, &bytes), -ENOENT);
	ck_assert_int_eq(state_replace(&state, "a", "one", 3), 0);
	ck_assert_int_eq(state_replace(&state, "a", "other", 5), 0);
	ck_assert_int_eq(state_read(&state, "a", 4, &bytes), -EFBIG);
	ck_assert_int_eq(state_read(&state, "a", 5, &bytes), 5);
	ck_assert_str_eq(bytes, "other");
	free(bytes);
	expect_owner("state/a", 0640);
	ck_assert(!scratch_exists("state/a.new"));
	ck_assert_int_eq(state_remove(&state, "a"), 0);
	ck_assert_int_eq(state_remove(&state, "a"), 0);
	ck_assert(!scratch_exists("state/a"));
	state_close(&state);
	config_free(config);
}
END_TEST

START_TEST(links_are_not_followed)
{
	load_with_state();
	open_fine();
	scratch_write_text("elsewhere", "precious");
	ck_assert_int_eq(symlink("../elsewhere", "state/soft"), 0);
	ck_assert_int_eq(link("elsewhere", "state/hard"), 0);
	ck_assert_int_eq(symlink("../elsewhere", "state/a.new"), 0);
	ck_assert_int_eq(mkfifo("state/fifo", 0600), 0);
	ck_assert_int_eq(state_open_file(&state, "soft", O_RDWR), -ELOOP);
	ck_assert_int_eq(state_open_file(&state, "hard", O_RDWR), -EINVAL);
	ck_assert_int_eq(state_open_file(&state, "fifo", O_RDWR), -EINVAL);
	ck_assert_int_eq(state_replace(&state, "a", "one", 3), 0);
	scratch_expect("state/a", "one");
	scratch_expect("elsewhere", "precious");
	state_close(&state);
	config_free(config);
}
END_TEST

SUITE(state, directory_is_made_for_the_services_user, without_one_there_are_no_files,
	only_one_server_has_it, who_is_on_trial_has_it_beside_the_server,
	a_check_says_the_same_and_changes_nothing, somebody_elses_directory_is_left_alone,
	what_is_assumed_may_fail, files_are_replaced_whole, links_are_not_followed)
