#include "herald/herald.h"

#include "common/channel.h"
#include "common/clock.h"
#include "common/log.h"
#include "herald/program.h"
#include "herald/sources.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PATIENCE_MS = 1000,
	BLIND_PATIENCE_MS = 200, /* where the kernel gives no inotify(7) */
	GATHER_MS = 10,          /* uploads that come together are told of together */
	TROUBLE_MS = 1000,
	EXIT_TROUBLE = 71 /* EX_OSERR of sysexits.h */
};

struct herald {
	const struct herald_birthright *birthright;
	int raw; /* the folder of the workers' files */
	int lock;
	int watch; /* inotify(7); -1: there is none */
	bool leaving;
	bool relieved; /* by another one, who tells of all from now on */
	struct journal journal;
	struct sources sources;
	struct program program;
};

/* ---- birth ---- */

static void settle_signals(void)
{
	static const int ignored[] = {
		SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGQUIT, SIGXFSZ, SIGTSTP};
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The way to a file may be closed to the service's user, whose workers had the roots opened for
 * them; looking at a name is all that this is for. */
static int keep_search(bool search)
{
	static const cap_value_t kept[] = {CAP_DAC_READ_SEARCH};
	cap_t wanted = cap_init();
	int error = 0;

	if (!wanted ||
		(search && (cap_set_flag(wanted, CAP_PERMITTED, 1, kept, CAP_SET) < 0 ||
				   cap_set_flag(wanted, CAP_EFFECTIVE, 1, kept, CAP_SET) < 0)) ||
		cap_set_proc(wanted) < 0)
		error = -errno;
	cap_free(wanted);
	return error;
}

static int become_user(const struct config *config)
{
	if (!config->change_user)
		return keep_search(false);
	if (setgroups(0, NULL) < 0 || setresgid(config->gid, config->gid, config->gid) < 0 ||
		prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
		setresuid(config->uid, config->uid, config->uid) < 0)
		return -errno;
	return keep_search(true);
}

static bool is_over(const struct herald *herald, int wait_ms)
{
	struct pollfd channel = {.fd = herald->birthright->channel, .events = POLLIN};

	return poll(&channel, 1, wait_ms) > 0 && channel.revents & (POLLHUP | POLLERR);
}

/* One whose master died may still be busy with its end. */
static int take_lock(struct herald *herald)
{
	herald->lock = openat(herald->birthright->directory, "lock",
		O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (herald->lock < 0)
		return -errno;
	while (flock(herald->lock, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK)
			return -errno;
		if (is_over(herald, GATHER_MS))
			return -ECANCELED;
	}
	return 0;
}

static int watch_workers(struct herald *herald)
{
	char path[40];

	herald->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (herald->watch < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", herald->raw);
	if (inotify_add_watch(herald->watch, path, IN_MODIFY | IN_MOVED_TO | IN_CLOSE_WRITE) >= 0)
		return 0;

	int error = -errno;

	close(herald->watch);
	herald->watch = -1;
	return error;
}

static int open_all(struct herald *herald)
{
	const struct config *config = herald->birthright->config;
	int directory = herald->birthright->directory;
	int error = become_user(config);

	if (error == 0) {
		herald->raw = openat(
			directory, HERALD_RAW, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		error = herald->raw < 0 ? -errno : take_lock(herald);
	}
	if (error == 0)
		error = journal_open(&herald->journal, config, directory);
	if (error == 0) {
		sources_open(&herald->sources, herald->raw, &herald->journal);
		error = program_open(&herald->program, config, directory, herald->journal.next - 1);
	}
	if (error == 0 && watch_workers(herald) < 0)
		log_warning("events: no inotify; they are looked for now and then",
			"advice=\"raise fs.inotify.max_user_instances\"");
	return error;
}

/* ---- life ---- */

static void take_level(const char *name)
{
	int level = log_level_named(name);

	if (level >= 0)
		log_set_level((enum log_level)level);
}

static void obey(struct herald *herald)
{
	struct channel_message message;
	int descriptor, got;

	while ((got = channel_receive(herald->birthright->channel, &message, &descriptor)) > 0) {
		if (message.word == CHANNEL_LOG && descriptor >= 0)
			(void)log_adopt(descriptor);
		if (message.word == CHANNEL_LEVEL)
			take_level(message.text);
		if (message.word == CHANNEL_DRAIN)
			herald->relieved = true;
		if (descriptor >= 0)
			close(descriptor);
	}
	herald->leaving |= got == 0 || herald->relieved;
}

static void forget_what_was_seen(const struct herald *herald)
{
	char events[4096];

	while (read(herald->watch, events, sizeof(events)) > 0)
		continue;
}

static void wait_for_events(struct herald *herald, bool more)
{
	int most = herald->watch < 0 ? BLIND_PATIENCE_MS : PATIENCE_MS;
	struct pollfd watches[] = {{.fd = herald->birthright->channel, .events = POLLIN},
		{.fd = herald->watch, .events = POLLIN},
		{.fd = herald->program.process, .events = POLLIN}};

	if (more)
		most = 1;
	(void)poll(watches, 3, program_patience(&herald->program, most, clock_ms()));
	if (watches[0].revents)
		obey(herald);
	if (watches[1].revents) {
		(void)poll(NULL, 0, GATHER_MS);
		forget_what_was_seen(herald);
	}
}

/* Told once, until it is over. */
static void note_trouble(int error, int *before)
{
	if (error < 0 && error != *before)
		log_error("events: cannot be told of at present", "error=\"%s\"", strerror(-error));
	else if (error == 0 && *before < 0)
		log_info("events: told of again", "");
	*before = error;
	if (error < 0)
		(void)poll(NULL, 0, TROUBLE_MS);
}

static void serve(struct herald *herald)
{
	int before = 0;

	do {
		int left = sources_round(&herald->sources);

		note_trouble(left < 0 ? left : 0, &before);
		program_tend(&herald->program, clock_ms());
		journal_turn(&herald->journal,
			herald->program.positions < 0 ? UINT64_MAX - 1 : herald->program.had);
		wait_for_events(herald, left > 0);
	} while (!herald->leaving);
	/* What the last workers have said. */
	for (int i = 0; i < 2 && !herald->relieved; i++)
		(void)sources_round(&herald->sources);
	program_close(&herald->program);
}

int herald_main(const struct herald_birthright *birthright)
{
	static struct herald herald;
	int error;

	herald = (struct herald){.birthright = birthright, .raw = -1, .lock = -1, .watch = -1};
	settle_signals();
	prctl(PR_SET_NAME, "ftpool herald", 0, 0, 0);
	setproctitle("herald");
	umask(027);
	error = open_all(&herald);
	if (error < 0) {
		log_error("events: cannot begin", "error=\"%s\"", strerror(-error));
		return EXIT_TROUBLE;
	}
	serve(&herald);
	sources_close(&herald.sources);
	journal_close(&herald.journal);
	return 0;
}
