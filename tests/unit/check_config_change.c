#include "common/config_change.h"

#include "common/config_pack.h"
#include "tests/unit/loading.h"
#include "tests/unit/suite.h"

#include <unistd.h>

#define BASE "listener one { address = 127.0.0.1 }\nlistener two { protocol = echo }\n"

static struct config_changes changes;

static void compare(const char *old_text, const char *new_text)
{
	struct config *old = load_fine(old_text), *new = load_fine(new_text);

	ck_assert_int_eq(config_changes_find(&changes, old, new), 0);
	config_free(old);
	config_free(new);
}

static void expect(
	size_t i, const char *option, const char *old, const char *new, enum config_effect effect)
{
	ck_assert_uint_gt(changes.count, i);
	ck_assert_str_eq(changes.list[i].option, option);
	ck_assert_str_eq(changes.list[i].old, old);
	ck_assert_str_eq(changes.list[i].new, new);
	ck_assert_int_eq(changes.list[i].effect, effect);
}

START_TEST(same_is_same)
{
	compare(BASE, "# otherwise written\n" BASE "\nlimits { threads = 1024 }\n");
	ck_assert_uint_eq(changes.count, 0);
	ck_assert(!config_changes_have(&changes, CONFIG_AT_ONCE));
	config_changes_free(&changes);
}
END_TEST

START_TEST(each_change_says_what_it_takes)
{
	compare(BASE, BASE "workers = 7\nlimits { sessions = 5 }\nstatus { mode = 0600 }\n");
	ck_assert_uint_eq(changes.count, 3);
	ck_assert_str_eq(changes.list[0].option, "workers");
	ck_assert_int_eq(changes.list[0].effect, CONFIG_WORKERS);
	expect(1, "limits.sessions", "10000", "5", CONFIG_AT_ONCE);
	expect(2, "status.mode", "0660", "0600", CONFIG_RESTART);
	ck_assert(config_changes_have(&changes, CONFIG_AT_ONCE));
	ck_assert(config_changes_have(&changes, CONFIG_WORKERS));
	ck_assert(config_changes_have(&changes, CONFIG_RESTART));
	config_changes_free(&changes);
	compare(BASE, BASE "limits { sessions = 5 }\n");
	ck_assert(!config_changes_have(&changes, CONFIG_WORKERS));
	config_changes_free(&changes);
}
END_TEST

START_TEST(listeners_come_go_and_change)
{
	compare(BASE, "listener two { protocol = echo port = 77 }\nlistener three { }\n");
	ck_assert_uint_eq(changes.count, 3);
	expect(0, "listener.two.port", "7", "77", CONFIG_WORKERS);
	expect(1, "listener.three", "", "0.0.0.0:8888", CONFIG_WORKERS);
	expect(2, "listener.one", "127.0.0.1:8888", "", CONFIG_WORKERS);
	config_changes_free(&changes);
}
END_TEST

START_TEST(directories_and_mounts_come_and_go)
{
	compare(BASE "directory /a { may = get }\nmount /m { from = /tmp }\n",
		BASE "directory /a { may = list }\ndirectory /m { may = get }\n");
	ck_assert_uint_eq(changes.count, 3);
	expect(0, "directory./a.may", "get", "list", CONFIG_WORKERS);
	expect(1, "directory./m", "", "there", CONFIG_WORKERS);
	expect(2, "mount./m", "there", "", CONFIG_WORKERS);
	config_changes_free(&changes);
}
END_TEST

/* The board and the authenticator call them by number. */
START_TEST(another_order_of_listeners_is_a_change)
{
	compare(BASE, "listener two { protocol = echo }\nlistener one { address = 127.0.0.1 }\n");
	ck_assert_uint_eq(changes.count, 1);
	ck_assert_int_eq(changes.list[0].effect, CONFIG_WORKERS);
	config_changes_free(&changes);
}
END_TEST

START_TEST(a_packed_config_is_the_same)
{
	struct config *config = load_fine(
		BASE "directory \"/a.b=c\" { may = get }\nmount /m { from = /tmp }\n"
		     "ftp { greeting = \"two\\nlines = 1\" }\nanonymous { may = { list, get } }\n"
		     "passive { ports = \"50000-50010\" address = { 192.0.2.1, "
		     "\"10.0.0.0/8=10.1.1.1\" } }\n");
	int packed = config_pack(config);
	struct config *copy = config_unpack(packed);

	ck_assert_ptr_nonnull(copy);
	ck_assert_int_eq(config_changes_find(&changes, config, copy), 0);
	ck_assert_uint_eq(changes.count, 0);
	ck_assert_uint_eq(copy->passive_address.count, 2);
	ck_assert_uint_eq(copy->listener_count, 2);
	ck_assert(address_equal(&copy->listeners[0].address, &config->listeners[0].address));
	ck_assert_uint_eq(copy->change_user, config->change_user);
	/* More than once. */
	config_free(copy);
	copy = config_unpack(packed);
	ck_assert_ptr_nonnull(copy);
	close(packed);
	config_free(copy);
	config_free(config);
}
END_TEST

START_TEST(what_is_no_config_is_not_taken_out)
{
	int tube[2];

	ck_assert_int_eq(pipe(tube), 0);
	ck_assert_ptr_null(config_unpack(tube[0]));
	ck_assert_ptr_null(config_unpack(-1));
}
END_TEST

SUITE(config_change, same_is_same, each_change_says_what_it_takes, listeners_come_go_and_change,
	another_order_of_listeners_is_a_change, directories_and_mounts_come_and_go,
	a_packed_config_is_the_same, what_is_no_config_is_not_taken_out)
