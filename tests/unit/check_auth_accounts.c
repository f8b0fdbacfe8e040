/* The authenticator's rooms without its process: accounts, password, roots, judge. */
#include "authenticator/judge.h"
#include "authenticator/password.h"
#include "common/rights.h"
#include "tests/unit/loading.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>

static struct config *config;
static struct judge judge;
static struct login_question question;
static struct login_answer answer;
static char here[PATH_MAX];

/* "secret", by a cheap method. */
static const char *hash(void)
{
	static char text[CRYPT_OUTPUT_SIZE];

	if (text[0] == '\0')
		strcpy(text, crypt("secret", "$6$rounds=1000$saltsalt$"));
	return text;
}

static void write_users(const char *format)
{
	char text[4 * PATH_MAX];

	snprintf(text, sizeof(text), format, hash(), here, hash(), here);
	(void)remove("users.new");
	scratch_write_text("users.new", text);
	ck_assert_int_eq(chmod("users.new", 0600), 0);
	ck_assert_int_eq(rename("users.new", "users"), 0);
}

/* A judge of the file `users`, over the root `root` and the account root `homes`. */
static void set_up(const char *more)
{
	char text[4 * PATH_MAX], path[PATH_MAX];
	const char *which;

	quiet_log();
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	scratch_folder(path, "homes");
	scratch_folder(path, "homes/anna");
	snprintf(text, sizeof(text),
		"listener ftp { protocol = ftp port = 1 }\n"
		"listener lgpq { %s }\nusers = \"%s/users\"\naccount_roots = { \"%s/homes\" }\n",
		more, here, here);
	config = load_fine(text);
	ck_assert_int_eq(password_prepare(), 0);
	judge = (struct judge){.config = config, .accounts = accounts_new(config->users)};
	ck_assert_int_eq(roots_open(&judge.roots, config, &which), 0);
	question = (struct login_question){.kind = LOGIN_BY_PASSWORD};
	ck_assert_int_eq(address_parse(&question.peer, "192.0.2.1", 0), 0);
}

static void tear_down(void)
{
	accounts_free(judge.accounts);
	roots_close(&judge.roots);
	config_free(config);
}

/* The root that is granted, or -1. */
static int ask(const char *user, const char *password)
{
	snprintf(question.user, sizeof(question.user), "%s", user);
	snprintf(question.password, sizeof(question.password), "%s", password);
	return judge_question(&judge, &question, &answer);
}

static void expect_grant(const char *user, const char *root)
{
	int granted = ask(user, "secret");
	struct stat got, wanted;

	ck_assert_msg(granted >= 0, "%s is refused", user);
	ck_assert_uint_eq(answer.verdict, LOGIN_GRANTED);
	ck_assert_str_eq(answer.name, user);
	ck_assert_int_eq(fstat(granted, &got), 0);
	ck_assert_int_eq(stat(root, &wanted), 0);
	ck_assert_uint_eq(got.st_ino, wanted.st_ino);
	ck_assert_int_lt(read(granted, &(char){0}, 1), 0);
	close(granted);
}

static void expect_refusal(const char *user, const char *password)
{
	ck_assert_int_eq(ask(user, password), -1);
	ck_assert_uint_eq(answer.verdict, LOGIN_REFUSED);
	ck_assert_str_eq(answer.name, "");
	ck_assert_uint_eq(answer.may, 0);
}

START_TEST(password_and_hash)
{
	ck_assert_int_eq(password_prepare(), 0);
	ck_assert(password_is_right("secret", hash()));
	ck_assert(!password_is_right("Secret", hash()));
	ck_assert(!password_is_right("", hash()));
	ck_assert(!password_is_right("", ""));
	ck_assert(!password_is_right("secret", "*0"));
	ck_assert(!password_is_right("secret", "secret"));
}
END_TEST

START_TEST(every_method_is_read)
{
	static const char *const methods[] = {
		"$y$", "$gy$", "$7$", "$2b$", "$6$", "$5$", "$1$", ""};

	ck_assert_int_eq(password_prepare(), 0);
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		char made[CRYPT_OUTPUT_SIZE];
		const char *setting = crypt_gensalt(methods[i], 0, NULL, 0);

		ck_assert_msg(setting, "%s", methods[i]);
		strcpy(made, crypt("secret", setting));
		ck_assert_msg(password_is_right("secret", made), "%s", methods[i]);
		ck_assert_msg(!password_is_right("secreT", made), "%s", methods[i]);
	}
}
END_TEST

