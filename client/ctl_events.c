#include "client/ctl_events.h"

#include "common/event_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { LOOK_MS = 1000, BLIND_LOOK_MS = 200 };

struct follower {
	struct event_reader reader;
	uint64_t since; /* 0: everything that is kept */
	bool begun;
	int watch; /* inotify(7); -1: there is none, or nobody follows */
};

static enum ctl_exit fail(const char *what, int error)
{
	fprintf(stderr, "ftpctl: %s: %s\n", what, strerror(-error));
	if (error == -EACCES)
		fputs("ftpctl: the journal is for root and the service's own user and group\n",
			stderr);
	return CTL_REFUSED;
}

/* ---- where it is ---- */

static enum ctl_exit open_journal(const struct ctl_wish *wish, int *directory)
{
	json_t *answer;
	enum ctl_exit status = ctl_ask(wish->socket, "events", &answer);
	const char *path;

	if (status != CTL_WELL)
		return status;
	path = json_string_value(json_object_get(answer, "directory"));
	*directory = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (*directory < 0)
		status = fail(path ? path : "the server's answer", path ? -errno : -EPROTO);
	json_decref(answer);
	return status;
}

/* ---- lines ---- */

/* false: nobody reads any more. */
static bool print_line(struct follower *follower, const char *line)
{
	uint64_t id = event_line_id(line);

	if (!follower->begun && follower->since > 0 && id > follower->since + 1)
		fprintf(stderr, "ftpctl: events %ju to %ju are not kept any more\n",
			(uintmax_t)follower->since + 1, (uintmax_t)id - 1);
	follower->begun = true;
	return puts(line) >= 0;
}

/* All there are at present. 0 or -errno. */
static int print_all(struct follower *follower)
{
	const char *line;
	int got;

	while ((got = event_reader_next(&follower->reader, &line)) > 0) {
		if (!print_line(follower, line))
			return -EPIPE;
	}
	return got < 0 ? got : fflush(stdout) == 0 ? 0 : -EPIPE;
}

static void watch_journal(struct follower *follower)
{
	char path[40];

	follower->watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", follower->reader.directory);
	if (follower->watch >= 0 &&
		inotify_add_watch(follower->watch, path, IN_MODIFY | IN_MOVED_TO) < 0) {
		close(follower->watch);
		follower->watch = -1;
	}
}

static void wait_for_more(const struct follower *follower)
{
	char events[4096];
	struct pollfd watch = {.fd = follower->watch, .events = POLLIN};

	(void)poll(&watch, 1, follower->watch < 0 ? BLIND_LOOK_MS : LOOK_MS);
	while (follower->watch >= 0 && read(follower->watch, events, sizeof(events)) > 0)
		continue;
}

static enum ctl_exit read_journal(const struct ctl_wish *wish, int directory, uint64_t since)
{
	struct follower follower = {.since = since, .watch = -1};
	int error = event_reader_open(&follower.reader, directory, since);

	if (error == 0 && wish->follow)
		watch_journal(&follower);
	if (error == 0)
		error = print_all(&follower);
	while (error == 0 && wish->follow) {
		wait_for_more(&follower);
		error = print_all(&follower);
	}
	event_reader_close(&follower.reader);
	if (follower.watch >= 0)
		close(follower.watch);
	return error < 0 && error != -EPIPE ? fail("the journal", error) : CTL_WELL;
}

static bool read_id(const char *text, uint64_t *id)
{
	char *end;

	errno = 0;
	*id = strtoull(text, &end, 10);
	return errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

enum ctl_exit ctl_events_run(const struct ctl_wish *wish, int argc, char **argv)
{
	uint64_t since = 0;
	int directory;
	enum ctl_exit status;

	(void)argc;
	(void)argv;
	if (wish->since && !read_id(wish->since, &since)) {
		fprintf(stderr, "ftpctl: --since takes the id of an event, not \"%s\"\n",
			wish->since);
		return CTL_USAGE;
	}
	status = open_journal(wish, &directory);
	if (status != CTL_WELL)
		return status;
	status = read_journal(wish, directory, since);
	close(directory);
	return status;
}
