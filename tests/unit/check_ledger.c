#include "common/ledger.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const struct ledger_key key = {3, 14}, other_key = {3, 15};

static void expect_use(struct ledger *ledger, int tree, bool counted, int64_t bytes, int64_t files)
{
	struct ledger_key found;
	struct ledger_use use;

	ck_assert_int_eq(ledger_look(ledger, tree, &found, &use), counted);
	ck_assert_int_eq(use.bytes, bytes);
	ck_assert_int_eq(use.files, files);
}

static int count(struct ledger *ledger, const struct ledger_key *of, int64_t bytes, int64_t files)
{
	int tree = ledger_add(ledger, of);

	ck_assert_int_ge(ledger_take(ledger, tree), 0);
	ledger_set(ledger, tree, (struct ledger_use){bytes, files});
	ledger_give(ledger, tree);
	return tree;
}

START_TEST(a_tree_is_found_by_its_key_and_has_to_be_counted_first)
{
	struct ledger *ledger = ledger_new();
	int tree;

	ck_assert_uint_eq(ledger_trees(ledger), 0);
	ck_assert_int_eq(ledger_find(ledger, &key), -1);
	tree = ledger_add(ledger, &key);
	ck_assert_int_eq(ledger_add(ledger, &key), tree);
	ck_assert_int_eq(ledger_find(ledger, &key), tree);
	ck_assert_int_ne(ledger_add(ledger, &other_key), tree);
	ck_assert_uint_eq(ledger_trees(ledger), 2);
	ck_assert_int_eq(ledger_take(ledger, tree), 0);
	ledger_set(ledger, tree, (struct ledger_use){100, 2});
	ledger_give(ledger, tree);
	ck_assert_int_eq(ledger_take(ledger, tree), 1);
	ledger_change(ledger, tree, -30, 1);
	expect_use(ledger, tree, true, 70, 3);
	ledger_change(ledger, tree, -300, -10);
	expect_use(ledger, tree, true, 0, 0);
	ledger_give(ledger, tree);
	ledger_doubt(ledger, tree);
	ck_assert_int_eq(ledger_take(ledger, tree), 0);
	ledger_give(ledger, tree);
	ledger_free(ledger);
}
END_TEST

START_TEST(there_is_an_end_to_trees)
{
	struct ledger *ledger = ledger_new();

	for (uint64_t i = 0; i < LEDGER_TREES; i++)
		ck_assert_int_eq(ledger_add(ledger, &(struct ledger_key){7, i}), (int)i);
	ck_assert_int_eq(ledger_add(ledger, &(struct ledger_key){7, LEDGER_TREES}), -ENOSPC);
	ck_assert_int_eq(ledger_find(ledger, &(struct ledger_key){7, 4711}), 4711);
	ledger_free(ledger);
}
END_TEST

/* Its lock is the kernel's to undo, its mark is the next one's to see. */
START_TEST(what_one_who_died_had_in_his_hands_is_doubted)
{
	struct ledger *ledger = ledger_new();
	int tree = count(ledger, &key, 100, 2), whole = count(ledger, &other_key, 5, 1), status;
	pid_t child = fork();

	if (child == 0) {
		ledger_take(ledger, whole);
		ledger_give(ledger, whole);
		ledger_take(ledger, tree);
		ledger_change(ledger, tree, 50, 0);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	expect_use(ledger, tree, true, 150, 2); /* nobody has looked yet */
	ck_assert_uint_eq(ledger_bury(ledger, child), 1);
	expect_use(ledger, tree, false, 150, 2);
	expect_use(ledger, whole, true, 5, 1);
	ck_assert_int_eq(ledger_take(ledger, tree), 0);
	ledger_give(ledger, tree);
	ck_assert_uint_eq(ledger_bury(ledger, child), 0);
	ledger_free(ledger);
}
END_TEST

START_TEST(the_next_one_sees_the_mark_by_himself)
{
	struct ledger *ledger = ledger_new();
	int tree = count(ledger, &key, 100, 2), status;
	pid_t child = fork();

	if (child == 0) {
		ledger_take(ledger, tree);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(ledger_take(ledger, tree), 0);
	ledger_give(ledger, tree);
	ledger_free(ledger);
}
END_TEST

enum { CHANGES = 500, THREADS = 3 };

struct change {
	struct ledger *ledger;
	int tree;
};

/* More than one step, so that two at a time would lose some. */
static void *change(void *argument)
{
	const struct change *what = argument;
	struct ledger_key found;
	struct ledger_use use;

	for (int i = 0; i < CHANGES; i++) {
		ck_assert_int_eq(ledger_take(what->ledger, what->tree), 1);
		(void)ledger_look(what->ledger, what->tree, &found, &use);
		use.bytes++;
		ledger_set(what->ledger, what->tree, use);
		ledger_give(what->ledger, what->tree);
	}
	return NULL;
}

static void change_by_threads(struct change *what)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, change, what), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

/* Two trees, so that the kernel sees processes wait for each other. */
START_TEST(processes_and_threads_take_turns)
{
	struct ledger *ledger = ledger_new();
	struct change one = {ledger, count(ledger, &key, 0, 0)};
	struct change other = {ledger, count(ledger, &other_key, 0, 0)};
	pid_t children[2];
	int status;

	for (int i = 0; i < 2; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			change_by_threads(i == 0 ? &one : &other);
			change_by_threads(i == 0 ? &other : &one);
			_exit(0);
		}
	}
	change_by_threads(&one);
	change_by_threads(&other);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
		ck_assert_int_eq(status, 0);
	}
	expect_use(ledger, one.tree, true, 3 * THREADS * CHANGES, 0);
	expect_use(ledger, other.tree, true, 3 * THREADS * CHANGES, 0);
	ledger_free(ledger);
}
END_TEST

START_TEST(accounts_stand_there_once_and_end_in_nul)
{
	struct ledger *ledger = ledger_new();
	struct ledger_account account = {.name = "anna", .key = key, .bytes = 5};
	uint32_t position = 0;

	ledger_note_account(ledger, &account);
	account.bytes = 6;
	ledger_note_account(ledger, &account);
	memset(account.name, 'n', sizeof(account.name));
	ledger_note_account(ledger, &account);
	ledger_note_account(ledger, &account);
	strcpy(account.name, "nobody has seen me, and I have no limit");
	account.bytes = 0;
	ledger_note_account(ledger, &account);
	ck_assert(ledger_next_account(ledger, &position, &account));
	ck_assert_str_eq(account.name, "anna");
	ck_assert_uint_eq(account.bytes, 6);
	ck_assert(ledger_next_account(ledger, &position, &account));
	ck_assert_uint_eq(strlen(account.name), LEDGER_NAME - 1);
	ck_assert(!ledger_next_account(ledger, &position, &account));
	ledger_free(ledger);
}
END_TEST

START_TEST(the_memory_is_adopted_and_no_other)
{
	struct ledger *ledger = ledger_new(), *same;
	int tree = count(ledger, &key, 100, 2);

	same = ledger_adopt(dup(ledger_descriptor(ledger)));
	expect_use(same, tree, true, 100, 2);
	ck_assert_ptr_null(ledger_adopt(open("/dev/null", O_RDWR)));
	ledger_free(same);
	ledger_free(ledger);
}
END_TEST

SUITE(ledger, a_tree_is_found_by_its_key_and_has_to_be_counted_first, there_is_an_end_to_trees,
	what_one_who_died_had_in_his_hands_is_doubted, the_next_one_sees_the_mark_by_himself,
	processes_and_threads_take_turns, accounts_stand_there_once_and_end_in_nul,
	the_memory_is_adopted_and_no_other)