START_TEST(account_with_its_password_is_let_in)
{
	set_up("");
	write_users("anna password=%s root=%s/homes/%%u may=put\nbert password=%s may=all\n");
	expect_grant("anna", "homes/anna");
	ck_assert_uint_eq(answer.may, RIGHT_put);
	expect_grant("bert", ".");
	ck_assert_uint_eq(answer.may, RIGHTS_ALL);
	expect_refusal("anna", "wrong");
	expect_refusal("anna", "");
	expect_refusal("Anna", "secret");
	expect_refusal("", "");
	tear_down();
}
END_TEST

START_TEST(account_that_may_not_is_refused)
{
	set_up("");
	write_users(
		"anna password=%s root=%s/homes/anna locked\nbert password=%s from=10.0.0.0/8\n");
	expect_refusal("anna", "secret");
	expect_refusal("bert", "secret");
	ck_assert_int_eq(address_parse(&question.peer, "10.9.8.7", 0), 0);
	expect_grant("bert", ".");
	write_users(
		"anna password=%s root=%s expires=2020-01-01\nbert password=%s protocols=lgpq\n");
	expect_refusal("anna", "secret");
	expect_refusal("bert", "secret");
	write_users(
		"anna password=%s root=%s expires=2999-01-01\nbert password=%s protocols=ftp\n");
	expect_grant("anna", ".");
	expect_grant("bert", ".");
	write_users("anna\n");
	expect_refusal("anna", "secret");
	expect_refusal("anna", "");
	tear_down();
}
END_TEST

START_TEST(change_of_the_file_holds_at_once)
{
	set_up("");
	expect_refusal("anna", "secret");
	write_users("anna password=%s root=%s\n");
	expect_grant("anna", ".");
	write_users("bert password=%s\n");
	expect_refusal("anna", "secret");
	expect_grant("bert", ".");
	ck_assert_int_eq(remove("users"), 0);
	expect_refusal("bert", "secret");
	tear_down();
}
END_TEST

START_TEST(root_outside_is_refused)
{
	set_up("");
	write_users("anna password=%s root=%s/..\n");
	expect_refusal("anna", "secret");
	ck_assert_int_eq(symlink("/tmp", "homes/away"), 0);
	ck_assert_int_eq(symlink("anna", "homes/same"), 0);
	ck_assert_int_eq(roots_find(&judge.roots, "/tmp"), -EXDEV);
	ck_assert_int_eq(roots_find(&judge.roots, "relative"), -EXDEV);
	for (int i = 0; i < 2; i++) {
		char path[2 * PATH_MAX];
		int root;

		snprintf(path, sizeof(path), "%s/homes/%s", here, i ? "same" : "away");
		root = roots_find(&judge.roots, path);
		ck_assert_msg(i ? root >= 0 : root == -EXDEV, "%s: %d", path, root);
		snprintf(path, sizeof(path), "%s/homes/../../..%s", here, i ? "" : "/etc");
		ck_assert_int_eq(roots_find(&judge.roots, path), -EXDEV);
		snprintf(path, sizeof(path), "%s/homesick", here);
		ck_assert_int_eq(roots_find(&judge.roots, path), -ENOENT);
	}
	tear_down();
}
END_TEST

START_TEST(listener_has_its_account_without_a_password)
{
	set_up("account = anna");
	write_users("anna password=%s root=%s/homes/%%u may=get\nbert password=%s\n");
	question.kind = LOGIN_BY_LISTENER;
	question.listener = 1;
	expect_grant("anna", "homes/anna");
	ck_assert_uint_eq(answer.may, RIGHT_get);
	/* The other one names none, and there is no third. */
	question.listener = 0;
	expect_refusal("anna", "secret");
	question.listener = 2;
	ck_assert_int_eq(ask("anna", "secret"), -1);
	ck_assert_uint_eq(answer.verdict, LOGIN_TROUBLE);
	question.listener = 1;
	write_users("anna password=%s root=%s locked\n");
	expect_refusal("anna", "secret");
	tear_down();
}
END_TEST

/* What is told of a listener's account is its own name, whatever was asked. */
START_TEST(listener_s_account_is_not_the_client_s_choice)
{
	set_up("account = anna");
	write_users("anna password=%s root=%s\nbert password=%s may=all\n");
	question.kind = LOGIN_BY_LISTENER;
	question.listener = 1;
	close(ask("bert", ""));
	ck_assert_str_eq(answer.name, "anna");
	tear_down();
}
END_TEST

SUITE(auth_accounts, password_and_hash, every_method_is_read, account_with_its_password_is_let_in,
	account_that_may_not_is_refused, change_of_the_file_holds_at_once, root_outside_is_refused,
	listener_has_its_account_without_a_password, listener_s_account_is_not_the_client_s_choice)
