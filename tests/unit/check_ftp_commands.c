/* The table's own invariants, which command_find, HELP and FEAT rely on. */
#include "worker/ftp/commands.h"

#include "tests/unit/suite.h"

#include <ctype.h>
#include <string.h>

START_TEST(verbs_are_sorted_and_upper_case)
{
	for (size_t i = 0; i < command_count; i++) {
		const char *verb = commands[i].verb;

		ck_assert(i == 0 || strcmp(commands[i - 1].verb, verb) < 0);
		ck_assert_uint_ge(strlen(verb), 3);
		for (const char *letter = verb; *letter; letter++)
			ck_assert_msg(
				isupper((unsigned char)*letter) || isdigit((unsigned char)*letter),
				"%s", verb);
	}
}
END_TEST

START_TEST(every_verb_is_found_in_any_case)
{
	for (size_t i = 0; i < command_count; i++) {
		char verb[20];
		size_t length = strlen(commands[i].verb);

		for (size_t j = 0; j <= length; j++)
			verb[j] = (char)tolower((unsigned char)commands[i].verb[j]);
		ck_assert_ptr_eq(command_find(commands[i].verb, length), &commands[i]);
		ck_assert_ptr_eq(command_find(verb, length), &commands[i]);
	}
}
END_TEST

START_TEST(nothing_else_is_found)
{
	ck_assert_ptr_null(command_find("", 0));
	ck_assert_ptr_null(command_find("RET", 3));
	ck_assert_ptr_null(command_find("RETRX", 5));
	ck_assert_ptr_null(command_find("AAAA", 4));
	ck_assert_ptr_null(command_find("ZZZZ", 4));
	ck_assert_str_eq(command_find("RETR a", 4)->verb, "RETR");
}
END_TEST

START_TEST(every_row_is_whole)
{
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = &commands[i];
		size_t length = strlen(command->verb);

		ck_assert_ptr_nonnull(command->run);
		ck_assert_str_ne(command->source, "");
		/* The form begins with the verb, and tells of an argument where there is one. */
		ck_assert_int_eq(strncmp(command->syntax, command->verb, length), 0);
		if (command->takes == TAKES_NOTHING)
			ck_assert_str_eq(command->syntax, command->verb);
		if (command->takes == TAKES_TEXT || command->takes == TAKES_PATH)
			ck_assert_msg(strncmp(command->syntax + length, " <sp> ", 6) == 0, "%s",
				command->syntax);
	}
}
END_TEST

/* Whoever has not logged in touches neither a file nor a port. */
START_TEST(before_login_there_is_little)
{
	static const char *const allowed[] = {"ABOR", "ACCT", "AUTH", "CLNT", "CSID", "FEAT",
		"HELP", "HOST", "LANG", "NOOP", "OPTS", "PASS", "PBSZ", "PROT", "QUIT", "REIN",
		"STAT", "SYST", "USER"};
	size_t found = 0;

	for (size_t i = 0; i < command_count; i++) {
		if (!(commands[i].rules & BEFORE_LOGIN))
			continue;
		ck_assert_uint_lt(found, sizeof(allowed) / sizeof(allowed[0]));
		ck_assert_str_eq(commands[i].verb, allowed[found++]);
	}
	ck_assert_uint_eq(found, sizeof(allowed) / sizeof(allowed[0]));
}
END_TEST

SUITE(ftp_commands, verbs_are_sorted_and_upper_case, every_verb_is_found_in_any_case,
	nothing_else_is_found, every_row_is_whole, before_login_there_is_little)
