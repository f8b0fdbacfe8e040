#include "common/ticket_keys.h"

#include "tests/unit/suite.h"

#include <string.h>
#include <sys/wait.h>

static const int64_t turn_ms = (int64_t)TICKET_KEY_HOURS * 3600 * 1000;

static void expect_found(const struct ticket_keys *keys, const struct ticket_key *key, bool sealing)
{
	struct ticket_key found;
	bool newest;

	ck_assert(ticket_keys_find(keys, key->name, &found, &newest));
	ck_assert_mem_eq(&found, key, sizeof(found));
	ck_assert_int_eq(newest, sealing);
}

START_TEST(a_key_opens_for_a_day_and_no_longer)
{
	struct ticket_keys *keys = ticket_keys_new(1000);
	struct ticket_key first, next, found;
	bool newest;
	int64_t now = 1000;

	ticket_keys_newest(keys, &first);
	ticket_keys_tend(keys, now + turn_ms - 1);
	expect_found(keys, &first, true);
	for (int i = 1; i < TICKET_KEYS; i++) {
		now += turn_ms;
		ticket_keys_tend(keys, now);
		ticket_keys_tend(keys, now);
		ticket_keys_newest(keys, &next);
		ck_assert_mem_ne(next.name, first.name, sizeof(first.name));
		expect_found(keys, &next, true);
		expect_found(keys, &first, false);
	}
	ck_assert_int_ge((now - 1000) / 1000, TICKET_SECONDS);
	ticket_keys_tend(keys, now + turn_ms);
	ck_assert(!ticket_keys_find(keys, first.name, &found, &newest));
	ticket_keys_free(keys);
}
END_TEST

START_TEST(a_row_without_a_key_is_none)
{
	static const unsigned char nothing[TICKET_KEY_NAME];
	struct ticket_keys *keys = ticket_keys_new(0);
	struct ticket_key found;
	bool newest;

	ck_assert(!ticket_keys_find(keys, nothing, &found, &newest));
	ticket_keys_free(keys);
}
END_TEST

START_TEST(a_child_sees_keys_that_are_made_later)
{
	struct ticket_keys *keys = ticket_keys_new(0);
	struct ticket_key before, now;
	int go[2], status;
	char byte;
	pid_t child;

	ticket_keys_newest(keys, &before);
	ck_assert_int_eq(pipe(go), 0);
	child = fork();
	if (child == 0) {
		(void)!read(go[0], &byte, 1);
		ticket_keys_newest(keys, &now);
		_exit(memcmp(now.name, before.name, sizeof(now.name)) == 0);
	}
	ticket_keys_tend(keys, turn_ms);
	ck_assert_int_eq(write(go[1], "!", 1), 1);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	ticket_keys_free(keys);
}
END_TEST

SUITE(ticket_keys, a_key_opens_for_a_day_and_no_longer, a_row_without_a_key_is_none,
	a_child_sees_keys_that_are_made_later)
