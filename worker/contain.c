#include "worker/contain.h"

#include "common/call_filter.h"

#include <errno.h>
#include <grp.h>
#include <linux/landlock.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
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
	return setresuid(config->uid, config->uid, config->uid) < 0 ? -errno : 0;
}

static int drop_capabilities(const char **what)
{
	cap_t none = cap_init();
	int error = 0;

	*what = "capset";
	if (!none || cap_set_proc(none) < 0)
		error = -errno;
	cap_free(none);
	return error;
}

int contain_identity(const struct config *config, const char **what)
{
	int error = config->change_user ? become_user(config, what) : 0;

	if (error == 0)
		error = drop_capabilities(what);
	if (error == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
		*what = "no_new_privs";
		error = -errno;
	}
	return error;
}

/* ---- Landlock (landlock(7)); glibc has no wrappers, and older headers lack what came later ----
 */

struct ruleset {
	uint64_t handled_fs;
	uint64_t handled_net; /* ABI 4 */
	uint64_t scoped;      /* ABI 6 */
};

enum {
	FS_REFER = 1 << 13,     /* ABI 2 */
	FS_TRUNCATE = 1 << 14,  /* ABI 3 */
	FS_IOCTL_DEV = 1 << 15, /* ABI 5 */
	NET_BIND_TCP = 1 << 0,
	NET_CONNECT_TCP = 1 << 1,
	SCOPE_ABSTRACT_UNIX_SOCKET = 1 << 0,
	SCOPE_SIGNAL = 1 << 1,
	FS_ABI_1 = (1 << 13) - 1,
};

static uint64_t fs_rights(int abi)
{
	return FS_ABI_1 | (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
	       (abi >= 5 ? FS_IOCTL_DEV : 0);
}

/* What the protocols do with files; nothing is executed, and nothing but files, directories and
 * links is made. */
static uint64_t rights_in_store(int abi)
{
	return fs_rights(abi) &
	       (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
		       LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
		       LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SYM |
		       LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | FS_REFER |
		       FS_TRUNCATE);
}

static int allow_below(int ruleset, int root, int abi)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights_in_store(abi), .parent_fd = root};

	return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0
		       ? -errno
		       : 0;
}

static int allow_stores(int ruleset, const struct contain_needs *needs, int abi)
{
	int error = 0;

	for (size_t i = 0; i < CONTAIN_STORES && error == 0; i++) {
		if (needs->stores[i])
			error = allow_below(ruleset, needs->stores[i]->root, abi);
	}
	for (size_t i = 0; i < needs->root_count && error == 0; i++)
		error = allow_below(ruleset, needs->roots[i], abi);
	if (error < 0)
		return error;
	return syscall(SYS_landlock_restrict_self, ruleset, 0) < 0 ? -errno : 0;
}

/* What is handled and not allowed by a rule is refused. A client chooses the port that an active
 * data connection goes to, so there is no rule to write for that. */
static uint64_t refused_net(const struct contain_needs *needs)
{
	return (needs->listens || needs->connects ? 0 : NET_BIND_TCP) |
	       (needs->connects ? 0 : NET_CONNECT_TCP);
}

