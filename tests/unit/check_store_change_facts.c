#include "worker/store_change.h"

#include "common/rights.h"

#include "tests/unit/store_setup.h"

#include <pwd.h>
#include <seccomp.h>
#include <sys/wait.h>

static int set_mode(const char *name, mode_t mode)
{
	return store_set_mode(&store, at(name), mode);
}

START_TEST(permissions_are_set)
{
	int free_one;

	open_store();
	free_one = lowest_free_descriptor();
	make_file("file", "");
	make_folder("dir");
	make_file("dir/file", "");
	for (mode_t mode = 0; mode <= 0777; mode += 0111) {
		ck_assert_int_eq(set_mode("/file", mode), 0);
		ck_assert_uint_eq(mode_of("file"), mode);
	}
	ck_assert_int_eq(set_mode("/dir/file", 0604), 0);
	ck_assert_uint_eq(mode_of("dir/file"), 0604);
	ck_assert_int_eq(set_mode("/dir", 0700), 0);
	ck_assert_uint_eq(mode_of("dir"), 0700);
	ck_assert_int_eq(set_mode("/none", 0644), -ENOENT);
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
}
END_TEST

START_TEST(set_user_id_and_its_like_are_neither_given_nor_taken)
{
	open_store();
	make_file("file", "");
	make_folder("dir");
	ck_assert_int_eq(set_mode("/file", 04755), -EINVAL);
	ck_assert_int_eq(set_mode("/file", 02755), -EINVAL);
	ck_assert_int_eq(set_mode("/dir", 01777), -EINVAL);
	ck_assert_int_eq(set_mode("/dir", 010000), -EINVAL);
	ck_assert_int_eq(chmod(below("dir"), 03777), 0);
	ck_assert_int_eq(chmod(below("file"), 04755), 0);
	ck_assert_int_eq(set_mode("/dir", 0755), 0);
	ck_assert_int_eq(set_mode("/file", 0755), 0);
	ck_assert_uint_eq(mode_of("dir"), 03755);
	ck_assert_uint_eq(mode_of("file"), 0755);
}
END_TEST

START_TEST(links_lead_to_what_is_inside)
{
	struct stat status;

	open_store();
	scratch_write_text("secret", "secret");
	chmod("secret", 0600);
	make_file("file", "");
	link_to("file", "link");
	link_to("../secret", "outside");
	ck_assert_int_eq(set_mode("/link", 0606), 0);
	ck_assert_uint_eq(mode_of("file"), 0606);
	ck_assert_int_eq(set_mode("/outside", 0666), -ENOENT);
	ck_assert_int_eq(store_set_mtime(&store, at("/outside"), 1), -ENOENT);
	ck_assert_int_eq(stat("secret", &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0600);
	ck_assert_int_ne(status.st_mtim.tv_sec, 1);
}
END_TEST

START_TEST(times_are_set)
{
	static const int64_t times[] = {0, 1, 1000000000, 4000000000, -1000000000};
	struct stat before, after;

	open_store();
	make_file("file", "");
	make_folder("dir");
	ck_assert_int_eq(stat(below("file"), &before), 0);
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		ck_assert_int_eq(store_set_mtime(&store, at("/file"), times[i]), 0);
		ck_assert_int_eq(stat(below("file"), &after), 0);
		ck_assert_int_eq(after.st_mtim.tv_sec, times[i]);
		ck_assert_int_eq(after.st_mtim.tv_nsec, 0);
		ck_assert_int_eq(after.st_atim.tv_sec, before.st_atim.tv_sec);
	}
	ck_assert_int_eq(store_set_mtime(&store, at("/dir"), 77), 0);
	ck_assert_int_eq(stat(below("dir"), &after), 0);
	ck_assert_int_eq(after.st_mtim.tv_sec, 77);
	ck_assert_int_eq(store_set_mtime(&store, at("/none"), 0), -ENOENT);
}
END_TEST

/* A process that does something in a world of its own. */
static void in_child(void (*claims)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		claims();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

/* The kernel knows no fchmodat2, nor utimensat with AT_EMPTY_PATH. */
static void become_old(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	ck_assert_int_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), 452, 0), 0);
	ck_assert_int_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(utimensat), 1,
				 SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH, 0)),
		0);
	ck_assert_int_eq(seccomp_load(filter), 0);
	seccomp_release(filter);
}

static void claim_facts_are_set(void)
{
	struct stat status;

	become_old();
	ck_assert_int_eq(set_mode("/link", 0640), 0);
	ck_assert_uint_eq(mode_of("file"), 0640);
	ck_assert_int_eq(set_mode("/dir", 0711), 0);
	ck_assert_uint_eq(mode_of("dir"), 03711);
	ck_assert_int_eq(set_mode("/fifo", 0711), -EACCES);
	ck_assert_int_eq(store_set_mtime(&store, at("/file"), 99), 0);
	ck_assert_int_eq(stat(below("file"), &status), 0);
	ck_assert_int_eq(status.st_mtim.tv_sec, 99);
}

START_TEST(old_kernels_can_do_it)
{
	open_store();
	make_file("file", "");
	make_folder("dir");
	chmod(below("dir"), 03700);
	link_to("file", "link");
	ck_assert_int_eq(mkfifo(below("fifo"), 0600), 0);
	in_child(claim_facts_are_set);
}
END_TEST

/* Not being root, and the file being root's. */
static void claim_disk_refuses(void)
{
	ck_assert_int_eq(setuid(getpwnam("nobody")->pw_uid), 0);
	ck_assert_int_eq(set_mode("/file", 0600), -EACCES);
	ck_assert_int_eq(store_set_mtime(&store, at("/file"), 1), -EACCES);
	ck_assert_int_eq(store_remove_file(&store, at("/sticky/file")), -EACCES);
	ck_assert_int_eq(store_rename(&store, at("/sticky/file"), at("/sticky/x")), -EACCES);
	ck_assert_int_eq(store_remove_directory(&store, at("/sticky/dir")), -EACCES);
	ck_assert_int_eq(store_make_directory(&store, at("/dir")), -EACCES);
}

START_TEST(what_the_disk_refuses_is_not_a_missing_right)
{
	if (geteuid() != 0 || !getpwnam("nobody"))
		suite_skip("only root can make files that are another user's");
	open_store();
	make_file("file", "");
	make_folder("sticky");
	make_file("sticky/file", "");
	make_folder("sticky/dir");
	ck_assert_int_eq(chmod(below("sticky"), 01777), 0);
	in_child(claim_disk_refuses);
}
END_TEST

SUITE(store_change_facts, permissions_are_set, set_user_id_and_its_like_are_neither_given_nor_taken,
	links_lead_to_what_is_inside, times_are_set, old_kernels_can_do_it,
	what_the_disk_refuses_is_not_a_missing_right)
