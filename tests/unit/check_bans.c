#include "common/bans.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

static struct bans bans;

static struct network network_named(const char *text)
{
	struct network network;

	ck_assert_msg(network_parse(&network, text) == 0, "%s", text);
	return network;
}

static int set(const char *text, const char *reason)
{
	struct ban ban = {.network = network_named(text), .since_unix_ms = 1, .until_unix_ms = 2};

	snprintf(ban.reason, sizeof(ban.reason), "%s", reason);
	return bans_set(&bans, &ban);
}

static bool lift(const char *text)
{
	struct network network = network_named(text);

	return bans_lift(&bans, &network, NULL);
}

static bool finds(const char *host, struct ban *ban)
{
	struct address address;

	ck_assert_int_eq(address_parse(&address, host, 4711), 0);
	return bans_find(&bans, &address, ban);
}

static bool is_banned(const char *host)
{
	struct ban ban;

	return finds(host, &ban);
}

START_TEST(nobody_is_banned_at_first)
{
	ck_assert_int_eq(bans_open(&bans), 0);
	ck_assert(!is_banned("192.0.2.7"));
	ck_assert(!is_banned("::1"));
	ck_assert_uint_eq(bans_count(&bans), 0);
	ck_assert(!lift("192.0.2.7"));
	bans_close(&bans);
	bans_close(&bans);
}
END_TEST

START_TEST(a_ban_holds_for_its_network_alone)
{
	static const struct {
		const char *network, *inside, *outside;
	} cases[] = {{"192.0.2.7", "192.0.2.7", "192.0.2.6"},
		{"198.51.100.0/25", "198.51.100.127", "198.51.100.128"},
		{"10.0.0.0/8", "10.255.0.1", "11.0.0.1"},
		{"2001:db8:1:2::/64", "2001:db8:1:2:ffff::", "2001:db8:1:3::"},
		{"2001:db8:2::1", "2001:db8:2::1", "2001:db8:2::2"},
		{"2400::/12", "240f::1", "2410::1"}};
	struct ban ban;

	ck_assert_int_eq(bans_open(&bans), 0);
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(set(cases[i].network, cases[i].network), 0);
	ck_assert_uint_eq(bans_count(&bans), 6);
	for (size_t i = 0; i < 6; i++) {
		ck_assert_msg(finds(cases[i].inside, &ban), "%s", cases[i].inside);
		ck_assert_str_eq(ban.reason, cases[i].network);
		ck_assert_msg(!is_banned(cases[i].outside), "%s", cases[i].outside);
	}
	ck_assert(is_banned("::ffff:192.0.2.7"));
	for (size_t i = 0; i < 6; i++) {
		ck_assert(lift(cases[i].network));
		ck_assert_msg(!is_banned(cases[i].inside), "%s", cases[i].inside);
	}
	ck_assert_uint_eq(bans_count(&bans), 0);
}
END_TEST

START_TEST(everybody_can_be_banned)
{
	ck_assert_int_eq(bans_open(&bans), 0);
	ck_assert_int_eq(set("0.0.0.0/0", ""), 0);
	ck_assert(is_banned("192.0.2.7"));
	ck_assert(!is_banned("2001:db8::1"));
	ck_assert_int_eq(set("::/0", ""), 0);
	ck_assert(is_banned("2001:db8::1"));
}
END_TEST

START_TEST(the_narrowest_ban_is_told_and_a_later_one_replaces)
{
	struct ban ban;

	ck_assert_int_eq(bans_open(&bans), 0);
	ck_assert_int_eq(set("192.0.2.0/24", "wide"), 0);
	ck_assert_int_eq(set("192.0.2.7", "narrow"), 0);
	ck_assert(finds("192.0.2.7", &ban));
	ck_assert_str_eq(ban.reason, "narrow");
	ck_assert_int_eq(set("192.0.2.7", "again"), 0);
	ck_assert(finds("192.0.2.7", &ban));
	ck_assert_str_eq(ban.reason, "again");
	ck_assert_uint_eq(bans_count(&bans), 2);
	ck_assert(lift("192.0.2.7"));
	ck_assert(finds("192.0.2.7", &ban));
	ck_assert_str_eq(ban.reason, "wide");
}
END_TEST

START_TEST(what_is_no_network_is_refused)
{
	struct ban ban = {.network = network_named("192.0.2.0/24")};

	ck_assert_int_eq(bans_open(&bans), 0);
	ban.network.base.host[3] = 1;
	ck_assert_int_eq(bans_set(&bans, &ban), -EINVAL);
	ban.network = network_named("192.0.2.0/24");
	ban.network.bits = 33;
	ck_assert_int_eq(bans_set(&bans, &ban), -EINVAL);
	ban.network.bits = 24;
	ban.network.base.family = 0;
	ck_assert_int_eq(bans_set(&bans, &ban), -EINVAL);
	ban.network.base.family = AF_INET;
	memset(ban.reason, 'x', sizeof(ban.reason));
	ck_assert_int_eq(bans_set(&bans, &ban), -EINVAL);
}
END_TEST

static char *host_of(char text[20], uint32_t number)
{
	snprintf(text, 20, "10.%u.%u.%u", number >> 16, number >> 8 & 255, number & 255);
	return text;
}