static int restrict_files_and_net(const struct contain_needs *needs, bool *landlock)
{
	int abi =
		(int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset rules = {.handled_fs = fs_rights(abi),
		.handled_net = abi >= 4 ? refused_net(needs) : 0,
		.scoped = abi >= 6 ? SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL : 0};
	size_t size = abi >= 6 ? sizeof(rules) : abi >= 4 ? 16 : 8;
	int ruleset, error;

	*landlock = abi > 0;
	if (abi <= 0)
		return 0;
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (ruleset < 0)
		return -errno;
	error = allow_stores(ruleset, needs, abi);
	close(ruleset);
	return error;
}

/* ---- seccomp ---- */

enum { SYS_FCHMODAT2 = 452 }; /* Linux 6.6; libseccomp may not know it yet */

static const int allowed_calls[] = {
	/* the client's socket */
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendfile),
	SCMP_SYS(accept4),
	SCMP_SYS(shutdown),
	SCMP_SYS(setsockopt),
	SCMP_SYS(getsockopt),
	SCMP_SYS(getsockname),
	SCMP_SYS(getpeername),
	/* waiting */
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(eventfd2),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(futex),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(sched_yield),
	/* files */
	SCMP_SYS(openat),
	SCMP_SYS(openat2),
	SCMP_SYS(readlinkat),
	SCMP_SYS(close),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(fstatfs),
	SCMP_SYS(getdents64),
	SCMP_SYS(lseek),
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(ftruncate),
	SCMP_SYS(fsync),
	SCMP_SYS(fdatasync),
	SCMP_SYS(fchmod),
	SCMP_SYS(renameat),
	SCMP_SYS(renameat2),
	SCMP_SYS(unlinkat),
	SCMP_SYS(mkdirat),
	SCMP_SYS(symlinkat),
	SCMP_SYS(linkat),
	SCMP_SYS(readlinkat),
	SCMP_SYS(copy_file_range),
	SCMP_SYS(utimensat),
	SYS_FCHMODAT2,
	SCMP_SYS(fcntl),
	SCMP_SYS(dup3),
	/* memory and threads */
	SCMP_SYS(mmap),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(mprotect),
	SCMP_SYS(madvise),
	SCMP_SYS(brk),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(rseq),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(getrandom),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(prctl),
	/* dying with a word */
	SCMP_SYS(gettid),
	SCMP_SYS(getpid),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
};

static const int listening_calls[] = {SCMP_SYS(bind), SCMP_SYS(listen)};
static const int connecting_calls[] = {SCMP_SYS(bind), SCMP_SYS(connect)};

/* No honest path leads here: the process is in somebody else's hands. */
static const int deadly_calls[] = {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork),
	SCMP_SYS(vfork), SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
	SCMP_SYS(bpf), SCMP_SYS(mount), SCMP_SYS(init_module), SCMP_SYS(finit_module),
	SCMP_SYS(kexec_load), SCMP_SYS(keyctl), SCMP_SYS(userfaultfd), SCMP_SYS(io_uring_setup)};

static int add_calls(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++)
		error = seccomp_rule_add(filter, action, calls[i], 0);
	return error;
}

/* New sockets for data connections: TCP alone. */
static int allow_data_connections(scmp_filter_ctx filter, const struct contain_needs *needs)
{
	static const int families[] = {AF_INET, AF_INET6};
	int error = 0;

	for (size_t i = 0; i < 2 && error == 0 && (needs->listens || needs->connects); i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
			SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i], 0),
			SCMP_A1(SCMP_CMP_EQ, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
	if (error == 0 && needs->listens)
		error = add_calls(filter, SCMP_ACT_ALLOW, listening_calls, 2);
	if (error == 0 && needs->connects)
		error = add_calls(filter, SCMP_ACT_ALLOW, connecting_calls, 2);
	return error;
}

static int allow_questions(scmp_filter_ctx filter, const struct contain_needs *needs)
{
	if (!needs->asks)
		return 0;
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 2,
		SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0),
		SCMP_A1(SCMP_CMP_EQ, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

static int fill_filter(scmp_filter_ctx filter, const struct contain_needs *needs)
{
	int error = add_calls(filter, SCMP_ACT_ALLOW, allowed_calls,
		sizeof(allowed_calls) / sizeof(allowed_calls[0]));

	if (error == 0)
		error = allow_data_connections(filter, needs);
	if (error == 0)
		error = allow_questions(filter, needs);
	if (error == 0)
		error = add_calls(filter, SCMP_ACT_KILL_PROCESS, deadly_calls,
			sizeof(deadly_calls) / sizeof(deadly_calls[0]));
	if (error == 0)
		error = call_filter_allow_threads(filter);
	/* Of all ioctls only the one of patience_left. */
	if (error == 0)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
			SCMP_A1(SCMP_CMP_EQ, SIOCOUTQ, 0));
	return error == 0 ? seccomp_load(filter) : error;
}

static int restrict_calls(const struct contain_needs *needs)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error = filter ? fill_filter(filter, needs) : -ENOMEM;

	if (filter)
		seccomp_release(filter);
	return error;
}

int contain_sandbox(const struct contain_needs *needs, bool *landlock, const char **what)
{
	int error;

	*what = "Landlock";
	error = restrict_files_and_net(needs, landlock);
	if (error == 0) {
		*what = "seccomp";
		error = restrict_calls(needs);
	}
	return error;
}
