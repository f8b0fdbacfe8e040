#include "worker/patience.h"

#include "common/clock.h"
#include "tests/unit/loopback.h"
#include "tests/unit/suite.h"
#include "tests/unit/until.h"

enum { LONG_MS = 1000 * 1000 };

static int ends[2];

/* Of a pair of Unix sockets what is unread counts as not acknowledged, and nothing moves by itself.
 */
static void open_pair(void)
{
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(send(ends[1], "four", 4, 0), 4);
	ck_assert_int_gt(patience_left(ends[1]), 0);
}

static void read_one(void)
{
	char bytes[4];

	ck_assert_int_eq(recv(ends[0], bytes, sizeof(bytes), 0), 4);
}

START_TEST(tcp_leaves_nothing_in_the_end)
{
	loopback_pair(ends);
	ck_assert_int_eq(patience_left(ends[1]), 0);
	ck_assert_int_eq(send(ends[1], "x", 1, 0), 1);
	until(patience_left(ends[1]) == 0);
}
END_TEST

START_TEST(it_ends_when_nothing_moves)
{
	struct patience patience;

	open_pair();
	patience = patience_begin(ends[1], LONG_MS);
	ck_assert(!patience_is_over(&patience));
	patience = patience_begin(ends[1], 0);
	ck_assert(patience_is_over(&patience));
	ck_assert(patience_is_over(&patience));
}
END_TEST

START_TEST(it_begins_anew_when_bytes_move)
{
	struct patience patience;
	int64_t now = clock_ms();

	open_pair();
	patience = patience_begin(ends[1], LONG_MS);
	for (int i = 0; i < 3; i++) {
		patience.until_ms = now;
		read_one();
		ck_assert(!patience_is_over(&patience));
		ck_assert_int_ge(patience.until_ms, now + LONG_MS);
	}
	patience.until_ms = now;
	ck_assert(patience_is_over(&patience));
}
END_TEST

SUITE(patience, tcp_leaves_nothing_in_the_end, it_ends_when_nothing_moves,
	it_begins_anew_when_bytes_move)
