/* What the dispatcher holds for every row of the table, whatever its command does. */
#include "worker/ftp/dispatch.h"

#include "tests/unit/ftp_setup.h"
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "worker/ftp/commands.h"

#include <errno.h>
#include <string.h>

static char root[PATH_MAX];

/* A session that has not logged in; its store is an empty directory. */
static void set_up(void)
{
	ftp_set_up();
	ck_assert_int_eq(store_open(&engine.anonymous, scratch_folder(root, "root")), 0);
}

static int dispatch(const char *text, size_t length)
{
	char line[10000];

	ck_assert_uint_lt(length, sizeof(line));
	memcpy(line, text, length);
	line[length] = '\0';
	return dispatch_line(&ftp, line, length);
}

/* The code of the reply that has come: that of its last line, the only one with a blank. */
static int reply_code(void)
{
	char text[1000];
	size_t length;

	do {
		length = 0;
		while (length < 2 || text[length - 2] != '\r' || text[length - 1] != '\n') {
			ck_assert_uint_lt(length, sizeof(text));
			ck_assert_int_eq(recv(ftp_client, text + length++, 1, 0), 1);
		}
	} while (text[0] == ' ' || text[3] != ' ');
	return atoi(text);
}

static int ask(const char *line)
{
	ck_assert_int_eq(dispatch(line, strlen(line)), 0);
	return reply_code();
}

static void log_in(void)
{
	set_up();
	ck_assert_int_eq(ask("USER anonymous"), 331);
	ck_assert_int_eq(ask("PASS someone@example.org"), 230);
	ck_assert_int_eq(ask("TYPE I"), 200);
}

START_TEST(verbs_in_any_case_and_whole)
{
	set_up();
	ck_assert_int_eq(ask("noop"), 200);
	ck_assert_int_eq(ask("NoOp"), 200);
	ck_assert_int_eq(ask("NOO"), 500);
	ck_assert_int_eq(ask("NOOPS"), 500);
	ck_assert_int_eq(ask(""), 500);
	ck_assert_int_eq(ask(" NOOP"), 500);
	ck_assert_int_eq(ask("a_verb_that_has_no_end_as_far_as_anybody_could_tell"), 500);
}
END_TEST

START_TEST(blanks_around_a_text_do_not_count)
{
	log_in();
	ck_assert_int_eq(ask("TYPE   A \t "), 200);
	ck_assert_int_eq(ftp.type, TYPE_ASCII);
	ck_assert_int_eq(ask("TYPE\tI"), 200);
	ck_assert_int_eq(ftp.type, TYPE_IMAGE);
	ck_assert_int_eq(ask("PWD   "), 257);
	ck_assert_int_eq(ask("NOOP  whatever "), 200);
}
END_TEST

/* A name may begin and end with blanks: one of them parts it from the verb. */
START_TEST(blanks_in_a_name_count)
{
	log_in();
	scratch_write_text(scratch_path(root, "behind "), "12");
	scratch_write_text(scratch_path(root, " before"), "123");
	ck_assert_int_eq(ask("SIZE behind "), 213);
	ck_assert_int_eq(ask("SIZE  before"), 213);
	ck_assert_int_eq(ask("SIZE behind"), 550);
	ck_assert_int_eq(ask("SIZE before"), 550);
	ck_assert_int_eq(ask("MFMT 20200101000000 behind "), 213);
	ck_assert_int_eq(ask("MFMT 20200101000000 behind"), 550);
	ck_assert_int_eq(ask("MLST behind "), 250);
}
END_TEST

START_TEST(argument_is_as_the_row_says)
{
	log_in();
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		char line[100];

		if (command->takes == TAKES_NOTHING) {
			snprintf(line, sizeof(line), "%s x", command->verb);
			ck_assert_msg(ask(line) == 501, "%s", line);
		} else if (command->takes != TAKES_TEXT_OR_NOT && command->takes != TAKES_LISTING &&
			   command->takes != TAKES_PATH_OR_NOT) {
			ck_assert_msg(ask(command->verb) == 501, "%s", command->verb);
			snprintf(line, sizeof(line), "%s ", command->verb);
			ck_assert_msg(ask(line) == 501, "%s and a blank", command->verb);
		}
	}
	ck_assert_int_eq(ask("MLST"), 250);
	ck_assert_int_eq(ask("MLST /"), 250);
}
END_TEST

START_TEST(paths_are_resolved_from_the_current_directory)
{
	char line[1000], folder[PATH_MAX];

	log_in();
	scratch_folder(folder, "root/folder");
	scratch_write_text(scratch_path(root, "file"), "text");
	ck_assert_int_eq(ask("CWD folder"), 250);
	ck_assert_int_eq(ask("SIZE file"), 550);
	ck_assert_int_eq(ask("SIZE ../file"), 213);
	ck_assert_int_eq(ask("SIZE /file"), 213);
	/* Above the root there is nothing. */
	ck_assert_int_eq(ask("SIZE ../../../file"), 213);
	snprintf(line, sizeof(line), "SIZE %0300d", 0);
	ck_assert_int_eq(ask(line), 553);
}
END_TEST

START_TEST(only_some_may_stand_before_the_login)
{
	set_up();
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		int error = dispatch(command->verb, strlen(command->verb));
		int code = reply_code();

		ck_assert_int_eq(error, command->rules & CLOSES ? -ESHUTDOWN : 0);
		ck_assert_msg((code == 530) == !(command->rules & BEFORE_LOGIN), "%s: %d",
			command->verb, code);
	}
	ck_assert_int_eq(ask("BOGUS"), 500);
}
END_TEST