/* Against a plain array of what should be there. */
START_TEST(many_come_and_go)
{
	enum { HOSTS = 2 * BANS_MOST };
	static bool banned[HOSTS];
	uint32_t count = 0, seen = 0, place = 0;
	struct ban ban;
	char host[20];

	ck_assert_int_eq(bans_open(&bans), 0);
	srandom(1);
	for (int i = 0; i < 60000; i++) {
		uint32_t number = (uint32_t)random() % HOSTS;

		host_of(host, number);
		if (random() % 3) {
			int expected = banned[number] || count < BANS_MOST ? 0 : -ENOSPC;

			ck_assert_int_eq(set(host, host), expected);
			count += expected == 0 && !banned[number];
			banned[number] |= expected == 0;
		} else {
			ck_assert_int_eq(lift(host), banned[number]);
			count -= banned[number];
			banned[number] = false;
		}
		ck_assert_uint_eq(bans_count(&bans), count);
	}
	for (uint32_t i = 0; i < HOSTS; i++) {
		ck_assert_int_eq(finds(host_of(host, i), &ban), banned[i]);
		if (banned[i])
			ck_assert_str_eq(ban.reason, host);
	}
	while (bans_next(&bans, &place, &ban))
		seen++;
	ck_assert_uint_eq(seen, count);
}
END_TEST

/* The child's share of it: what a worker that was broken into could try. */
static int try_to_write(void)
{
	struct bans_table *table = (struct bans_table *)(uintptr_t)bans.table;
	void *own;

	if (!is_banned("192.0.2.7"))
		return 1;
	if (mprotect(table, 4096, PROT_READ | PROT_WRITE) == 0)
		return 2;
	own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, bans.memory, 0);
	if (own != MAP_FAILED || pwrite(bans.memory, "x", 1, 0) >= 0)
		return 3;
	/* Its mother's mapping is none of its own. */
	return mprotect(bans.writable, 4096, PROT_READ) == 0 ? 4 : 0;
}

START_TEST(children_see_it_and_cannot_write_it)
{
	int status;
	pid_t pid;

	ck_assert_int_eq(bans_open(&bans), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		while (bans_count(&bans) == 0)
			(void)usleep(1000);
		_exit(try_to_write());
	}
	ck_assert_int_eq(set("192.0.2.7", ""), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}
END_TEST

START_TEST(another_table_is_adopted)
{
	struct bans old;
	FILE *other = tmpfile();

	ck_assert_int_eq(bans_open(&bans), 0);
	ck_assert_int_eq(set("192.0.2.7", "one"), 0);
	ck_assert_int_eq(set("2001:db8::/64", "two"), 0);
	old = bans;
	ck_assert_int_eq(bans_open(&bans), 0);
	ck_assert_mem_ne(bans_key(&bans), bans_key(&old), BANS_KEY);
	ck_assert_int_eq(bans_adopt(&bans, old.memory), 2);
	bans_close(&old);
	ck_assert(is_banned("192.0.2.7"));
	ck_assert(is_banned("2001:db8::5"));
	ck_assert_int_eq(bans_adopt(&bans, fileno(other)), -EPROTO);
	ck_assert_int_eq(ftruncate(fileno(other), 1 << 24), 0);
	ck_assert_int_eq(bans_adopt(&bans, fileno(other)), -EPROTO);
	ck_assert_uint_eq(bans_count(&bans), 2);
}
END_TEST

static _Atomic bool over;

static void *look_again_and_again(void *unused)
{
	uint32_t misses = 0;

	(void)unused;
	while (!atomic_load(&over)) {
		struct ban ban;

		/* This one is never lifted; others move it to and fro. */
		if (!finds("10.1.1.1", &ban))
			misses++;
		else
			ck_assert_str_eq(ban.reason, "10.1.1.1");
	}
	return (void *)(uintptr_t)misses;
}

START_TEST(who_looks_is_never_misled)
{
	pthread_t thread;
	void *misses;
	char host[20];

	ck_assert_int_eq(bans_open(&bans), 0);
	for (uint32_t i = 0; i < BANS_MOST - 1; i++)
		ck_assert_int_eq(set(host_of(host, i), ""), 0);
	ck_assert_int_eq(set("10.1.1.1", "10.1.1.1"), 0);
	ck_assert_int_eq(pthread_create(&thread, NULL, look_again_and_again, NULL), 0);
	for (int i = 0; i < 30000; i++) {
		host_of(host, (uint32_t)i % (BANS_MOST - 1));
		ck_assert(lift(host));
		ck_assert_int_eq(set(host, ""), 0);
	}
	atomic_store(&over, true);
	pthread_join(thread, &misses);
	ck_assert_uint_eq((uintptr_t)misses, 0);
}
END_TEST

SUITE(bans, nobody_is_banned_at_first, a_ban_holds_for_its_network_alone, everybody_can_be_banned,
	the_narrowest_ban_is_told_and_a_later_one_replaces, what_is_no_network_is_refused,
	many_come_and_go, children_see_it_and_cannot_write_it, another_table_is_adopted,
	who_looks_is_never_misled)
