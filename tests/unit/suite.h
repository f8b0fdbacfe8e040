/* A unit suite is a program: one room's tests and a SUITE line.
 *
 *     START_TEST(root_is_a_slash) { … } END_TEST
 *     SUITE(vpath, root_is_a_slash, …)
 *
 * Each test runs in a process of its own, in an empty working directory of its own; the directories
 * are removed at the end whatever the tests left there. main's status is 0 when all passed. */
#ifndef FTPOOL_TESTS_UNIT_SUITE_H
#define FTPOOL_TESTS_UNIT_SUITE_H

#include <check.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Seconds for one test: only there to end one that hangs, so wide enough for sanitizers. */
enum { SUITE_PATIENCE = 60 };

#define SUITE(room, ...)                                                                           \
	int main(void)                                                                             \
	{                                                                                          \
		const TTest *const tests[] = {__VA_ARGS__};                                        \
                                                                                                   \
		return suite_run(#room, tests, sizeof(tests) / sizeof(tests[0]));                  \
	}

/* Leaves a test that cannot be done here, and says why. */
#define suite_skip(reason)                                                                         \
	do {                                                                                       \
		fprintf(stderr, "%s: skipped: %s\n", __func__, reason);                            \
		return;                                                                            \
	} while (0)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SUITE_SANITIZED 1
#else
#define SUITE_SANITIZED 0
#endif

static inline int suite_remove(
	const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	(void)remove(path);
	return 0;
}

static inline void suite_enter_directory(void)
{
	char folder[] = "test-XXXXXX";

	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chdir(folder), 0);
}

/* How many failed. */
static inline int suite_run_tests(const char *room, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(room);
	TCase *all = tcase_create(room);
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(all, suite_enter_directory, NULL);
	tcase_set_timeout(all, SUITE_PATIENCE);
	suite_add_tcase(suite, all);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(all, tests[i]);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed;
}

static inline int suite_run(const char *room, const TTest *const *tests, size_t count)
{
	char folder[] = "/tmp/ftpool-check-XXXXXX";
	int failed;

	if (!mkdtemp(folder) || chdir(folder) < 0) {
		perror(folder);
		return EXIT_FAILURE;
	}
	failed = suite_run_tests(room, tests, count);
	if (chdir("/") == 0)
		(void)nftw(folder, suite_remove, 16, FTW_DEPTH | FTW_PHYS);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
