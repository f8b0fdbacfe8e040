#include "worker/ftp/listing_order.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

enum { ROOM = 1024 * 1024 };

/* Any numbers, the same in every run. */
static unsigned int noise(void)
{
	static unsigned int state = 1;

	return (state = state * 1103515245 + 12345) >> 16;
}

/* A line "#NAME.", with a # that must not matter. */
static int add(struct listing_order *order, const char *name, int64_t key)
{
	char bytes[300];
	struct listing_order_line line = {.key = key, .bytes = bytes, .name = 1};

	line.length =
		(size_t)snprintf(bytes, sizeof(bytes), "%c%s.", (char)('a' + noise() % 26), name);
	line.name_length = line.length - 2;
	return listing_order_add(order, &line);
}

/* The names in order, a blank behind each. */
static const char *names_of(struct listing_order *order)
{
	static char text[1000];
	struct listing_order_line line;
	size_t length = 0;

	listing_order_sort(order);
	while (listing_order_next(order, &line)) {
		ck_assert_int_eq(line.bytes[line.length - 1], '.');
		memcpy(text + length, line.bytes + line.name, line.name_length);
		length += line.name_length;
		text[length++] = ' ';
	}
	text[length] = '\0';
	return text;
}

static const char *sorted(enum listing_sort sort, bool reverse)
{
	struct listing_order *order = listing_order_new(sort, reverse, ROOM);
	const char *names;

	ck_assert_int_eq(add(order, "b", 3), 0);
	ck_assert_int_eq(add(order, "a", 1), 0);
	ck_assert_int_eq(add(order, "ab", 3), 0);
	ck_assert_int_eq(add(order, "\xff", -5), 0);
	ck_assert_int_eq(add(order, "B", INT64_MAX), 0);
	ck_assert_int_eq(add(order, "c", INT64_MIN), 0);
	names = names_of(order);
	listing_order_free(order);
	return names;
}

START_TEST(names_are_sorted_by_bytes)
{
	ck_assert_str_eq(sorted(LISTING_BY_NAME, false), "B a ab b c \xff ");
	ck_assert_str_eq(sorted(LISTING_BY_NAME, true), "\xff c b ab a B ");
}
END_TEST

START_TEST(greatest_keys_come_first)
{
	ck_assert_str_eq(sorted(LISTING_BY_TIME, false), "B ab b a \xff c ");
	ck_assert_str_eq(sorted(LISTING_BY_SIZE, false), "B ab b a \xff c ");
	ck_assert_str_eq(sorted(LISTING_BY_SIZE, true), "c \xff a b ab B ");
}
END_TEST

START_TEST(none_is_an_order_too)
{
	struct listing_order *order = listing_order_new(LISTING_BY_NAME, false, ROOM);

	ck_assert_str_eq(names_of(order), "");
	ck_assert_str_eq(names_of(order), "");
	listing_order_free(order);
	listing_order_free(NULL);
}
END_TEST

/* Any number of lines, not only powers of two. */
START_TEST(every_line_comes_once)
{
	for (int count = 1; count < 700; count += 37) {
		struct listing_order *order = listing_order_new(LISTING_BY_SIZE, false, ROOM);
		struct listing_order_line line;
		int64_t before = INT64_MAX;
		int seen = 0;

		for (int i = 0; i < count; i++)
			ck_assert_int_eq(add(order, "name", noise() % 100), 0);
		listing_order_sort(order);
		for (; listing_order_next(order, &line); seen++) {
			ck_assert_int_le(line.key, before);
			before = line.key;
		}
		ck_assert_int_eq(seen, count);
		listing_order_free(order);
	}
}
END_TEST

START_TEST(memory_is_bounded_and_what_fitted_is_kept)
{
	struct listing_order *order = listing_order_new(LISTING_BY_NAME, false, ROOM);
	struct listing_order_line line;
	char name[200];
	int added = 0, seen = 0, error;

	memset(name, 'n', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	while ((error = add(order, name, 0)) == 0 && added < ROOM)
		added++;
	ck_assert_int_eq(error, -ENOBUFS);
	ck_assert_int_le(added, ROOM / 200);
	ck_assert_int_ge(added, ROOM / 2 / 240);
	listing_order_sort(order);
	while (listing_order_next(order, &line))
		seen++;
	ck_assert_int_eq(seen, added);
	listing_order_free(order);
}
END_TEST

SUITE(ftp_listing_order, names_are_sorted_by_bytes, greatest_keys_come_first, none_is_an_order_too,
	every_line_comes_once, memory_is_bounded_and_what_fitted_is_kept)
