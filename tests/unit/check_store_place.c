#include "common/rights.h"
#include "worker/partial.h"
#include "worker/store_place.h"

#include "tests/unit/store_setup.h"

#include <seccomp.h>
#include <sys/wait.h>

static struct store_place place;

static int take(const char *name, bool replace)
{
	return store_place_take_name(&place, place.directory, name, replace);
}

static void claim_free_names_are_taken_and_others_refused(void)
{
	ck_assert_int_eq(store_place_open(&place, &store, at("/target"), RIGHT_put), 0);
	make_file("a", "new");
	ck_assert_int_eq(take("a", false), 0);
	scratch_expect(below("target"), "new");
	ck_assert(!scratch_exists(below("a")));
	make_file("a", "newer");
	ck_assert_int_eq(take("a", false), -EEXIST);
	scratch_expect(below("target"), "new");
	scratch_expect(below("a"), "newer");
	ck_assert_int_eq(take("a", true), 0);
	scratch_expect(below("target"), "newer");
	ck_assert_int_eq(take("none", true), -ENOENT);
	make_folder("dir");
	ck_assert_int_eq(take("dir", false), -EEXIST);
	ck_assert_int_eq(unlink(below("target")), 0);
	ck_assert_int_eq(take("none", false), -ENOENT);
	ck_assert_int_eq(take("dir", false), 0);
	make_file("b", "");
	ck_assert_int_eq(take("b", false), -EEXIST);
	ck_assert_int_eq(rmdir(below("target")), 0);
	link_to("nowhere", "link");
	ck_assert_int_eq(take("link", false), 0);
	ck_assert_int_eq(take("b", false), -EEXIST);
	store_place_close(&place);
}

START_TEST(free_names_are_taken_and_others_refused)
{
	open_store();
	claim_free_names_are_taken_and_others_refused();
}
END_TEST

/* A file system without RENAME_NOREPLACE, and one without second names too. */
static void claim_where_the_file_system_cannot(bool links)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	ck_assert_int_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(renameat2), 1,
				 SCMP_A4(SCMP_CMP_EQ, RENAME_NOREPLACE, 0)),
		0);
	if (!links)
		ck_assert_int_eq(
			seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(linkat), 0), 0);
	ck_assert_int_eq(seccomp_load(filter), 0);
	seccomp_release(filter);
	claim_free_names_are_taken_and_others_refused();
}

START_TEST(file_systems_that_cannot_do_it_alone)
{
	char above[PATH_MAX];

	ck_assert_ptr_nonnull(getcwd(above, sizeof(above)));
	for (int links = 0; links <= 1; links++) {
		char name[] = {'f', (char)('0' + links), '\0'};
		pid_t child = fork();
		int status;

		if (child == 0) {
			char folder[PATH_MAX];

			ck_assert_int_eq(chdir(scratch_folder(folder, name)), 0);
			open_store();
			claim_where_the_file_system_cannot(links);
			_exit(0);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
	}
}
END_TEST

START_TEST(standing_places_are_neither_partials_nor_the_root)
{
	open_store();
	ck_assert_int_eq(store_place_open_standing(&place, &store, at("/.a.partial"), RIGHT_rename),
		-ENOENT);
	ck_assert_int_eq(store_place_open_standing(&place, &store, at("/"), RIGHT_rename), -EACCES);
	ck_assert_int_eq(store_place_open_standing(&place, &store, at("/a"), RIGHT_rename), 0);
	store_place_close(&place);
}
END_TEST

START_TEST(partials_have_one_writer)
{
	int writer;

	open_store();
	ck_assert_int_eq(store_place_open(&place, &store, at("/a"), RIGHT_put), 0);
	ck_assert_int_eq(partial_open(&place, ".a.partial", STORE_PLACE_STANDING), -ENOENT);
	ck_assert_int_eq(partial_remove(&place, ".a.partial"), -ENOENT);
	writer = partial_open(&place, ".a.partial", STORE_PLACE_FRESH);
	ck_assert_int_ge(writer, 0);
	ck_assert_int_eq(partial_open(&place, ".a.partial", STORE_PLACE_FRESH), -EEXIST);
	ck_assert_int_eq(partial_open(&place, ".a.partial", STORE_PLACE_ANY), -EBUSY);
	ck_assert_int_eq(partial_open(&place, ".a.partial", STORE_PLACE_STANDING), -EBUSY);
	ck_assert_int_eq(partial_remove(&place, ".a.partial"), -EBUSY);
	close(writer);
	writer = partial_open(&place, ".a.partial", STORE_PLACE_ANY);
	ck_assert_int_ge(writer, 0);
	close(writer);
	ck_assert_int_eq(partial_remove(&place, ".a.partial"), 0);
	ck_assert(!scratch_exists(below(".a.partial")));
	store_place_close(&place);
}
END_TEST

SUITE(store_place, free_names_are_taken_and_others_refused, file_systems_that_cannot_do_it_alone,
	standing_places_are_neither_partials_nor_the_root, partials_have_one_writer)
