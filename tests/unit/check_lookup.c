/* With the one name that every machine knows by itself. */
#include "supervisor/lookup.h"

#include "tests/unit/loading.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <sys/wait.h>

enum { NOW = 1000000, SOON_MS = 29000, SOONER_MS = 31000, LATER_MS = 301000 };

static struct config *config;
static struct board board;
static struct lookup lookup;

static void prepare(const char *value)
{
	char text[300];

	quiet_log();
	snprintf(text, sizeof(text), "listener a { }\npassive { address = \"%s\" }\n", value);
	config = load_fine(text);
	ck_assert_int_eq(board_open(&board, 1, 1), 0);
	lookup_init(&lookup, config, &board);
}

static void forget(void)
{
	board_close(&board);
	config_free(config);
}

/* How many children it makes at that moment; they have ended when it returns. */
static int children_at(int64_t now_ms)
{
	int count = 0;

	lookup_tend(&lookup, now_ms);
	while (waitpid(-1, NULL, 0) > 0)
		count++;
	ck_assert_int_eq(errno, ECHILD);
	return count;
}

static void expect_known(size_t item, const char *host)
{
	struct address address;
	char text[ADDRESS_TEXT];

	ck_assert_int_eq(board_name_read(&board, item, &address), 0);
	ck_assert_str_eq(address_format_host(&address, text), host);
}

static void pretend(size_t item, const char *host)
{
	struct address address;

	ck_assert_int_eq(address_parse(&address, host, 0), 0);
	board_name_write(&board, item, &address);
}

START_TEST(names_are_looked_up_and_nothing_else)
{
	struct address address;

	prepare("203.0.113.5 10.0.0.0/8=localhost 11.0.0.0/8=203.0.113.6");
	ck_assert_int_eq(children_at(NOW), 1);
	expect_known(1, "127.0.0.1");
	ck_assert_int_eq(board_name_read(&board, 0, &address), -EADDRNOTAVAIL);
	ck_assert_int_eq(board_name_read(&board, 2, &address), -EADDRNOTAVAIL);
	forget();
}
END_TEST

START_TEST(without_names_there_are_no_children)
{
	prepare("203.0.113.5");
	ck_assert_int_eq(children_at(NOW), 0);
	forget();
	prepare("");
	ck_assert_int_eq(children_at(NOW), 0);
	forget();
}
END_TEST

START_TEST(each_name_has_a_child)
{
	prepare("localhost 10.0.0.0/8=localhost");
	ck_assert_int_eq(children_at(NOW), 2);
	expect_known(0, "127.0.0.1");
	expect_known(1, "127.0.0.1");
	forget();
}
END_TEST

START_TEST(known_names_are_looked_up_again_in_a_while)
{
	prepare("localhost");
	ck_assert_int_eq(children_at(NOW), 1);
	pretend(0, "127.0.0.9"); /* as if it had moved */
	ck_assert_int_eq(children_at(NOW + 1), 0);
	ck_assert_int_eq(children_at(NOW + SOONER_MS), 0);
	expect_known(0, "127.0.0.9");
	ck_assert_int_eq(children_at(NOW + LATER_MS), 1);
	expect_known(0, "127.0.0.1");
	ck_assert_int_eq(children_at(NOW + LATER_MS + 1), 0);
	forget();
}
END_TEST

START_TEST(unknown_names_are_tried_again_soon)
{
	prepare("localhost");
	lookup.begun_ms = NOW;
	ck_assert_int_eq(children_at(NOW + SOON_MS), 0);
	ck_assert_int_eq(children_at(NOW + SOONER_MS), 1);
	forget();
}
END_TEST

SUITE(lookup, names_are_looked_up_and_nothing_else, without_names_there_are_no_children,
	each_name_has_a_child, known_names_are_looked_up_again_in_a_while,
	unknown_names_are_tried_again_soon)
