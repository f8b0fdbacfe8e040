/* Each test runs in a process of its own, and gives up that process's rights. */
#include "worker/contain.h"
#include "common/rights.h"
#include "worker/store_change.h"
#include "worker/store_place.h"

#include "tests/unit/loading.h"
#include "tests/unit/suite.h"

#include <grp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static struct config *config;
static struct store store;
static const char *what;
static bool landlock;
static char root[PATH_MAX];

static void give_up_identity(void)
{
	int error;

	config = load_fine("listener a { }\n");
	error = contain_identity(config, &what);
	ck_assert_msg(error == 0, "%s: %s", what, strerror(-error));
}

/* A store with one file, all confined to it. */
static void enter_sandbox(void)
{
	int error;

	scratch_folder(root, "root");
	scratch_write_text(scratch_path(root, "file"), "inside");
	scratch_write_text("outside", "outside");
	ck_assert_int_eq(chmod(root, 0777), 0);
	ck_assert_int_eq(store_open(&store, root), 0);
	give_up_identity();
	config_free(config);
	error = contain_sandbox(&(struct contain_needs){.stores = {&store}}, &landlock, &what);
	ck_assert_msg(error == 0, "%s: %s", what, strerror(-error));
}

/* Runs the claims in a child of the test's own that is in the sandbox: Check itself, which reports
 * a test and takes its time, makes system calls that the sandbox refuses. A child whose claim fails
 * has told Check so, and exits with 1. */
static void in_sandbox(void (*claims)(void))
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		enter_sandbox();
		claims();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child's status is %x",
		(unsigned int)status);
}

#define skip_when_sanitized()                                                                      \
	do {                                                                                       \
		if (SUITE_SANITIZED)                                                               \
			suite_skip("sanitizers need system calls that the sandbox refuses");       \
	} while (0)

START_TEST(user_and_groups_are_gone_for_good)
{
	uid_t real, effective, saved;
	gid_t group, effective_group, saved_group;

	if (geteuid() != 0)
		suite_skip("only root has a user to give up");
	give_up_identity();
	ck_assert_uint_ne(config->uid, 0);
	ck_assert_int_eq(getresuid(&real, &effective, &saved), 0);
	ck_assert(real == config->uid && effective == config->uid && saved == config->uid);
	ck_assert_int_eq(getresgid(&group, &effective_group, &saved_group), 0);
	ck_assert(group == config->gid && effective_group == config->gid &&
		  saved_group == config->gid);
	ck_assert_int_eq(getgroups(0, NULL), 0);
	ck_assert_int_lt(setuid(0), 0);
	ck_assert_int_lt(setgid(0), 0);
	ck_assert_int_lt(setgroups(1, &(gid_t){0}), 0);
	config_free(config);
}
END_TEST