static bool decides_itself(const char *verb)
{
	static const char *const verbs[] = {"REST", "RANG", "RNFR"};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!strcmp(verbs[i], verb))
			return true;
	}
	return false;
}

START_TEST(what_was_begun_is_forgotten_but_by_what_may_stand_between)
{
	set_up();
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		char line[100];

		if (decides_itself(command->verb))
			continue;
		login_forget(&ftp);
		ftp.store = &engine.anonymous;
		ftp.restart = ftp.range_first = 5;
		ftp.range_last = 7;
		ftp.rename_from = strdup("/from");
		snprintf(line, sizeof(line), "%s%s", command->verb,
			command->takes == TAKES_NOTHING ? "" : " x");
		dispatch(line, strlen(line));
		ck_assert_int_ne(reply_code(), 530);
		ck_assert_msg(ftp.restart == (command->rules & KEEPS_RESTART ? 5 : 0), "%s",
			command->verb);
		ck_assert_msg(ftp.range_last == (command->rules & KEEPS_RESTART ? 7 : -1), "%s",
			command->verb);
		ck_assert_msg(
			!ftp.rename_from == !(command->rules & KEEPS_RENAME), "%s", command->verb);
	}
}
END_TEST

START_TEST(restart_and_rename_are_set_and_kept)
{
	log_in();
	scratch_write_text(scratch_path(root, "file"), "text");
	ck_assert_int_eq(ask("REST 3"), 350);
	ck_assert_int_eq(ask("NOOP"), 200);
	ck_assert_int_eq(ask("SIZE file"), 213);
	ck_assert_int_eq(ftp.restart, 3);
	ck_assert_int_eq(ask("CWD /"), 250);
	ck_assert_int_eq(ftp.restart, 0);
	ck_assert_int_eq(ask("RANG 1 2"), 350);
	ck_assert_int_eq(ftp.range_last, 2);
	ck_assert_int_eq(ask("DELE nothing"), 550);
	ck_assert_int_eq(ftp.range_last, -1);
	ck_assert_int_eq(ask("RNFR file"), 350);
	ck_assert_int_eq(ask("TYPE I"), 200);
	ck_assert_int_eq(ask("RNTO other"), 250);
	ck_assert_int_eq(ask("RNTO again"), 503);
	ck_assert(scratch_exists(scratch_path(root, "other")));
	ck_assert_int_eq(ask("RNFR other"), 350);
	ck_assert_int_eq(ask("CWD /"), 250);
	ck_assert_int_eq(ask("RNTO lost"), 503);
}
END_TEST

START_TEST(control_bytes_are_refused)
{
	log_in();
	ck_assert_int_eq(dispatch("CWD a\0b", 7), 0);
	ck_assert_int_eq(reply_code(), 501);
	ck_assert_int_eq(ask("CWD a\001b"), 501);
	ck_assert_int_eq(ask("CWD a\177"), 501);
	ck_assert_int_eq(ask("CWD a\r"), 501);
	ck_assert_int_eq(ask("BO\001GUS"), 500);
	/* Any other byte may stand in a name. */
	ck_assert_int_eq(ask("MKD \200\377\303\244"), 257);
	ck_assert_int_eq(ask("CWD \200\377\303\244"), 250);
}
END_TEST

START_TEST(browsers_are_shown_the_door)
{
	static const char *const requests[] = {"GET / HTTP/1.1", "POST /", "put x", "HEAD",
		"CONNECT a", "DELETE x", "OPTIONS *", "TRACE /", "PATCH /"};

	log_in();
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		ck_assert_int_eq(dispatch(requests[i], strlen(requests[i])), -ECONNABORTED);
		ck_assert_int_eq(reply_code(), 500);
	}
	ck_assert_int_eq(ask("GETS x"), 500);
}
END_TEST

START_TEST(quit_ends_the_session)
{
	set_up();
	ck_assert_int_eq(dispatch("QUIT", 4), -ESHUTDOWN);
	ck_assert_int_eq(reply_code(), 221);
}
END_TEST

START_TEST(too_many_failed_logins_end_the_session)
{
	set_up();
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(ask("USER ann"), 331);
		ck_assert_int_eq(ask("PASS secret"), 530);
	}
	ck_assert_int_eq(ask("USER ann"), 331);
	ck_assert_int_eq(dispatch("PASS secret", 11), -ECONNABORTED);
	ck_assert_int_eq(reply_code(), 421);
}
END_TEST

START_TEST(client_that_is_gone_ends_the_session)
{
	struct linger reset = {.l_onoff = 1};

	set_up();
	setsockopt(ftp_client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(ftp_client);
	ck_assert_int_lt(dispatch("NOOP", 4), 0);
}
END_TEST

SUITE(ftp_dispatch, verbs_in_any_case_and_whole, blanks_around_a_text_do_not_count,
	blanks_in_a_name_count, argument_is_as_the_row_says,
	paths_are_resolved_from_the_current_directory, only_some_may_stand_before_the_login,
	what_was_begun_is_forgotten_but_by_what_may_stand_between,
	restart_and_rename_are_set_and_kept, control_bytes_are_refused, browsers_are_shown_the_door,
	quit_ends_the_session, too_many_failed_logins_end_the_session,
	client_that_is_gone_ends_the_session)
