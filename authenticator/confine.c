#include "authenticator/confine.h"

#include "common/call_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- identity ---- */

static int become_user(const struct config *config, const char **what)
{
	*what = "setgroups";
	if (setgroups(0, NULL) < 0)
		return -errno;
	*what = "setresgid";
	if (setresgid(config->gid, config->gid, config->gid) < 0)
		return -errno;
	*what = "setresuid";
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return -errno;
	return setresuid(config->uid, config->uid, config->uid) < 0 ? -errno : 0;
}

/* The users file may be root's alone, and so may the directories on the way to a root. */
static int keep_capabilities(bool search, const char **what)
{
	static const cap_value_t kept[] = {CAP_DAC_READ_SEARCH};
	cap_t wanted = cap_init();
	int error = 0;

	*what = "capset";
	if (!wanted ||
		(search && (cap_set_flag(wanted, CAP_PERMITTED, 1, kept, CAP_SET) < 0 ||
				   cap_set_flag(wanted, CAP_EFFECTIVE, 1, kept, CAP_SET) < 0)))
		error = -errno;
	if (error == 0 && cap_set_proc(wanted) < 0)
		error = -errno;
	cap_free(wanted);
	return error;
}

static int give_up_identity(const struct config *config, const char **what)
{
	int error = config->change_user ? become_user(config, what) : 0;

	if (error == 0)
		error = keep_capabilities(config->change_user, what);
	if (error == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		*what = "no_new_privs";
		error = -errno;
	}
	return error;
}

/* ---- Landlock (landlock(7)); glibc has no wrappers. Looking up a root is not its matter: O_PATH
 * opens nothing ---- */

enum { FS_ABI_1 = (1 << 13) - 1 };

/* The directory in which the users file really stands; the file may be replaced at any time. */
static int open_users_directory(const struct config *config)
{
	char *real = realpath(config->users, NULL);
	char *path = real ? real : strdup(config->users);
	char *slash = path ? strrchr(path, '/') : NULL;
	int directory = -1;

	if (slash) {
		slash[slash == path] = '\0';
		directory = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	free(path);
	return directory;
}

static int allow_reading(int ruleset, const struct config *config)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
		.parent_fd = open_users_directory(config)};
	int error = 0;

	/* Without the directory there is nothing to read, and no more to be allowed. */
	if (rule.parent_fd < 0)
		return 0;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		error = -errno;
	close(rule.parent_fd);
	return error;
}

static int restrict_files(const struct config *config)
{
	int abi =
		(int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	uint64_t handled = FS_ABI_1;
	int ruleset, error;

	if (abi <= 0)
		return 0;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof(handled), 0);
	if (ruleset < 0)
		return -errno;
	error = allow_reading(ruleset, config);
	if (error == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		error = -errno;
	close(ruleset);
	return error;
}

/* ---- seccomp ---- */

static const int allowed_calls[] = {
	/* questions, answers, the log */
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(write), SCMP_SYS(poll), SCMP_SYS(ppoll),
	/* the users file, the roots */
	SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(read), SCMP_SYS(close), SCMP_SYS(fstat),
	SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(lseek), SCMP_SYS(fcntl), SCMP_SYS(dup3),
	/* memory, threads, time */
	SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
	SCMP_SYS(brk), SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_yield), SCMP_SYS(getrandom),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(clock_nanosleep),
	SCMP_SYS(restart_syscall), SCMP_SYS(prctl),
	/* the end */
	SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(gettid), SCMP_SYS(getpid),
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn)};

static int fill_filter(scmp_filter_ctx filter)
{
	int error = 0;

	for (size_t i = 0; i < sizeof(allowed_calls) / sizeof(allowed_calls[0]) && error == 0; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed_calls[i], 0);
	if (error == 0)
		error = call_filter_allow_threads(filter);
	return error == 0 ? seccomp_load(filter) : error;
}

static int restrict_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error = filter ? fill_filter(filter) : -ENOMEM;

	if (filter)
		seccomp_release(filter);
	return error;
}

int confine(const struct config *config, const char **what)
{
	int error = 0;

	*what = "dumpable";
	if (!config_asks(config, "pam"))
		error = give_up_identity(config, what);
	/* Now: a change of user changes it back. */
	if (error == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		error = -errno;
	if (error < 0 || config_asks(config, "pam") || !config->sandbox)
		return error;
	*what = "Landlock";
	error = restrict_files(config);
	if (error < 0)
		return error;
	*what = "seccomp";
	return restrict_calls();
}