START_TEST(capabilities_are_gone)
{
	cap_flag_value_t value;
	cap_t all;

	give_up_identity();
	all = cap_get_proc();
	for (cap_value_t i = 0; i <= CAP_LAST_CAP; i++) {
		for (int flag = CAP_EFFECTIVE; flag <= CAP_INHERITABLE; flag++) {
			if (cap_get_flag(all, i, (cap_flag_t)flag, &value) == 0)
				ck_assert_int_eq(value, CAP_CLEAR);
		}
	}
	ck_assert_int_eq(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
	cap_free(all);
	config_free(config);
}
END_TEST

START_TEST(identity_can_be_given_up_twice)
{
	give_up_identity();
	config->change_user = false;
	ck_assert_int_eq(contain_identity(config, &what), 0);
	config_free(config);
}
END_TEST

START_TEST(failed_step_has_its_name)
{
	if (geteuid() != 0)
		suite_skip("only root can fail at it");
	give_up_identity();
	/* A second change of user is refused: the right to is gone. */
	config->uid = 0;
	ck_assert_int_eq(contain_identity(config, &what), -EPERM);
	ck_assert_str_eq(what, "setgroups");
	config_free(config);
}
END_TEST

static void claim_files_outside_cannot_be_reached(void)
{
	if (!landlock)
		return;
	ck_assert_int_lt(open("/etc/passwd", O_RDONLY), 0);
	ck_assert_int_lt(open("outside", O_RDONLY), 0);
	ck_assert_int_lt(open("new", O_WRONLY | O_CREAT, 0600), 0);
	ck_assert_int_lt(open("/", O_RDONLY | O_DIRECTORY), 0);
	ck_assert_int_lt(openat(store.root, "../outside", O_RDONLY), 0);
	ck_assert_int_lt(renameat(store.root, "file", AT_FDCWD, "stolen"), 0);
	ck_assert_int_lt(unlinkat(AT_FDCWD, "outside", 0), 0);
}

START_TEST(files_outside_cannot_be_reached)
{
	skip_when_sanitized();
	in_sandbox(claim_files_outside_cannot_be_reached);
}
END_TEST

static void claim_files_of_the_store_can(void)
{
	struct store_place place;
	struct store_file file;
	struct vpath path;
	char content[10] = "";
	int fresh;

	ck_assert_int_eq(vpath_resolve(&path, NULL, "file", 4), 0);
	ck_assert_int_eq(store_open_file(&store, &path, &file), 0);
	ck_assert_int_eq(read(file.descriptor, content, sizeof(content)), 6);
	ck_assert_str_eq(content, "inside");
	ck_assert_int_eq(vpath_resolve(&path, NULL, "target", 6), 0);
	ck_assert_int_eq(store_place_open(&place, &store, &path, 0), 0);
	fresh = store_place_create(&place, "fresh", STORE_PLACE_FRESH);
	ck_assert_int_ge(fresh, 0);
	ck_assert_int_eq(write(fresh, "new", 3), 3);
	ck_assert_int_eq(ftruncate(fresh, 2), 0);
	ck_assert_int_eq(fdatasync(fresh), 0);
	ck_assert_int_eq(store_place_take_name(&place, place.directory, "fresh", true), 0);
	ck_assert_int_eq(store_place_sync(&place), 0);
	ck_assert_int_gt(store_place_free_bytes(&place), 0);
	ck_assert_int_eq(store_look(&store, &path, &file), 0);
	ck_assert_int_eq(file.size, 2);
	ck_assert_int_eq(store_place_remove(&place, "target"), 0);
}

START_TEST(files_of_the_store_can)
{
	skip_when_sanitized();
	in_sandbox(claim_files_of_the_store_can);
}
END_TEST

static struct vpath named(const char *text)
{
	struct vpath path;

	ck_assert_int_eq(vpath_resolve(&path, NULL, text, strlen(text)), 0);
	return path;
}

static void claim_the_store_can_be_changed(void)
{
	struct vpath file = named("file"), deep = named("a/b"), moved = named("a/b/moved"),
		     link = named("a/link"), top = named("a"), other = named("c");
	struct store_file facts;

	ck_assert_int_eq(store_make_directories(&store, &deep), 0);
	ck_assert_int_eq(store_make_directory(&store, &other), 0);
	ck_assert_int_eq(store_remove_directory(&store, &other), 0);
	ck_assert_int_eq(store_set_mode(&store, &deep, 0750), 0);
	ck_assert_int_eq(store_look(&store, &deep, &facts), 0);
	ck_assert_uint_eq(facts.mode, 0750);
	ck_assert_int_eq(store_set_mtime(&store, &deep, 1000000000), 0);
	ck_assert_int_eq(store_make_link(&store, "/a/b", 4, &link), 0);
	ck_assert_int_gt(store_free_bytes(&store, &deep), 0);
	ck_assert_int_eq(store_make_link(&store, "/a", 2, &other), 0);
	store.may &= ~(uint32_t)RIGHT_overwrite;
	ck_assert_int_eq(store_rename(&store, &other, &moved), 0);
	ck_assert_int_eq(store_remove_file(&store, &moved), 0);
	ck_assert_int_eq(store_copy(&store, &file, &moved, NULL, NULL, NULL, NULL), 0);
	ck_assert_int_eq(store_remove_file(&store, &moved), 0);
	/* The file is another user's if there is one to be another: all the same. */
	ck_assert_int_eq(store_rename(&store, &file, &moved), 0);
	ck_assert_int_eq(store_remove_tree(&store, &top, NULL, NULL), 0);
}

START_TEST(the_store_can_be_changed)
{
	skip_when_sanitized();
	in_sandbox(claim_the_store_can_be_changed);
}
END_TEST

static void *answer(void *argument)
{
	*(int *)argument = 42;
	return NULL;
}

static void claim_threads_can_still_start(void)
{
	pthread_t thread;
	int given = 0;

	ck_assert_int_eq(pthread_create(&thread, NULL, answer, &given), 0);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(given, 42);
}

START_TEST(threads_can_still_start)
{
	skip_when_sanitized();
	in_sandbox(claim_threads_can_still_start);
}
END_TEST

static void claim_new_sockets_are_refused(void)
{
	ck_assert_int_eq(socket(AF_INET, SOCK_STREAM, 0), -1);
	ck_assert_int_eq(errno, EPERM);
	ck_assert_int_eq(socket(AF_UNIX, SOCK_STREAM, 0), -1);
	ck_assert_int_eq(kill(getppid(), 0), -1);
}

START_TEST(new_sockets_are_refused)
{
	skip_when_sanitized();
	in_sandbox(claim_new_sockets_are_refused);
}
END_TEST

/* A worker that serves accounts: it may ask by a pair of sockets, and serves what it is given a
 * descriptor of if that lies below its roots. The users file does not. */
static void claim_accounts_are_served(void)
{
	int ends[2], below, homes;

	ck_assert_int_eq(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
	ck_assert_int_lt(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	ck_assert_int_lt(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), 0);
	if (!landlock)
		return;
	homes = open("homes/anna", O_PATH | O_DIRECTORY);
	ck_assert_int_ge(homes, 0);
	below = openat(homes, "file", O_RDONLY);
	ck_assert_int_ge(below, 0);
	ck_assert_int_lt(open("users", O_RDONLY), 0);
	ck_assert_int_eq(errno, EACCES);
	ck_assert_int_lt(openat(open(".", O_PATH | O_DIRECTORY), "users", O_RDONLY), 0);
}

START_TEST(accounts_are_served)
{
	pid_t child;
	int status;

	skip_when_sanitized();
	child = fork();
	if (child == 0) {
		char path[PATH_MAX];
		int homes = open(scratch_folder(path, "homes"), O_PATH | O_DIRECTORY);
		struct contain_needs needs = {.roots = &homes, .root_count = 1, .asks = true};

		scratch_folder(path, "homes/anna");
		scratch_write_text("homes/anna/file", "anna's");
		scratch_write_text("users", "anna");
		ck_assert_int_eq(chmod(".", 0777), 0);
		ck_assert_int_eq(chmod("users", 0644), 0);
		give_up_identity();
		config_free(config);
		ck_assert_int_eq(contain_sandbox(&needs, &landlock, &what), 0);
		claim_accounts_are_served();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child's status is %x",
		(unsigned int)status);
}
END_TEST

static void try_execve(void)
{
	char *arguments[] = {(char *)"/bin/true", NULL};

	execv("/bin/true", arguments);
}

static void try_fork(void)
{
	(void)syscall(SYS_fork);
}

static void try_ptrace(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void try_mount(void)
{
	(void)syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL);
}

START_TEST(deadly_calls_kill)
{
	static void (*const tries[])(void) = {try_execve, try_fork, try_ptrace, try_mount};
	static const char *const names[] = {"execve", "fork", "ptrace", "mount"};

	skip_when_sanitized();
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		pid_t child = fork();
		char folder[PATH_MAX];
		int status;

		if (child == 0) {
			ck_assert_int_eq(chdir(scratch_folder(folder, names[i])), 0);
			enter_sandbox();
			tries[i]();
			_exit(0);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "%s: status %x",
			names[i], (unsigned int)status);
	}
}
END_TEST

/* Neither fork nor vfork nor a clone without CLONE_THREAD makes a process. */
static void claim_no_process_can_be_made(void)
{
	ck_assert_int_lt(syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL), 0);
	ck_assert_int_lt(syscall(SYS_clone3, NULL, 0), 0);
	ck_assert_int_eq(errno, ENOSYS);
}

START_TEST(no_process_can_be_made)
{
	skip_when_sanitized();
	in_sandbox(claim_no_process_can_be_made);
}
END_TEST

SUITE(contain, user_and_groups_are_gone_for_good, capabilities_are_gone,
	identity_can_be_given_up_twice, failed_step_has_its_name, files_outside_cannot_be_reached,
	files_of_the_store_can, the_store_can_be_changed, threads_can_still_start,
	new_sockets_are_refused, accounts_are_served, deadly_calls_kill, no_process_can_be_made)
