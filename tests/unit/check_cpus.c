#include "common/cpus.h"

#include "tests/unit/suite.h"

#include <sys/stat.h>

static void write_file(const char *folder, const char *leaf, const char *text)
{
	char name[200];
	FILE *file;

	snprintf(name, sizeof(name), "%s/%s", folder, leaf);
	file = fopen(name, "w");
	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static void write_quota(const char *folder, const char *text)
{
	write_file(folder, "cpu.max", text);
}

START_TEST(there_is_at_least_one)
{
	ck_assert_uint_ge(cpus_usable(), 1);
	ck_assert_uint_le(cpus_usable(), (unsigned int)sysconf(_SC_NPROCESSORS_CONF));
}
END_TEST

START_TEST(parts_are_rounded_up)
{
	static const struct {
		const char *text;
		uint32_t cpus;
	} cases[] = {{"100000 100000\n", 1}, {"150000 100000\n", 2}, {"200000 100000\n", 2},
		{"1000 100000\n", 1}, {"max 100000\n", UINT32_MAX}, {"", UINT32_MAX},
		{"nonsense", UINT32_MAX}, {"5 0\n", UINT32_MAX},
		{"18446744073709551615 1\n", UINT32_MAX}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_quota(".", cases[i].text);
		ck_assert_uint_eq(cpus_of_cgroup(".", "/"), cases[i].cpus);
	}
}
END_TEST

START_TEST(the_tightest_on_the_way_up_counts)
{
	ck_assert_int_eq(mkdir("a", 0755), 0);
	ck_assert_int_eq(mkdir("a/b", 0755), 0);
	ck_assert_uint_eq(cpus_of_cgroup(".", "/a/b"), UINT32_MAX);
	write_quota("a", "300000 100000\n");
	ck_assert_uint_eq(cpus_of_cgroup(".", "/a/b"), 3);
	write_quota("a/b", "800000 100000\n");
	ck_assert_uint_eq(cpus_of_cgroup(".", "/a/b"), 3);
	write_quota(".", "200000 100000\n");
	ck_assert_uint_eq(cpus_of_cgroup(".", "/a/b"), 2);
}
END_TEST

START_TEST(version_1_has_two_files)
{
	ck_assert_int_eq(mkdir("a", 0755), 0);
	write_file("a", "cpu.cfs_period_us", "100000\n");
	ck_assert_uint_eq(cpus_of_cgroup(".", "/a"), UINT32_MAX);
	write_file("a", "cpu.cfs_quota_us", "-1\n");
	ck_assert_uint_eq(cpus_of_cgroup(".", "/a"), UINT32_MAX);
	write_file("a", "cpu.cfs_quota_us", "250000\n");
	ck_assert_uint_eq(cpus_of_cgroup(".", "/a"), 3);
	ck_assert_int_eq(mkdir("a/b", 0755), 0);
	write_file("a/b", "cpu.cfs_period_us", "50000\n");
	write_file("a/b", "cpu.cfs_quota_us", "60000\n");
	ck_assert_uint_eq(cpus_of_cgroup(".", "/a/b"), 2);
}
END_TEST

SUITE(cpus, there_is_at_least_one, parts_are_rounded_up, the_tightest_on_the_way_up_counts,
	version_1_has_two_files)
