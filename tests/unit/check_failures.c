#include "supervisor/failures.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <sys/mman.h>

enum { WITHIN_MS = 1000 };

static struct failures *failures;

static struct network client(const char *text)
{
	struct network network;

	ck_assert_int_eq(network_parse(&network, text), 0);
	return network;
}

static uint32_t add(const char *text, uint32_t attempt, int64_t now_ms)
{
	struct network network = client(text);

	return failures_add(failures, &network, attempt, now_ms);
}

START_TEST(different_failures_count)
{
	failures = failures_new(3, WITHIN_MS);
	for (uint32_t i = 1; i <= 3; i++)
		ck_assert_uint_eq(add("192.0.2.7", i, 5000), i);
	ck_assert_uint_eq(add("192.0.2.7", 4, 5000), 3);
	ck_assert_uint_eq(add("192.0.2.8", 4, 5000), 1);
	failures_free(failures);
}
END_TEST

START_TEST(the_same_attempt_counts_once)
{
	failures = failures_new(3, WITHIN_MS);
	for (int i = 0; i < 1000; i++)
		ck_assert_uint_eq(add("192.0.2.7", 0, 5000 + i), 1);
	ck_assert_uint_eq(add("192.0.2.7", 1, 6000), 2);
	ck_assert_uint_eq(add("192.0.2.7", 0, 6000), 2);
	failures_free(failures);
}
END_TEST

START_TEST(what_is_old_counts_no_more)
{
	failures = failures_new(10, WITHIN_MS);
	ck_assert_uint_eq(add("192.0.2.7", 1, 5000), 1);
	ck_assert_uint_eq(add("192.0.2.7", 2, 5500), 2);
	ck_assert_uint_eq(add("192.0.2.7", 3, 5999), 3);
	ck_assert_uint_eq(add("192.0.2.7", 4, 6000), 3);
	ck_assert_uint_eq(add("192.0.2.7", 5, 6500), 3);
	ck_assert_uint_eq(add("192.0.2.7", 6, 9000), 1);
	failures_free(failures);
}
END_TEST

START_TEST(what_is_forgotten_counts_no_more)
{
	struct network one = client("192.0.2.7"), stranger = client("192.0.2.9");

	failures = failures_new(10, WITHIN_MS);
	ck_assert_uint_eq(add("192.0.2.7", 1, 5000), 1);
	ck_assert_uint_eq(add("2001:db8::/64", 1, 5000), 1);
	failures_forget(failures, &stranger);
	ck_assert_uint_eq(add("192.0.2.7", 2, 5000), 2);
	failures_forget(failures, &one);
	ck_assert_uint_eq(add("192.0.2.7", 3, 5000), 1);
	ck_assert_uint_eq(add("2001:db8::/64", 2, 5000), 2);
	failures_free(failures);
}
END_TEST

/* A worker that makes addresses up costs no more memory, and pushes out whom it will; those who
 * fail now are found all the same. */
START_TEST(any_number_of_clients_has_a_place)
{
	char text[20];

	failures = failures_new(2, WITHIN_MS);
	for (uint32_t i = 0; i < 20 * FAILURES_CLIENTS; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		ck_assert_uint_eq(add(text, 1, 5000 + i), 1);
		ck_assert_uint_eq(add(text, 2, 5000 + i), 2);
	}
	failures_free(failures);
}
END_TEST

START_TEST(the_next_program_counts_on)
{
	int memory;

	failures = failures_new(3, WITHIN_MS);
	ck_assert_uint_eq(add("192.0.2.7", 1, 5000), 1);
	ck_assert_uint_eq(add("2001:db8::/64", 1, 5000), 1);
	memory = failures_pack(failures);
	ck_assert_int_ge(memory, 0);
	failures_free(failures);
	failures = failures_new(3, WITHIN_MS);
	ck_assert_int_eq(failures_unpack(failures, memory), 0);
	ck_assert_uint_eq(add("192.0.2.7", 2, 5100), 2);
	ck_assert_uint_eq(add("2001:db8::/64", 2, 5100), 2);
	failures_free(failures);
	close(memory);
}
END_TEST

START_TEST(what_was_counted_otherwise_is_left)
{
	int memory, nothing = memfd_create("nothing", MFD_CLOEXEC);

	failures = failures_new(3, WITHIN_MS);
	ck_assert_uint_eq(add("192.0.2.7", 1, 5000), 1);
	memory = failures_pack(failures);
	failures_free(failures);
	failures = failures_new(4, WITHIN_MS);
	ck_assert_int_eq(failures_unpack(failures, memory), -EPROTO);
	ck_assert_int_eq(failures_unpack(failures, nothing), -EPROTO);
	ck_assert_uint_eq(add("192.0.2.7", 2, 5100), 1);
	failures_free(failures);
	/* Cut short, it is as good as none. */
	failures = failures_new(3, WITHIN_MS);
	ck_assert_int_eq(ftruncate(memory, 4096), 0);
	ck_assert_int_eq(failures_unpack(failures, memory), 0);
	ck_assert_uint_eq(add("192.0.2.7", 2, 5100), 1);
	failures_free(failures);
	close(memory);
	close(nothing);
}
END_TEST

SUITE(failures, different_failures_count, the_same_attempt_counts_once, what_is_old_counts_no_more,
	what_is_forgotten_counts_no_more, any_number_of_clients_has_a_place,
	the_next_program_counts_on, what_was_counted_otherwise_is_left)
